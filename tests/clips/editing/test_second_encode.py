"""A clip encoded anew, in the process that does it."""

from __future__ import annotations

import asyncio
import shutil
from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture import MakeClip
from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing import ShrinkClip, Shrunk, second_encode
from bot.clips.editing.second_encode import LONGEST_SECONDS, encode_smaller, turn_in
from bot.clips.encoding import Rate
from bot.clips.workers.capture_client import longest_wait
from bot.kit.pictures.jpeg import jpeg_size
from bot.model import ClipFailure
from tests.clip_judge import judge
from tests.clips.capture.harness import encode, names, pictures, sounds
from tests.fakes.clock import until


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second that no encoder can make small."""
    path = tmp_path_factory.mktemp("noise") / "clip.mp4"
    rate = Rate(video=6_000_000, buffer=3_000_000, audio=96_000, height=720)
    jobs = chain(sounds(1.5), pictures(range(45), content="noise"))
    encode(jobs, rate=rate).write(path, 0, SECOND)
    return path


async def test_the_process_writes_a_smaller_file_beside_the_old_one(
    noise: Path, tmp_path: Path
) -> None:
    before, target = noise.read_bytes(), tmp_path / "smaller.mp4"
    limit = len(before) // 2
    poster = tmp_path / "smaller.jpg"
    made = await encode_smaller(ShrinkClip(str(noise), str(target), limit, str(poster)))
    assert isinstance(made, Shrunk)
    assert (made.poster, jpeg_size(poster)) == ("smaller.jpg", (made.width, made.height))
    verdict = judge(target)
    assert made.bytes == target.stat().st_size <= limit
    assert (made.width, made.height) == (verdict.width, verdict.height)
    assert verdict.moov_first
    assert verdict.duration == pytest.approx(1.0, abs=0.1)
    assert noise.read_bytes() == before
    assert names(tmp_path) == ["smaller.jpg", "smaller.mp4"]


@pytest.mark.parametrize("limit", [5_000, 100_000_000])
async def test_what_the_process_cannot_do_leaves_nothing(
    tmp_path: Path, noise: Path, limit: int
) -> None:
    source = noise if limit == 5_000 else tmp_path / "not-there.mp4"
    target = tmp_path / "smaller.mp4"
    failure = ClipFailure.TOO_FEW_BYTES if limit == 5_000 else ClipFailure.NOT_WRITABLE
    assert await encode_smaller(ShrinkClip(str(source), str(target), limit)) is failure
    assert list(tmp_path.iterdir()) == []


async def test_whoever_stops_waiting_ends_the_process_and_what_it_wrote(
    tmp_path: Path, noise: Path
) -> None:
    target = tmp_path / "smaller.mp4"
    work = asyncio.create_task(encode_smaller(ShrinkClip(str(noise), str(target), 60_000)))
    await until(lambda: bool(list(tmp_path.iterdir())) or work.done())
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert list(tmp_path.iterdir()) == []


async def test_one_is_encoded_at_a_time_in_one_folder_whoever_wants_it(tmp_path: Path) -> None:
    ended: list[int] = []
    may_end = asyncio.Event()

    async def encode_one(number: int) -> None:
        async with turn_in(tmp_path):
            await may_end.wait()
            ended.append(number)

    (elsewhere := tmp_path / "elsewhere").mkdir()
    first = asyncio.create_task(encode_one(1))
    await asyncio.sleep(0)
    second = asyncio.create_task(encode_one(2))
    async with turn_in(elsewhere), turn_in(tmp_path / "not there"):
        assert not (await asyncio.wait({second}, timeout=0.3))[0]
        first.cancel()
        may_end.set()
        await second
    assert ended == [2]
    assert names(tmp_path) == ["elsewhere"], "it leaves nothing"


async def test_whoever_came_first_has_the_next_turn(tmp_path: Path) -> None:
    ended: list[str] = []

    async def encode_one(name: str) -> None:
        async with turn_in(tmp_path):
            ended.append(name)

    async with turn_in(tmp_path):
        first = asyncio.create_task(encode_one("first"))
        await asyncio.sleep(0)
    await encode_one("later")
    await first
    assert ended == ["first", "later"]


async def test_nobody_waits_for_a_turn_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with turn_in(tmp_path):
        monkeypatch.setattr(second_encode, "_TURN_SECONDS", 0.01)
        with pytest.raises(TimeoutError):
            async with turn_in(tmp_path):
                pass
    async with turn_in(tmp_path):
        assert names(tmp_path) == []


def test_a_clip_is_waited_for_until_its_second_encode_is_over() -> None:
    want = MakeClip(30.0, "clip.mp4", 1 << 20)
    assert longest_wait(want, 0.0) > 60 + LONGEST_SECONDS


async def test_a_file_can_be_made_smaller_in_its_place(noise: Path, tmp_path: Path) -> None:
    clip = Path(shutil.copy(noise, tmp_path))
    limit = clip.stat().st_size // 2
    made = await encode_smaller(ShrinkClip(str(clip), str(clip), limit))
    assert isinstance(made, Shrunk)
    assert made.bytes == clip.stat().st_size <= limit
    assert names(tmp_path) == [clip.name]
