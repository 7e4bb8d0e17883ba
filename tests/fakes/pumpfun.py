"""pump.fun and the watcher, as far as commands know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import MintcastError
from bot.kit.timing.ages import Moment
from bot.kit.timing.clock import Clock
from bot.model import (
    Asker,
    Coin,
    Live,
    Observation,
    Offline,
    SiteClip,
    SiteClipKind,
    Starting,
    StreamSnapshot,
    WatchFindings,
)

SLOW = 3600.0
"""Seconds that nobody waits for."""


@dataclass
class FakePumpfun:
    """Knows `coins`, and `listed` clips of them. A mint in `errors` raises; one in `slow` takes an
    hour. `asked_clips`: whose clips were asked for, each time, and `clip_askers` for whom."""

    clock: Clock
    coins: dict[str, Coin] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    listed: dict[str, list[SiteClip]] = field(default_factory=dict)
    asked_clips: list[str] = field(default_factory=list)
    clip_askers: list[Asker] = field(default_factory=list)
    ahead: timedelta | None = None
    """By so much its clock is; None: it has not told what it shows."""

    @property
    def site_time(self) -> datetime | None:
        return None if self.ahead is None else self.clock.now() + self.ahead

    async def coin(self, mint: str, *, asker: Asker) -> Coin | None:
        self.asked.append(mint)
        if mint in self.slow:
            await self.clock.sleep(SLOW)
        if mint in self.errors:
            raise self.errors[mint]
        return self.coins.get(mint)

    async def clips(
        self, mint: str, kind: SiteClipKind, limit: int, *, asker: Asker
    ) -> tuple[SiteClip, ...]:
        self.asked_clips.append(mint)
        self.clip_askers.append(asker)
        if mint in self.slow:
            await self.clock.sleep(SLOW)
        if mint in self.errors:
            raise self.errors[mint]
        return tuple(one for one in self.listed.get(mint, []) if one.kind is kind)[:limit]

    def highlight(self, mint: str, *, ago: float = 180.0, seconds: float = 12.0) -> SiteClip:
        """Somebody has cut one on the site, which began so many seconds ago; it is the oldest."""
        begins_at = self.clock.now() - timedelta(seconds=ago)
        known = self.listed.setdefault(mint, [])
        name = f"20261123_120000:7_20261123_110000-h-{len(known)}"
        video = f"https://clips.pump.fun/{mint}/clips/{name}/clip.mp4"
        known.append(
            SiteClip(name, SiteClipKind.HIGHLIGHT, begins_at, seconds, stream_id=7, video=video)
        )
        return known[-1]

    def know(self, mint: str, symbol: str, name: str = "") -> Coin:
        """Add a coin."""
        self.coins[mint] = Coin(mint, symbol, name or f"{symbol} coin")
        return self.coins[mint]


@dataclass
class FakeWatch:
    """Sees what the test puts into `seen`; every other coin is offline. It writes nothing."""

    clock: Clock
    rotation_seconds: float = 120.0
    seen: dict[str, Observation] = field(default_factory=dict)
    errors: dict[str, MintcastError] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    looked: list[str] = field(default_factory=list)
    listed: list[Coin] = field(default_factory=list)
    site_time: datetime | None = None

    def moment(self) -> Moment:
        return self.clock.moment(self.site_time)

    def seen_lately(self, mint: str) -> Observation | None:
        return None

    async def findings(self) -> WatchFindings:
        return WatchFindings(tuple(self.listed), self.rotation_seconds)

    async def look(self, mint: str, asker: Asker) -> Observation:
        self.looked.append(mint)
        if mint in self.slow:
            await self.clock.sleep(SLOW)
        if mint in self.errors:
            raise self.errors[mint]
        return self.seen.get(mint, Offline())

    def live(self, mint: str, title: str = "", viewers: int | None = None) -> None:
        """Put it on air."""
        shot = StreamSnapshot(mint, 1, self.clock.now(), title, viewers)
        self.seen[mint] = Live(shot)

    def starting(self, mint: str) -> None:
        """Its creator has connected."""
        self.seen[mint] = Starting(StreamSnapshot(mint, 1, self.clock.now()))
