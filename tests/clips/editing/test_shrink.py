from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import chain
from pathlib import Path

import av
import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.writer import write_part
from bot.clips.editing import part_of
from bot.clips.editing.clip_file import WriteFailure
from bot.clips.editing.shrink import shrink
from bot.clips.encoding import Rate
from bot.clips.encoding.canvas import Size
from bot.model import ClipFailure
from tests.clip_judge import judge
from tests.clips.capture.harness import SMALL, Take, encode, names, pictures, sounds, time_of

KIB = 1024
GENEROUS = Rate(video=6_000_000, buffer=3_000_000, audio=96_000, height=720)


@pytest.fixture(scope="module")
def noise() -> Take:
    """2.5 s that no encoder can make small."""
    jobs = chain(sounds(2.5), pictures(range(75), content="noise"))
    return encode(jobs, rate=GENEROUS)


def part(take: Take, folder: Path, *, start: int = 0, end: int = 2 * SECOND) -> Path:
    """The part file of a clip."""
    path = folder / "clip.mp4"
    write_part(take.ring.cut(start, end), take.templates, path)
    return part_of(path)


def test_noise_is_made_smaller_than_the_limit_and_stays_whole(noise: Take, tmp_path: Path) -> None:
    clip = part(noise, tmp_path)
    before = judge(clip)
    limit = before.bytes // 3
    assert shrink(clip, limit).bytes == clip.stat().st_size <= limit
    after = judge(clip)
    assert after.moov_first
    assert after.ordered
    assert after.keyframe_first
    assert after.pts[0] == 0.0
    assert (after.video_codec, after.audio_codec, after.pix_fmt) == ("h264", "aac", "yuv420p")
    assert after.duration == pytest.approx(before.duration, abs=0.1)
    assert after.video_end == pytest.approx(2.0, abs=0.1)
    assert after.audio_end == pytest.approx(2.0, abs=0.1)
    assert after.pts == pytest.approx(before.pts, abs=0.001)
    assert names(tmp_path) == [clip.name]


