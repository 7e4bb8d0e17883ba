from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from bot.clips.capture.media.frame_queue import PICTURES, FrameQueue, Job, PictureJob, SoundJob
from bot.clips.capture.media.ring import Cut
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.writer import Templates, write_part
from bot.clips.editing import part_of
from bot.clips.editing.clip_file import WriteFailure, publish
from bot.clips.encoding import plan
from bot.clips.encoding.canvas import Size
from bot.clips.encoding.rate import SAMPLE_RATE
from bot.clips.encoding.scaler import RawFrame
from bot.model import ClipFailure
from tests.clip_judge import judge
from tests.clips.capture.harness import (
    FPS,
    SMALL,
    Take,
    encode,
    frames,
    names,
    pictures,
    sounds,
    time_of,
)
from tests.patience import PATIENCE

TWO_AND_A_HALF = range(75)


@pytest.fixture(scope="module")
def take() -> Take:
    """2.5 s of the card and its sound."""
    return encode(chain(sounds(2.5), pictures(TWO_AND_A_HALF, content="card")))


def keys(take: Take) -> list[float]:
    cut = take.ring.cut(-SECOND, 60 * SECOND)
    return [round(p.time / SECOND, 3) for p in cut.video if p.key]


def test_a_beginning_that_is_pushed_out_is_where_its_keyframe_is() -> None:
    """Where the encoder is behind, or the clip would begin at the group before it."""
    frame_queue = FrameQueue()
    for number, frame in frames(range(2 * PICTURES)):
        frame_queue.put_picture(PictureJob(time_of(number), frame, key=number == 3))
    frame_queue.close()
    left: list[Job] = []
    while (job := frame_queue.take()) is not None:
        left.append(job)
    take = encode(left)
    assert take.encoder.began_at == time_of(PICTURES)
    assert take.ring.nearest_key(time_of(3)) == pytest.approx(time_of(PICTURES), abs=12)


def test_a_beginning_that_cannot_be_read_is_the_next_picture() -> None:
    """Or the clip would wait for its beginning for ever."""
    broken = PictureJob(time_of(0), RawFrame(b"", SMALL), key=True)
    take = encode([broken, *pictures(range(1, 3))])
    assert take.encoder.began_at == time_of(1)


