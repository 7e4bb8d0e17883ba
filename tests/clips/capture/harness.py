"""Encoded media of the test card without a room: what was shown, when, and how loud, is known."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.clips.capture.media.encoder import Encoder
from bot.clips.capture.media.frame_queue import FrameQueue, Job, PictureJob, SoundJob
from bot.clips.capture.media.ring import Cut, Ring
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.writer import Templates, write_part
from bot.clips.editing.clip_file import publish
from bot.clips.encoding.canvas import Size
from bot.clips.encoding.rate import SAMPLE_RATE, Rate
from bot.clips.encoding.scaler import RawFrame
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.sound import sound
from bot.demo.broadcast.testcard import make_content
from tests.patience import PATIENCE

FPS = 30
SMALL = Size(320, 180)
PLENTY = Rate(video=2_000_000, buffer=1_000_000, audio=96_000, height=720)
_BLOCK = SAMPLE_RATE // 10


class Script(FrameQueue):
    """A queue whose jobs are known beforehand: the encoder's thread takes them one by one."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        super().__init__()
        self._jobs = iter(jobs)
        self.begin = threading.Event()

    def take(self) -> Job | None:
        """The next job, None after the last one."""
        self.begin.wait()
        return next(self._jobs, None)


@dataclass(frozen=True, slots=True)
class Take:
    """What an encoder made of its jobs."""

    ring: Ring
    encoder: Encoder
    firsts: tuple[str, ...]

    @property
    def templates(self) -> Templates:
        """For the writer."""
        return Templates(self.encoder.video, self.encoder.audio)

    def write(self, path: Path, start: int, end: int) -> Cut:
        """The clip of [start, end), in microseconds."""
        cut = self.ring.cut(start, end)
        write_part(cut, self.templates, path)
        assert publish(path) == path
        return cut


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def encode(jobs: Iterable[Job], *, canvas: Size = SMALL, rate: Rate = PLENTY) -> Take:
    """Run all jobs through an encoder, to the end of its thread."""
    ring, firsts = Ring(60 * SECOND, 1 << 30), list[str]()
    script = Script(jobs)
    encoder = Encoder(script, ring, rate, firsts.append)
    encoder.canvas = canvas
    script.begin.set()
    encoder.join(PATIENCE)
    return Take(ring, encoder, tuple(firsts))


def frames(
    numbers: Iterable[int], *, size: Size = SMALL, content: str = "plain"
) -> Iterator[tuple[int, RawFrame]]:
    """Each number with the test card's picture of it."""
    painter = make_content(content, PictureSpec(size.width, size.height, FPS))
    for number in numbers:
        yield number, RawFrame(painter.paint(number).data.copy(), size)


def time_of(number: int) -> int:
    """When frame `number` is shown, in microseconds."""
    return number * SECOND // FPS


def pictures(
    numbers: Iterable[int],
    *,
    size: Size = SMALL,
    content: str = "plain",
    keys: Iterable[int] = (),
) -> Iterator[Job]:
    """The test card's frames at their times; those in `keys` are to be keyframes."""
    asked = set(keys)
    for number, frame in frames(numbers, size=size, content=content):
        yield PictureJob(time_of(number), frame, number in asked)


def sounds(seconds: float, *, silent: bool = False) -> Iterator[Job]:
    """The test card's sound from its beginning on, in blocks of 0.1 s."""
    for first in range(0, round(seconds * SAMPLE_RATE), _BLOCK):
        block = np.ascontiguousarray(sound(first, _BLOCK).reshape(-1))
        yield SoundJob(_BLOCK, None if silent else block)
