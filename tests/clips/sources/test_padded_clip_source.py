"""Clips that are cut of what was kept around an earlier one: real files, and real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.sources.padded_clip_source import PaddedClipSource
from bot.clips.workers.trimmer import Trimmer
from bot.kit.files import Files, poster_of
from bot.model import (
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    NoteKind,
    Offer,
    SourceName,
    Window,
)
from bot.store import Store
from tests.clip_judge import judge
from tests.clips.capture.harness import FPS, encode, names, pictures, sounds
from tests.fakes.clock import FakeClock

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MINT = "MintyMintyMintyMintyMintyMintyMintyMintyMinty"
PADDED_CLIP = "minty-padded-0123456789abcdef.mp4"
CLIP = "minty-00000000000000aa.mp4"
PLENTY = 10 << 20


def span(begins: float, ends: float) -> Window:
    return Window(NOON + timedelta(seconds=begins), NOON + timedelta(seconds=ends))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds of noise, which no encoder makes small."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    jobs = chain(sounds(11), pictures(range(11 * FPS), content="noise"))
    encode(jobs).write(path, 0, 10 * SECOND)
    return path


@dataclass
class Place:
    """A folder of clips, and the rows of what lies there."""

    store: Store
    files: Files
    source: PaddedClipSource

    async def put(
        self, film: Path, window: Window, key: str = PADDED_CLIP, mint: str = MINT
    ) -> None:
        self.files.folder.mkdir(exist_ok=True)
        self.files.path(key).write_bytes(film.read_bytes())
        async with self.store.write() as unit:
            await unit.jobs.order_padded_clip(key, mint, [], NOON)
            await unit.jobs.keep_padded_clip(key, window)

    async def cut(self, window: Window, max_bytes: int = PLENTY) -> ClipResult:
        return await self.source.cut(
            ClipRequest(
                mint=MINT,
                seconds=window.seconds,
                path=self.files.path(CLIP),
                max_bytes=max_bytes,
                max_height=720,
                window=window,
                poster=self.files.path(poster_of(CLIP)),
            )
        )


@pytest.fixture
async def place(database: Path) -> AsyncIterator[Place]:
    files, trimmer = Files(database.parent / "clips"), Trimmer(FakeClock())
    async with Store(database) as store:
        yield Place(store, files, PaddedClipSource(store, files, trimmer))
    await trimmer.close()


async def test_it_offers_what_a_padded_clip_has_of_a_window(place: Place, film: Path) -> None:
    assert await place.source.offer(MINT, span(0, 5)) is None
    await place.put(film, span(0, 10))
    offer = await place.source.offer(MINT, span(2, 5))
    assert offer == Offer(SourceName.PADDED_CLIP, span(2, 5), offer.in_seconds if offer else 0)
    part = await place.source.offer(MINT, span(-4, 6))
    assert part is not None
    assert part.window == span(0, 6)
    assert await place.source.offer(MINT, span(10, 12)) is None
    assert await place.source.offer("another", span(2, 5)) is None


async def test_of_several_the_one_that_has_most_of_it(place: Place, film: Path) -> None:
    await place.put(film, span(0, 10))
    await place.put(film, span(5, 15), "minty-padded-00000000000000bb.mp4")
    offer = await place.source.offer(MINT, span(8, 14))
    assert offer is not None
    assert offer.window == span(8, 14)
    place.files.path("minty-padded-00000000000000bb.mp4").unlink()
    offer = await place.source.offer(MINT, span(8, 14))
    assert offer is not None
    assert offer.window == span(8, 10), "what is not there is not offered"


async def test_the_window_is_cut_out_with_its_poster(place: Place, film: Path) -> None:
    await place.put(film, span(0, 10))
    result = await place.cut(span(3, 7))
    verdict = judge(place.files.path(CLIP))
    assert (result.status, result.seconds, result.notes) == (ClipStatus.COMPLETE, 4.0, ())
    assert result.started_at == span(3, 7).begins_at
    assert result.poster == poster_of(CLIP)
    assert verdict.numbers == list(range(90, 210))
    assert verdict.duration == pytest.approx(4.0, abs=0.03)
    assert result.bytes == place.files.path(CLIP).stat().st_size
    assert names(place.files.folder) == sorted([PADDED_CLIP, CLIP, poster_of(CLIP)])


async def test_between_two_keyframes_it_says_where_it_begins(place: Place, film: Path) -> None:
    await place.put(film, span(0, 10))
    result = await place.cut(span(3.2, 7))
    assert result.started_at == span(3, 7).begins_at
    assert result.seconds == 4.0
    result = await place.cut(span(3.4, 7))
    assert result.started_at == span(3.5, 7).begins_at
    assert result.seconds == 3.5


async def test_a_part_that_is_too_large_is_made_smaller(place: Place, film: Path) -> None:
    await place.put(film, span(0, 10))
    whole = await place.cut(span(0, 2))
    place.files.path(CLIP).unlink()
    result = await place.cut(span(0, 2), whole.bytes // 2)
    path = place.files.path(CLIP)
    assert result.bytes == path.stat().st_size <= whole.bytes // 2
    assert [note.kind for note in result.notes] == [NoteKind.SECOND_ENCODE]
    assert judge(path).duration == pytest.approx(2.0, abs=0.1)
    assert names(place.files.folder) == sorted([PADDED_CLIP, CLIP, poster_of(CLIP)])


async def test_what_cannot_be_made_so_small_leaves_nothing(place: Place, film: Path) -> None:
    await place.put(film, span(0, 10))
    result = await place.cut(span(0, 2), 3000)
    assert result.failure is ClipFailure.TOO_FEW_BYTES
    assert names(place.files.folder) == [PADDED_CLIP]


async def test_what_is_gone_meanwhile_is_a_failed_clip(place: Place, film: Path) -> None:
    await place.put(film, span(0, 10))
    place.files.path(PADDED_CLIP).unlink()
    assert (await place.cut(span(0, 2))).failure is ClipFailure.NOT_AT_HAND
