"""What a recording is cut of, and what is really to be seen in the clip: frame numbers tell when
each picture was on air."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.clips.sources.recording import RecordingLists, RecordingSource
from bot.demo.recording.recorder import Recorder
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.kit.health import Health, Part
from bot.kit.timing.clock import SystemClock
from bot.model import ClipProgress, ClipRequest, ClipResult, Recording, Window
from bot.pumpfun.recording.media import Media
from tests.clip_judge import Verdict, judge

ON_AIR = 600.0
LIMIT = 10 << 20
FPS = 30


@dataclass
class Recorded:
    """`known` are the recordings that watching has noted; at first the one that grows."""

    world: World
    coin: DemoCoin
    media: Media
    folder: Path
    clock: SystemClock = field(default_factory=SystemClock)
    known: list[Recording] = field(default_factory=list)
    cuts: int = 0

    def __post_init__(self) -> None:
        self.part: Part = Health(self.clock).part("recording")
        self.lists = RecordingLists(self.media, self.clock, delay=self.recorder.options.delay)
        self.source = RecordingSource(
            self.of_mint,
            media=self.media,
            lists=self.lists,
            clock=self.clock,
            part=self.part,
            max_height=720,
        )
        self.told = list[ClipProgress]()
        self.note()

    @property
    def recorder(self) -> Recorder:
        assert self.coin.recorder is not None
        return self.coin.recorder

    async def of_mint(self, mint: str) -> Sequence[Recording]:
        """What watching has noted."""
        return self.known if mint == self.coin.mint else ()

    def note(self, *, late: float | None = None) -> Recording:
        """Somebody looks: the directory of now is known. `late`: that was measured."""
        assert self.coin.media is not None
        now, media = self.clock.now(), self.coin.media
        self.known = [replace(one, retired_at=one.retired_at or now) for one in self.known]
        base = f"{self.world.site.origin}/{self.coin.mint}/{media.folder}"
        master = f"{base}/master_playlist_{media.stamp}.m3u8"
        began_at = now - timedelta(seconds=ON_AIR) if not self.known else now
        number = len(self.known) + 1
        new = Recording(
            number, 1, media.stream_id, media.stamp, master, began_at, now, delay_seconds=late
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
    ) -> ClipResult:
        """The clip of a window."""
        self.cuts += 1
        path = self.folder / f"clip-{self.cuts}.mp4"
        request = ClipRequest(
            self.coin.mint,
            window.seconds,
            path,
            max_bytes,
            max_height,
            window,
            path.with_suffix(".jpg"),
        )
        return await self.source.cut(request, self.told.append, finish)

    async def cut(self, window: Window, **options: Any) -> tuple[ClipResult, Verdict | None]:
        """The same, and what a judge finds in it."""
        result = await self.made(window, **options)
        return result, judge(result.path) if result.path is not None else None

    def on_air_at(self, number: int, recorder: Recorder | None = None) -> datetime:
        """When that frame of the broadcast was to be seen."""
        return on_air_at(number, recorder or self.recorder)

    def shown(self, verdict: Verdict) -> Window:
        """What of the stream the pictures of a clip show, by their numbers."""
        return shown(verdict, self.recorder)

    def is_true(self, result: ClipResult, verdict: Verdict, within: float = 1.0) -> bool:
        """Whether each picture is shown when the clip says it was on air, to so many seconds."""
        assert result.started_at is not None
        told = (result.started_at + timedelta(seconds=at) for at in verdict.pts)
        return all(
            number is not None and abs((at - self.on_air_at(number)).total_seconds()) <= within
            for at, number in zip(told, verdict.numbers, strict=True)
        )


def on_air_at(number: int, recorder: Recorder) -> datetime:
    """When that frame of what is recorded was to be seen."""
    clock = SystemClock()
    age = clock.monotonic() - (recorder.programme.zero + number / FPS)
    return clock.now() - timedelta(seconds=age)


def shown(verdict: Verdict, recorder: Recorder) -> Window:
    """What of it the pictures of a clip show, by their numbers."""
    numbers = [number for number in verdict.numbers if number is not None]
    assert numbers
    return Window(on_air_at(numbers[0], recorder), on_air_at(numbers[-1] + 1, recorder))


def off(one: Window, other: Window) -> tuple[float, float]:
    """By how many seconds both ends are later."""
    begin, end = one.begins_at - other.begins_at, one.ends_at - other.ends_at
    return begin.total_seconds(), end.total_seconds()
