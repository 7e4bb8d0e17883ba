"""The site's own clips: fetched, taken over by a real process, and made smaller where need be."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing import ShrinkClip, Shrunk
from bot.clips.sources import SiteSource
from bot.errors import PumpfunError
from bot.kit.files import Files, poster_of
from bot.kit.pictures.jpeg import jpeg_size
from bot.model import (
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    NoteKind,
    Reason,
    SourceName,
    Window,
)
from tests.clip_judge import judge
from tests.clips.capture.harness import FPS, encode, names, pictures, sounds

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
URL = "https://clips.pump.fun/mint/clips/x/clip.mp4"
CLIP = "minty-00000000000000aa.mp4"
WINDOW = Window.after(NOON, 4.0)
PLENTY = 10 << 20


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of noise, which no encoder makes small."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    jobs = chain(sounds(5), pictures(range(5 * FPS), content="noise"))
    encode(jobs).write(path, 0, 4 * SECOND)
    return path


@dataclass
class Downloads:
    """Puts `data` where it is wanted, or raises `error`."""

    data: bytes = b""
    error: Exception | None = None
    urls: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    is_held: bool = False

    async def fetch(self, url: str, path: Path) -> int:
        self.urls.append(url)
        self.begun.set()
        if self.error is not None:
            raise self.error
        path.write_bytes(self.data)
        if self.is_held:
            await asyncio.Event().wait()
        return len(self.data)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "clips").mkdir()
    return Files(tmp_path / "clips")


@pytest.fixture
def downloads(film: Path) -> Downloads:
    return Downloads(film.read_bytes())


def wanted(files: Files, max_bytes: int = PLENTY) -> ClipRequest:
    return ClipRequest(
        mint="mint",
        seconds=4.0,
        path=files.path(CLIP),
        max_bytes=max_bytes,
        max_height=720,
        window=WINDOW,
        poster=files.path(poster_of(CLIP)),
        url=URL,
    )


async def cut(files: Files, downloads: Downloads, max_bytes: int = PLENTY) -> ClipResult:
    return await SiteSource(downloads).cut(wanted(files, max_bytes))


async def test_it_has_nothing_of_a_window(downloads: Downloads) -> None:
    source = SiteSource(downloads)
    assert (source.name, await source.offer("mint", WINDOW)) == (SourceName.SITE, None)


async def test_it_is_the_clip_as_the_site_has_it(
    files: Files, downloads: Downloads, film: Path
) -> None:
    result = await cut(files, downloads)
    assert (result.status, result.path, result.failure) == (
        ClipStatus.COMPLETE,
        files.path(CLIP),
        None,
    )
    assert downloads.urls == [URL]
    assert result.seconds == pytest.approx(4.0, abs=0.05)
    assert (result.width, result.height, result.started_at) == (320, 180, NOON)
    assert (result.has_video, result.has_audio, result.notes) == (True, True, ())
    verdict = judge(files.path(CLIP))
    assert verdict.numbers == judge(film).numbers
    assert verdict.moov_first
    assert jpeg_size(files.path(poster_of(CLIP))) == (320, 180)
    assert names(files.folder) == [poster_of(CLIP), CLIP]


async def test_it_is_made_smaller_where_the_platform_takes_less(
    files: Files, downloads: Downloads, film: Path
) -> None:
    limit = film.stat().st_size // 2
    result = await cut(files, downloads, limit)
    assert result.bytes == files.path(CLIP).stat().st_size <= limit
    assert [note.kind for note in result.notes] == [NoteKind.SECOND_ENCODE]
    assert judge(files.path(CLIP)).duration == pytest.approx(4.0, abs=0.1)
    assert names(files.folder) == [poster_of(CLIP), CLIP]


async def test_what_cannot_be_made_so_small_leaves_nothing(
    files: Files, downloads: Downloads
) -> None:
    async def refuse(want: ShrinkClip) -> Shrunk | ClipFailure:
        return ClipFailure.TOO_FEW_BYTES

    source = SiteSource(downloads, encode=refuse)
    result = await source.cut(wanted(files, 1000))
    assert result.failure is ClipFailure.TOO_FEW_BYTES
    assert names(files.folder) == []


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.TOO_LARGE, Reason.NOT_ALLOWED])
async def test_what_the_site_does_not_give_is_told(files: Files, reason: Reason) -> None:
    with pytest.raises(PumpfunError) as caught:
        await cut(files, Downloads(error=PumpfunError(reason)))
    assert caught.value.reason is reason
    assert names(files.folder) == []


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.EACCES, ClipFailure.NOT_WRITABLE),
        (errno.ENOSPC, ClipFailure.DISK_FULL),
        (errno.EFBIG, ClipFailure.DISK_FULL),
    ],
)
async def test_a_folder_that_cannot_be_written_is_told(
    files: Files, number: int, failure: ClipFailure
) -> None:
    result = await cut(files, Downloads(error=OSError(number, "no")))
    assert result.failure is failure
    assert names(files.folder) == []


async def test_who_wants_it_no_more_leaves_nothing(files: Files, downloads: Downloads) -> None:
    downloads.is_held = True
    cutting = asyncio.create_task(cut(files, downloads))
    await downloads.begun.wait()
    cutting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cutting
    assert names(files.folder) == []
