"""Files of clips, written as a capture goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture import MakeClip
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.clip_files import ClipFile, ClipFiles
from bot.clips.editing import part_of
from bot.clips.editing.clip_file import WriteFailure
from bot.clips.encoding import Rate
from bot.model import ClipFailure, NoteKind
from tests.clip_judge import judge
from tests.clips.capture.harness import SMALL, Take, encode, names, pictures, sounds
from tests.fakes.clock import until

GENEROUS = Rate(video=6_000_000, buffer=3_000_000, audio=96_000, height=720)
PLENTY = 1 << 30


@pytest.fixture(scope="module")
def take() -> Take:
    """2.5 s that no encoder can make small."""
    return encode(chain(sounds(2.5), pictures(range(75), content="noise")), rate=GENEROUS)


def clip(folder: Path, name: str = "clip", max_bytes: int = PLENTY) -> MakeClip:
    return MakeClip(2.0, str(folder / f"{name}.mp4"), max_bytes, str(folder / f"{name}.jpg"))


async def write(files: ClipFiles, take: Take, want: MakeClip) -> ClipFile:
    return await files.write(want, take.ring.cut(0, 2 * SECOND), take.templates, SMALL)


async def test_a_clip_and_its_poster_are_written_and_nothing_else(
    take: Take, tmp_path: Path
) -> None:
    file = await write(ClipFiles(), take, clip(tmp_path))
    assert names(tmp_path) == ["clip.jpg", "clip.mp4"]
    assert (file.path, file.poster, file.notes) == (tmp_path / "clip.mp4", "clip.jpg", [])


async def test_several_at_once_are_all_written(take: Take, tmp_path: Path) -> None:
    files = ClipFiles()
    wants = [clip(tmp_path, str(number)) for number in range(5)]
    await asyncio.gather(*(write(files, take, want) for want in wants))
    assert len({(tmp_path / f"{number}.mp4").read_bytes() for number in range(5)}) == 1
    assert len(names(tmp_path)) == 10


async def test_several_of_one_name_are_all_kept(take: Take, tmp_path: Path) -> None:
    files, limit = ClipFiles(), PLENTY
    for number in range(2):  # as they are, then encoded a second time
        same = [replace(clip(tmp_path, max_bytes=limit), poster=None, id=one) for one in (1, 2, 3)]
        made = await asyncio.gather(*(write(files, take, want) for want in same))
        named = {file.path for file in made}
        assert len(named) == 3
        assert all(judge(path).duration == pytest.approx(2.0, abs=0.1) for path in named if path)
        assert len(names(tmp_path)) == 3 * (number + 1)
        limit = made[0].bytes // 2


async def test_one_that_is_too_large_is_encoded_anew_and_holds_up_no_other(
    take: Take, tmp_path: Path
) -> None:
    files = ClipFiles()
    limit = (await write(files, take, clip(tmp_path, "first"))).bytes // 2
    large = asyncio.create_task(write(files, take, clip(tmp_path, "large", limit)))
    await until(lambda: part_of(tmp_path / "large.mp4").exists())
    await write(files, take, clip(tmp_path, "second"))
    assert not large.done()
    file = await large
    assert [note.kind for note in file.notes] == [NoteKind.SECOND_ENCODE]
    assert judge(tmp_path / "large.mp4").bytes == file.bytes <= limit
    assert len(names(tmp_path)) == 6


async def test_one_that_cannot_be_made_so_small_leaves_nothing(take: Take, tmp_path: Path) -> None:
    with pytest.raises(WriteFailure) as caught:
        await write(ClipFiles(), take, clip(tmp_path, max_bytes=5_000))
    assert caught.value.failure is ClipFailure.TOO_FEW_BYTES
    assert names(tmp_path) == []


@pytest.mark.parametrize("max_bytes", [PLENTY, 60_000])
async def test_one_that_nobody_wants_any_more_leaves_nothing(
    take: Take, tmp_path: Path, max_bytes: int
) -> None:
    """While it is written, and while it is encoded anew."""
    writing = asyncio.create_task(write(ClipFiles(), take, clip(tmp_path, max_bytes=max_bytes)))
    await until(lambda: names(tmp_path) != [])
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert names(tmp_path) == []


async def test_a_full_disk_is_one_clips_own_matter(take: Take, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is a thing of Linux")
    files = ClipFiles()
    part_of(tmp_path / "full.mp4").symlink_to("/dev/full")
    full, other = await asyncio.gather(
        write(files, take, clip(tmp_path, "full")),
        write(files, take, clip(tmp_path, "other")),
        return_exceptions=True,
    )
    assert isinstance(full, WriteFailure)
    assert full.failure is ClipFailure.DISK_FULL
    assert isinstance(other, ClipFile)
    assert names(tmp_path) == ["other.jpg", "other.mp4"]


async def test_what_fails_without_being_foreseen_leaves_nothing(
    take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a picture takes more memory than the process may have."""

    def fails(_cut: object, _templates: object, path: Path, clip: int) -> int:
        part_of(path, clip=clip).write_bytes(b"half of it")
        raise MemoryError

    monkeypatch.setattr("bot.clips.capture.output.clip_files.write_part", fails)
    with pytest.raises(MemoryError):
        await write(ClipFiles(), take, replace(clip(tmp_path), id=1))
    assert names(tmp_path) == []
