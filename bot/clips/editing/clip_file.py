"""A clip's file: it grows as a part file, and is there whole under its name, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.clips.encoding.canvas import Size
from bot.clips.results import write_failure
from bot.model import ClipFailure, ClipResult, ClipStatus

_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was copied out of others. `begins` is where its zero lies in what it was cut out
    of; both are seconds. `picture` is None where it has none."""

    begins: float
    seconds: float
    bytes: int
    frames: int
    picture: Size | None
    has_audio: bool

    def result(self, path: Path, poster: str | None) -> ClipResult:
        """That of the clip, once it has its name and its poster."""
        picture = self.picture
        return ClipResult(
            ClipStatus.COMPLETE,
            path=path,
            seconds=self.seconds,
            width=picture.width if picture else None,
            height=picture.height if picture else None,
            fps=round(self.frames / self.seconds, 2) if picture else None,
            bytes=self.bytes,
            has_video=picture is not None,
            has_audio=self.has_audio,
            poster=poster,
        )


class WriteFailure(Exception):
    """The file could not be written; nothing of it is left."""

    def __init__(self, failure: ClipFailure, detail: str) -> None:
        super().__init__(failure.value, detail)
        self.failure = failure
        self.detail = detail


def part_of(path: Path, pid: int | None = None, clip: int = 0) -> Path:
    """Where the process `pid` (else this one) lets the clip at `path` grow until it is whole.
    `clip` tells apart those of one process that are to have the same name."""
    grower = f"{pid or os.getpid()}-{clip}" if clip else f"{pid or os.getpid()}"
    return path.with_name(f".{path.name}.{grower}.part")


def publish(path: Path, clip: int = 0) -> Path:
    """Give the part file its name; where that is taken by now, a numbered one. Never overwrites."""
    part = part_of(path, clip=clip)
    try:
        for candidate in _names(path):
            with contextlib.suppress(FileExistsError):
                _claim(part, candidate)
                return candidate
    except OSError as error:
        raise broken(part, error) from error
    raise AssertionError("unreachable: there is always a next number")


def broken(part: Path, error: Exception) -> WriteFailure:
    """Remove what there is of the file; the failure to raise."""
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    failure = write_failure(error)
    return WriteFailure(failure, getattr(error, "strerror", "") or type(error).__name__)


def _names(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_stem(f"{path.stem}-{number}")
        number += 1


def _claim(part: Path, path: Path) -> None:
    try:
        os.link(part, path)  # unlike rename, it fails where the name is taken
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _claim_without_links(part, path)
    else:
        part.unlink()


def _claim_without_links(part: Path, path: Path) -> None:
    with path.open("xb"):
        pass
    try:
        part.replace(path)
    except OSError:
        path.unlink()
        raise
