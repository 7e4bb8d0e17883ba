"""The judge, judged on clips whose faults are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from bot.demo.broadcast.canvas import Picture
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.sound import SAMPLE_RATE, sound
from bot.demo.broadcast.testcard import make_content
from tests.clip_judge import judge

FPS = 30


def write_clip(
    path: Path,
    numbers: Iterable[int] = range(90),
    *,
    spec: PictureSpec | None = None,
    late: float = 0.0,
    content: str = "card",
    bitrate: int = 1_000_000,
    place: Callable[[Picture], Picture] = lambda picture: picture,
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of the frames `numbers`, each at its own time, with the sound `late` seconds late."""
    spec = spec or PictureSpec(320, 180, FPS)
    painter = make_content(content, spec)
    numbers = list(numbers)
    with av.open(str(path), "w", options=options or {"movflags": "faststart"}) as container:
        shown = place(painter.paint(0))
        video = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = shown.width, shown.height, "yuv420p"
        video.bit_rate, video.gop_size = bitrate, FPS
        audio = container.add_stream("aac", rate=SAMPLE_RATE)
        for number in numbers:
            picture = place(painter.paint(number))
            rows = picture.data.reshape(picture.height * 3 // 2, picture.width)
            frame = av.VideoFrame.from_ndarray(rows, format="yuv420p")
            frame.pts, frame.time_base = number - numbers[0], Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        first = round((numbers[0] / FPS - late) * SAMPLE_RATE)
        for start in range(0, (numbers[-1] - numbers[0] + 1) * SAMPLE_RATE // FPS, 1024):
            block = np.ascontiguousarray(sound(first + start, 1024).reshape(1, -1))
            piece = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
            piece.sample_rate, piece.pts = SAMPLE_RATE, start
            piece.time_base = Fraction(1, SAMPLE_RATE)
            container.mux(audio.encode(piece))
        container.mux(audio.encode(None))
    return path


def letterboxed(picture: Picture) -> Picture:
    """Nine by sixteen in the middle of sixteen by nine, as a recorder does it."""
    frame = av.VideoFrame.from_ndarray(
        picture.data.reshape(picture.height * 3 // 2, picture.width), format="yuv420p"
    )
    small = frame.reformat(202, 360, format="yuv420p").to_ndarray()
    whole = Picture(640, 360)
    whole.y[:], whole.u[:], whole.v[:] = 16, 128, 128
    whole.y[:, 220:422] = small[:360].reshape(360, 202)
    chroma = small[360:].reshape(-1)
    whole.u[:, 110:211] = chroma[: 180 * 101].reshape(180, 101)
    whole.v[:, 110:211] = chroma[180 * 101 :].reshape(180, 101)
    return whole


def test_a_whole_clip_has_no_fault(tmp_path: Path) -> None:
    """Every figure of a clip that was written as it should be."""
    verdict = judge(write_clip(tmp_path / "clip.mp4", range(7, 97)))
    assert verdict.numbers == list(range(7, 97))
    assert (verdict.unreadable, verdict.missing, verdict.repeated, verdict.backwards) == (
        0,
        0,
        0,
        0,
    )
    assert verdict.moov_first
    assert verdict.ordered
    assert verdict.keyframe_first
    assert (verdict.width, verdict.height, verdict.pix_fmt) == (320, 180, "yuv420p")
    assert (verdict.video_codec, verdict.audio_codec) == ("h264", "aac")
    assert verdict.duration == pytest.approx(3.0, abs=0.05)
    assert verdict.longest_gap == pytest.approx(1 / FPS, abs=0.001)
    assert verdict.flashes == pytest.approx([23 / FPS, 53 / FPS, 83 / FPS], abs=0.001)
    assert verdict.silences == []
    assert 40 < verdict.mean_luma < 160


@pytest.mark.parametrize("late", [0.0, 0.08, -0.12])
def test_the_skew_is_found_to_5_ms(tmp_path: Path, late: float) -> None:
    """Late sound is positive, early sound negative."""
    verdict = judge(write_clip(tmp_path / "clip.mp4", range(10, 130), late=late))
    assert len(verdict.skews) == 3
    assert verdict.first_skew == pytest.approx(late, abs=0.005)
    assert verdict.skew_median == pytest.approx(late, abs=0.005)
    assert verdict.skew_p95 == pytest.approx(abs(late), abs=0.005)


def test_lost_frames_and_a_freeze_are_counted(tmp_path: Path) -> None:
    """A hole in the numbers is missing frames, and a gap as long as it lasted."""
    kept = [number for number in range(90) if number != 20 and not 40 <= number < 55]
    verdict = judge(write_clip(tmp_path / "clip.mp4", kept))
    assert verdict.missing == 16
    assert verdict.longest_gap == pytest.approx(16 / FPS, abs=0.001)


def test_a_loop_is_no_step_back(tmp_path: Path) -> None:
    """A pre-encoded loop starts its numbers again; without knowing it, that is a step back."""
    path = write_clip(tmp_path / "clip.mp4", [*range(60, 90)])
    verdict = judge(path, loop_frames=120)
    assert (verdict.missing, verdict.backwards) == (0, 0)


def test_a_portrait_inside_bars_is_read(tmp_path: Path) -> None:
    """The strip, 202 pixels wide, and the lamp are found between black bars."""
    portrait = PictureSpec(720, 1280, FPS)
    clip = write_clip(tmp_path / "clip.mp4", range(90), spec=portrait, place=letterboxed)
    verdict = judge(clip)
    assert verdict.numbers == list(range(90))
    assert len(verdict.flashes) == 2  # the one at 0 has no beginning in the clip
    assert all(abs(width - 202) <= 2 for width, _ in verdict.contents)


def test_noise_at_a_low_rate_is_read(tmp_path: Path) -> None:
    """What no encoder can keep: still every number and flash."""
    spec = PictureSpec(640, 360, FPS)
    clip = write_clip(tmp_path / "c.mp4", range(60), spec=spec, content="noise")
    verdict = judge(clip)
    assert verdict.numbers == list(range(60))
    assert verdict.flashes == pytest.approx([1.0], abs=0.001)


def test_a_file_that_cannot_start_early_is_told(tmp_path: Path) -> None:
    """The index comes last where nobody moved it."""
    clip = write_clip(tmp_path / "clip.mp4", range(15), options={"movflags": "0"})
    assert not judge(clip).moov_first
