"""What a recording is cut of, and what is really to be seen in the clip: frame numbers tell when
each picture was on air."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.clips.sources.recording import RecordingLists, RecordingSource
from bot.demo.recording.recorder import Recorder
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.kit.health import Health, Part
from bot.kit.timing.clock import SystemClock
from bot.model import ClipProgress, ClipRequest, ClipResult, PlacedBy, Recording, Window
from bot.pumpfun.recording.media import Media
from tests.clip_judge import Verdict, judge

ON_AIR = 600.0
LIMIT = 10 << 20
LONGEST_WAIT = 25.0
"""Seconds that a window's end is waited for."""
FPS = 30


class Known:
    """A coin of which recordings are `known`, as watching has noted them, and what cuts of them.
    `delay` is the guess, in seconds; `zero` the reading of the monotonic clock at which its first
    frame was on air."""

    def __init__(self, mint: str, media: Media, folder: Path, *, delay: float, zero: float) -> None:
        self.mint, self.media, self.folder = mint, media, folder
        self._zero = zero
        self.clock = SystemClock()
        self.known = list[Recording]()
        self.cuts = 0
        self.part: Part = Health(self.clock).part("recording")
        self.lists = RecordingLists(media, self.clock, delay=delay)
        self.source = self.source_with()
        self.told = list[ClipProgress]()

    def source_with(self, **others: Any) -> RecordingSource:
        """One that cuts of them as `source` does, but for what is given."""
        usual: dict[str, Any] = {
            "media": self.media,
            "lists": self.lists,
            "clock": self.clock,
            "part": self.part,
            "max_height": 720,
            "longest_wait": LONGEST_WAIT,
        }
        return RecordingSource(self.of_mint, **(usual | others))

    @property
    def zero(self) -> float:
        """When its first frame was on air, by the monotonic clock."""
        return self._zero

    async def of_mint(self, mint: str) -> Sequence[Recording]:
        """What watching has noted."""
        return self.known if mint == self.mint else ()

    def add(self, place: RecordingPlace, *, late: float | None = None) -> Recording:
        """Somebody looks: it is recorded there now. `late`: that was measured."""
        now = self.clock.now()
        self.known = [replace(one, retired_at=one.retired_at or now) for one in self.known]
        began_at = now - timedelta(seconds=ON_AIR) if not self.known else now
        number = len(self.known) + 1
        new = Recording(
            number,
            1,
            place.stream_id,
            place.stamp,
            place.master,
            began_at,
            now,
            delay_seconds=late,
        )
        self.known.append(new)
        return new

    def ago(self, begins: float, ends: float) -> Window:
        """A window of so many seconds ago until so many."""
        now = self.clock.now()
        return Window(now - timedelta(seconds=begins), now - timedelta(seconds=ends))

    async def of_segment(self, index: int, seconds: float) -> Window:
        """A window that begins where the source has the segment of that number."""
        recording = self.known[-1]
        rung = (await self.lists.rungs(recording))[0]
        placement = await self.lists.look(recording, rung)
        return Window.after(placement.placed[index].begins_at, seconds)

    async def made(
        self,
        window: Window,
        *,
        max_bytes: int = LIMIT,
        max_height: int = 720,
        finish: asyncio.Event | None = None,
        placed_by: PlacedBy | None = None,
    ) -> ClipResult:
        """The clip of a window."""
        self.cuts += 1
        path = self.folder / f"clip-{self.cuts}.mp4"
        request = ClipRequest(
            self.mint,
            window.seconds,
            path,
            max_bytes,
            max_height,
            window,
            path.with_suffix(".jpg"),
            placed_by=placed_by,
        )
        return await self.source.cut(request, self.told.append, finish)

    async def cut(self, window: Window, **options: Any) -> tuple[ClipResult, Verdict | None]:
        """The same, and what a judge finds in it."""
        result = await self.made(window, **options)
        return result, judge(result.path) if result.path is not None else None

    def on_air_at(self, number: int, recorder: Recorder | None = None) -> datetime:
        """When that frame of the broadcast was to be seen."""
        return on_air_at(number, recorder.programme.zero if recorder is not None else self.zero)

    def shown(self, verdict: Verdict) -> Window:
        """What of the stream the pictures of a clip show, by their numbers."""
        return shown(verdict, self.zero)

    def is_true(
        self, result: ClipResult, verdict: Verdict, within: float = 1.0, unread: int = 0
    ) -> bool:
        """Whether each picture is shown when the clip says it was on air, to so many seconds. Of so
        many, `unread`, the number need not be legible: noise that is made small isn't sharp."""
        assert result.started_at is not None
        told = (result.started_at + timedelta(seconds=at) for at in verdict.pts)
        return verdict.numbers.count(None) <= unread and all(
            number is None or abs((at - self.on_air_at(number)).total_seconds()) <= within
            for at, number in zip(told, verdict.numbers, strict=True)
        )


class Recorded(Known):
    """What a world on this machine records of a coin."""

    def __init__(self, world: World, coin: DemoCoin, media: Media, folder: Path) -> None:
        assert coin.recorder is not None
        delay, zero = coin.recorder.options.delay, coin.recorder.programme.zero
        super().__init__(coin.mint, media, folder, delay=delay, zero=zero)
        self.world, self.coin = world, coin
        self.note()

    @property
    def recorder(self) -> Recorder:
        assert self.coin.recorder is not None
        return self.coin.recorder

    @property
    def zero(self) -> float:
        """Of who is on air now."""
        return self.recorder.programme.zero

    def note(self, *, late: float | None = None) -> Recording:
        """Somebody looks: the directory of now is known. `late`: that was measured."""
        return self.add(place_of(self.world, self.coin), late=late)


@dataclass(frozen=True, slots=True)
class RecordingPlace:
    """Where a coin is recorded."""

    stream_id: int
    stamp: str
    master: str


def place_of(world: World, coin: DemoCoin) -> RecordingPlace:
    """The directory of now."""
    assert coin.media is not None
    base = f"{world.site.origin}/{coin.mint}/{coin.media.folder}"
    master = f"{base}/master_playlist_{coin.media.stamp}.m3u8"
    return RecordingPlace(coin.media.stream_id, coin.media.stamp, master)


def on_air_at(number: int, zero: float) -> datetime:
    """When that frame of what is on air since `zero` was to be seen."""
    clock = SystemClock()
    age = clock.monotonic() - (zero + number / FPS)
    return clock.now() - timedelta(seconds=age)


def shown(verdict: Verdict, zero: float) -> Window:
    """What of it the pictures of a clip show, by their numbers."""
    numbers = [number for number in verdict.numbers if number is not None]
    assert numbers
    return Window(on_air_at(numbers[0], zero), on_air_at(numbers[-1] + 1, zero))


def off(one: Window, other: Window) -> tuple[float, float]:
    """By how many seconds both ends are later."""
    begin, end = one.begins_at - other.begins_at, one.ends_at - other.ends_at
    return begin.total_seconds(), end.total_seconds()
