"""A recording of which the list is what the test says, and those who read it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from bot.clips.sources.recording import RecordingLists, RecordingSource, RecordingStills
from bot.kit.health import Health
from bot.model import Recording
from bot.pumpfun.recording import playlists
from bot.pumpfun.recording.media import Fetched
from bot.pumpfun.recording.playlists import Rung, Segment, SegmentList
from tests.fakes.clock import FakeClock

RUNG = Rung("list.m3u8", 1_000_000, 1280, 720)
DELAY, LONGEST_WAIT = 12.0, 25.0
"""Seconds: the guess, and for how long a window's end is waited for."""


class Listed:
    """Nothing is on a disk: of its segments none comes, and whoever waits for what `hangs`, the
    "list" or "segments", waits for ever. `hung` is how many do. `fetched_of` are the recordings of
    which segments were fetched."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.now: bytes | SegmentList = b""
        self.hangs: str | None = None
        self.hung = 0
        self.fetched_of = set[str]()
        now = self.clock.now()
        first = Recording(
            1, 1, 1, "20260826_101500", "https://c/m.m3u8", now - timedelta(hours=1), now
        )
        self.known = [first]
        self.part = Health(self.clock).part("recording")
        media = cast("Any", self)
        self.lists = RecordingLists(media, self.clock, delay=DELAY)
        self.source = RecordingSource(
            self.of_mint,
            media=media,
            lists=self.lists,
            clock=self.clock,
            part=self.part,
            max_height=720,
            longest_wait=LONGEST_WAIT,
        )
        self.stills = RecordingStills(
            media=media, lists=self.lists, clock=self.clock, part=self.part
        )

    def add_another(self) -> None:
        """Another recording of the coin, which has the same list."""
        number = len(self.known) + 1
        self.known.append(replace(self.known[0], id=number, master=f"https://c/{number}.m3u8"))

    def stamp(self, ago: float) -> str:
        """Of what was packaged so many seconds ago."""
        at = self.clock.now() - timedelta(seconds=ago)
        return f"#EXT-X-PROGRAM-DATE-TIME:{at.isoformat()}"

    async def of_mint(self, mint: str) -> Sequence[Recording]:
        return self.known

    # What it is to those who fetch

    async def rungs(self, master: str) -> tuple[Rung, ...]:
        return (RUNG,)

    async def segments(self, master: str, rung: Rung) -> SegmentList:
        await self._wait_where_it_hangs("list")
        return playlists.segments(self.now) if isinstance(self.now, bytes) else self.now

    @contextlib.asynccontextmanager
    async def fetched(
        self, master: str, rung: Rung, segments: Sequence[Segment]
    ) -> AsyncIterator[tuple[Fetched, ...]]:
        self.fetched_of.add(master)
        await self._wait_where_it_hangs("segments")
        yield tuple(map(Fetched, segments))

    async def _wait_where_it_hangs(self, what: str) -> None:
        if self.hangs == what:
            self.hung += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.hung -= 1


def listed(*lines: str) -> bytes:
    return "\n".join(("#EXTM3U", *lines)).encode()