def test_the_numbers_and_beeps_are_where_they_were(noise: Take, tmp_path: Path) -> None:
    clip = part(noise, tmp_path)
    before = judge(clip)
    shrink(clip, before.bytes * 2 // 3)
    after = judge(clip)
    assert after.numbers == before.numbers == list(range(60))
    assert after.flashes == before.flashes
    assert after.beeps == pytest.approx(before.beeps, abs=0.005)


def test_a_keyframe_still_comes_each_half_second(noise: Take, tmp_path: Path) -> None:
    clip = part(noise, tmp_path)
    shrink(clip, 150 * KIB)
    assert judge(clip).keyframes == pytest.approx([0.0, 0.5, 1.0, 1.5], abs=0.04)


def test_where_the_bits_are_few_the_picture_becomes_smaller_and_keeps_its_shape(
    tmp_path: Path,
) -> None:
    size = Size(640, 360)
    jobs = chain(sounds(1.5), pictures(range(45), size=size, content="noise"))
    clip = part(encode(jobs, canvas=size, rate=GENEROUS), tmp_path, end=SECOND)
    shrink(clip, 32 * KIB)
    verdict = judge(clip)
    assert verdict.height == 240
    assert verdict.width == pytest.approx(240 * 16 / 9, abs=2)
    assert verdict.bytes <= 32 * KIB


def test_a_picture_that_was_held_to_the_end_still_lasts_to_the_end(tmp_path: Path) -> None:
    """Without sound the last picture alone says how long the clip is."""
    take = encode(pictures(range(31), content="noise"), rate=GENEROUS)
    clip = part(take, tmp_path)
    before = judge(clip)
    assert before.duration == pytest.approx(2.0, abs=0.01)
    shrink(clip, before.bytes // 2)
    assert judge(clip).duration == pytest.approx(2.0, abs=0.1)


def test_pictures_at_their_own_times_keep_them(tmp_path: Path) -> None:
    numbers = [0, 1, 2, 7, 8, 20, 21, 22, 40, 41, 42]
    jobs = chain(sounds(1.5), pictures(numbers, content="noise"))
    clip = part(encode(jobs, rate=GENEROUS), tmp_path, end=time_of(42) - 1_000)
    shrink(clip, clip.stat().st_size * 2 // 3)
    after = judge(clip)
    assert after.pts == pytest.approx([n / 30 for n in numbers[:-1]], abs=0.001)


def test_sound_alone_can_be_made_smaller(tmp_path: Path) -> None:
    clip = part(encode(sounds(2.5)), tmp_path)
    shrink(clip, 64 * KIB)
    verdict = judge(clip)
    assert verdict.frames == 0
    assert verdict.beeps == pytest.approx([1.0], abs=0.005) or len(verdict.beeps) == 2
    assert verdict.duration == pytest.approx(2.0, abs=0.1)


def test_a_limit_that_cannot_be_met_is_told_and_leaves_nothing(noise: Take, tmp_path: Path) -> None:
    clip = part(noise, tmp_path)
    with pytest.raises(WriteFailure) as caught:
        shrink(clip, 5 * KIB)
    assert caught.value.failure is ClipFailure.TOO_FEW_BYTES
    assert names(tmp_path) == []


def test_a_full_disk_is_told_and_leaves_nothing(noise: Take, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is a thing of Linux")
    clip = part(noise, tmp_path)
    clip.with_suffix(".smaller").symlink_to("/dev/full")
    with pytest.raises(WriteFailure) as caught:
        shrink(clip, 100 * KIB)
    assert caught.value.failure is ClipFailure.DISK_FULL
    assert names(tmp_path) == []


def test_a_clip_of_another_shape_keeps_it(tmp_path: Path) -> None:
    size = Size(180, 320)
    jobs = chain(sounds(1.5), pictures(range(45), size=size, content="noise"))
    clip = part(encode(jobs, canvas=size, rate=GENEROUS), tmp_path, end=SECOND)
    shrink(clip, clip.stat().st_size // 2)
    verdict = judge(clip)
    assert verdict.width < verdict.height
    assert SMALL.turned == size


JUNK = bytes((43 * at + 7) % 251 for at in range(251))


def damaged(clip: Path, kind: str, at: Collection[int]) -> None:
    """Those packets of a picture, or of sound, are no such thing."""
    old = clip.with_suffix(".old")
    clip.rename(old)
    with av.open(str(old)) as source, av.open(str(clip), "w", format="mp4") as target:
        outputs = {one.index: target.add_stream_from_template(one) for one in source.streams}
        numbers = Counter[str]()
        for packet in source.demux():
            if not packet.size:
                continue
            copy, number = packet, numbers[packet.stream.type]
            numbers[packet.stream.type] += 1
            if packet.stream.type == kind and number in at:
                head = bytes(packet)[:4] if kind == "video" else b""
                copy = av.Packet(head + (JUNK * packet.size)[: packet.size - len(head)])
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                copy.duration, copy.is_keyframe = packet.duration, packet.is_keyframe
            copy.stream = outputs[packet.stream.index]
            target.mux(copy)
    old.unlink()


@pytest.mark.parametrize("at", [0, 7])
def test_a_damaged_picture_is_left_out(noise: Take, at: int, tmp_path: Path) -> None:
    clip = part(noise, tmp_path)
    damaged(clip, "video", {at})
    shrink(clip, clip.stat().st_size * 2 // 3)
    after = judge(clip)
    assert 40 <= after.frames <= 60
    assert after.pts[-1] == pytest.approx(59 / 30, abs=0.001)
    assert after.video_end == pytest.approx(2.0, abs=0.1)
    assert after.audio_end == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("at", [{0}, {10, 11, 12, 13, 14}])
def test_damaged_sound_becomes_silence(noise: Take, at: set[int], tmp_path: Path) -> None:
    clip = part(noise, tmp_path)
    damaged(clip, "audio", at)
    shrink(clip, clip.stat().st_size * 2 // 3)
    after = judge(clip)
    assert after.frames == 60
    assert after.audio_end == pytest.approx(2.0, abs=0.1)
    assert after.beeps[-1] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_where_all_is_damaged_it_is_told_and_nothing_is_left(
    noise: Take, kind: str, tmp_path: Path
) -> None:
    clip = part(noise, tmp_path)
    damaged(clip, kind, range(500))
    with pytest.raises(WriteFailure) as caught:
        shrink(clip, clip.stat().st_size * 2 // 3)
    assert caught.value.failure is ClipFailure.WRITE_FAILED
    assert names(tmp_path) == []