def test_a_clip_plays_everywhere(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    cut = take.write(path, 0, 2 * SECOND)
    verdict = judge(path)
    assert (verdict.video_codec, verdict.audio_codec) == ("h264", "aac")
    assert verdict.pix_fmt == "yuv420p"
    assert (verdict.width, verdict.height) == (SMALL.width, SMALL.height)
    assert verdict.moov_first
    assert verdict.ordered
    assert verdict.keyframe_first
    assert verdict.pts[0] == 0.0
    assert verdict.video_end == pytest.approx(2.0, abs=0.002)
    assert verdict.audio_end == pytest.approx(2.0, abs=0.1)
    assert verdict.duration == pytest.approx(2.0, abs=0.03)
    assert verdict.numbers == list(range(60))
    assert verdict.fps == pytest.approx(FPS, abs=0.1)
    assert verdict.bytes == path.stat().st_size
    assert len(cut.video) == 60
    assert names(tmp_path) == ["clip.mp4"]


def test_a_cut_from_the_middle_begins_on_a_keyframe_with_its_sound_in_step(
    take: Take, tmp_path: Path
) -> None:
    """One zero for both: beep and flash at 2 s are at 1 s of a clip that begins at 1 s."""
    path = tmp_path / "clip.mp4"
    cut = take.write(path, 1_200_000, 2_400_000)
    verdict = judge(path)
    assert cut.start == SECOND
    assert verdict.keyframe_first
    assert verdict.pts[0] == 0.0
    assert verdict.numbers == list(range(30, 72))
    assert verdict.flashes == pytest.approx([1.0], abs=0.001)
    assert verdict.beeps[-1] == pytest.approx(1.0, abs=0.005)
    assert verdict.audio_start is not None
    assert 0 <= verdict.audio_start < 0.025
    assert verdict.audio_end == pytest.approx(1.4, abs=0.1)
    assert verdict.video_end == pytest.approx(1.4, abs=0.002)


def test_two_clips_of_one_ring_are_the_same_to_the_byte(take: Take, tmp_path: Path) -> None:
    """Muxing changes the packets that it is given: the ring's must not be those."""
    for name in ("one.mp4", "two.mp4"):
        take.write(tmp_path / name, 0, 2 * SECOND)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_group_of_pictures_begins_each_half_second(take: Take) -> None:
    assert keys(take) == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_groups_begin_by_time_even_where_frames_come_irregularly() -> None:
    numbers = [n for n in range(90) if n % 7 not in (2, 3) and not 35 <= n < 40]
    begun = keys(encode(pictures(numbers)))
    assert begun[0] == 0.0
    assert all(0.3 < later - earlier < 0.8 for earlier, later in pairwise(begun))


def test_a_picture_that_was_asked_to_begin_a_group_begins_one() -> None:
    """The first one is the recording's beginning: what came before is no part of it."""
    take = encode(pictures(range(75), keys=[17, 50]))
    assert take.encoder.began_at == time_of(17)
    assert keys(take) == [round(time_of(number) / SECOND, 3) for number in (17, 32, 47, 50, 65)]
    assert take.ring.cut(time_of(17), SECOND).start == pytest.approx(time_of(17), abs=12)


def test_both_kinds_of_media_are_told_of_once(take: Take) -> None:
    assert sorted(take.firsts) == ["picture", "sound"]
    assert take.encoder.error is None


def test_a_picture_is_held_where_none_comes(tmp_path: Path) -> None:
    shown = pictures(range(15), content="card")
    held = (PictureJob(time_of(n), None) for n in range(15, 75, 6))
    encode(chain(shown, held, sounds(2.5))).write(tmp_path / "clip.mp4", 0, 2 * SECOND)
    verdict = judge(tmp_path / "clip.mp4")
    assert verdict.numbers[:15] == list(range(15))
    assert set(verdict.numbers[15:]) == {14}
    assert verdict.video_end == pytest.approx(2.0, abs=0.002)


def test_the_last_picture_lasts_to_the_end_of_the_clip(tmp_path: Path) -> None:
    encode(chain(pictures(range(31)), sounds(2.5))).write(tmp_path / "clip.mp4", 0, 2 * SECOND)
    verdict = judge(tmp_path / "clip.mp4")
    assert verdict.frames == 30  # one is held back by the encoder
    assert verdict.video_end == pytest.approx(2.0, abs=0.002)


def test_frames_at_their_own_times_keep_them(tmp_path: Path) -> None:
    """Variable frame rate: no frame is moved, doubled or left out."""
    numbers = [0, 1, 2, 3, 9, 10, 11, 25, 26, 27, 28, 40, 41, 60, 61]
    encode(chain(pictures(numbers), sounds(2.5))).write(tmp_path / "clip.mp4", 0, 2 * SECOND)
    verdict = judge(tmp_path / "clip.mp4")
    assert verdict.numbers == numbers[:-2]
    assert verdict.pts == pytest.approx([n / FPS for n in numbers[:-2]], abs=0.0005)


def test_sound_alone_makes_a_clip(tmp_path: Path) -> None:
    encode(sounds(2.5)).write(tmp_path / "clip.mp4", 300_000, 2_300_000)
    verdict = judge(tmp_path / "clip.mp4")
    assert (verdict.frames, verdict.video_codec) == (0, "")
    assert verdict.moov_first
    assert verdict.beeps == pytest.approx([0.7, 1.7], abs=0.005)
    assert verdict.audio_end == pytest.approx(2.0, abs=0.1)


def test_pictures_alone_make_a_clip(tmp_path: Path) -> None:
    encode(pictures(range(45))).write(tmp_path / "clip.mp4", 0, SECOND)
    verdict = judge(tmp_path / "clip.mp4")
    assert verdict.audio_codec == ""
    assert verdict.frames == 30
    assert verdict.duration == pytest.approx(1.0, abs=0.002)


def test_silence_lasts_as_long_as_the_sound_in_its_place(tmp_path: Path) -> None:
    jobs: list[Job] = [
        *list(sounds(1.0)),
        SoundJob(SAMPLE_RATE // 2 + 77, None),
        *list(sounds(1.3)),
    ]
    encode(jobs).write(tmp_path / "clip.mp4", 0, 2_500_000)
    verdict = judge(tmp_path / "clip.mp4")
    assert len(verdict.silences) == 1
    assert verdict.silences[0] == pytest.approx((1.0, 1.5), abs=0.05)


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize(("size", "kib"), [(Size(320, 180), 120), (Size(640, 360), 400)])
def test_noise_stays_within_the_bound_that_was_planned(
    tmp_path: Path, size: Size, kib: int, step: int
) -> None:
    """Pictures that no encoder can make small, at 30 and at 15 a second."""
    rate = plan(2.0, kib * 1024, size.height)
    assert rate is not None
    jobs = chain(sounds(2.5), pictures(range(0, 75, step), size=size, content="noise"))
    take = encode(jobs, canvas=size, rate=rate)
    take.write(tmp_path / "clip.mp4", 0, 2 * SECOND)
    assert (tmp_path / "clip.mp4").stat().st_size <= kib * 1024


def test_a_frame_that_cannot_be_read_is_counted_and_ends_nothing() -> None:
    """What a room sends is data: the picture before it is shown in its place."""
    broken = PictureJob(SECOND, RawFrame(b"too short", SMALL))
    take = encode(chain([broken], pictures(range(10)), [broken], pictures(range(40, 50))))
    assert take.encoder.error is None
    assert take.encoder.unusable == 2
    assert take.ring.video_end == pytest.approx(time_of(48), abs=1_000), "one is held back"


def test_a_picture_as_flat_as_a_canvas_can_be_is_encoded() -> None:
    flat = Size(1280, 2)
    frame = RawFrame(bytes(Size(8_192, 16).bytes), Size(8_192, 16))
    take = encode([PictureJob(time_of(n), frame) for n in range(5)], canvas=flat)
    assert take.encoder.error is None
    assert take.encoder.unusable == 0
    assert take.ring.video_end is not None


def test_frames_of_changing_sizes_lie_on_one_canvas(tmp_path: Path) -> None:
    jobs: list[Job] = []
    for start, size in ((0, Size(160, 90)), (20, Size(320, 180)), (40, Size(640, 360))):
        numbers = range(start, start + 20)
        jobs += [PictureJob(time_of(n), frame) for n, frame in frames(numbers, size=size)]
    encode([*jobs, *sounds(2.0)]).write(tmp_path / "clip.mp4", 0, time_of(58) - 1_000)
    verdict = judge(tmp_path / "clip.mp4")
    assert (verdict.width, verdict.height) == (320, 180)
    assert verdict.frames == 58
    assert verdict.contents == [(320, 180)]
    assert verdict.numbers[20:] == list(range(20, 58))


# Files


def test_a_file_that_is_there_is_left_alone_and_the_clip_gets_a_number(
    take: Take, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"mine")
    cut = take.ring.cut(0, SECOND)
    named = []
    for _ in range(2):
        write_part(cut, take.templates, path)
        named.append(publish(path))
    assert path.read_bytes() == b"mine"
    assert [p.name for p in named] == ["clip-2.mp4", "clip-3.mp4"]
    assert judge(named[1]).moov_first
    assert names(tmp_path) == ["clip-2.mp4", "clip-3.mp4", "clip.mp4"]


def test_a_link_that_leads_nowhere_is_left_alone_too(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.symlink_to(tmp_path / "elsewhere.mp4")
    write_part(take.ring.cut(0, SECOND), take.templates, path)
    assert publish(path).name == "clip-2.mp4"
    assert path.is_symlink()
    assert not (tmp_path / "elsewhere.mp4").exists()


def test_until_it_is_whole_a_clip_has_no_name(take: Take, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    written = write_part(take.ring.cut(0, SECOND), take.templates, path)
    assert names(tmp_path) == [part_of(path).name]
    assert part_of(path).stat().st_size == written


def refused(cut: Cut, templates: Templates, path: Path) -> WriteFailure:
    with pytest.raises(WriteFailure) as caught:
        write_part(cut, templates, path)
    return caught.value


def test_a_full_disk_leaves_nothing(take: Take, tmp_path: Path) -> None:
    """Each write to /dev/full says what a full disk says."""
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is a thing of Linux")
    path = tmp_path / "clip.mp4"
    part_of(path).symlink_to("/dev/full")
    failure = refused(take.ring.cut(0, 2 * SECOND), take.templates, path)
    assert failure.failure is ClipFailure.DISK_FULL
    assert failure.detail
    assert names(tmp_path) == []


@pytest.mark.parametrize("folder", ["missing/deeper", "file"])
def test_a_folder_that_cannot_be_written_to_is_told(
    take: Take, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    failure = refused(take.ring.cut(0, SECOND), take.templates, tmp_path / folder / "clip.mp4")
    assert failure.failure is ClipFailure.NOT_WRITABLE
    assert names(tmp_path) == ["file"]


CHILD = """
import os, resource, sys
from pathlib import Path
from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing.clip_file import WriteFailure, publish
from bot.clips.capture.output.writer import write_part
from tests.clips.capture.harness import encode, pictures, sounds
from itertools import chain
take = encode(chain(sounds(1.5), pictures(range(45), content="noise")))
path, how = Path(sys.argv[1]), sys.argv[2]
if how == "small-files":
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
if how == "no-rights" and os.getuid() == 0:
    os.setuid(65534)
try:
    write_part(take.ring.cut(0, SECOND), take.templates, path)
    publish(path)
except WriteFailure as failure:
    print(failure.failure.value, os.listdir(path.parent))
"""


@pytest.mark.parametrize(
    ("how", "told"), [("small-files", "disk-full"), ("no-rights", "not-writable")]
)
def test_what_the_system_refuses_a_process_is_told_and_leaves_nothing(
    tmp_path: Path, how: str, told: str
) -> None:
    """In a child, for it cannot be taken back: a limit on the size of files; a read-only folder."""
    tmp_path.chmod(0o555)
    for parent in tmp_path.parents[:3]:
        if parent.owner() == tmp_path.owner() and parent != Path("/tmp"):
            parent.chmod(0o755)
    if how == "small-files":
        tmp_path.chmod(0o755)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "clip.mp4"), how],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    tmp_path.chmod(0o755)
    assert child.stdout.strip() == f"{told} []", child.stderr


def test_a_name_that_is_taken_when_it_is_published_costs_nothing(
    take: Take, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    write_part(take.ring.cut(0, SECOND), take.templates, path)
    path.mkdir()
    assert publish(path).name == "clip-2.mp4"
    assert path.is_dir()


def test_a_part_that_vanished_leaves_no_empty_clip(tmp_path: Path) -> None:
    with pytest.raises(WriteFailure):
        publish(tmp_path / "clip.mp4")
    assert names(tmp_path) == []


def test_the_streams_are_described_in_the_usual_time_bases(take: Take, tmp_path: Path) -> None:
    take.write(tmp_path / "clip.mp4", 0, SECOND)
    container: Any
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.streams.video[0].time_base == Fraction(1, 90_000)
        assert container.streams.audio[0].time_base == Fraction(1, SAMPLE_RATE)
        assert container.streams.audio[0].layout.name == "stereo"
        assert container.streams.video[0].codec_context.max_b_frames == 0
        assert container.streams.video[0].sample_aspect_ratio in (None, 0, 1)
