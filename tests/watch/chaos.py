"""A site that fails on half of all requests, coins that come, drop and go, and a judge.

Shared by the small test and the simulated hour of `make soak`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from bot.demo.site.server import DemoCoin, Fault, Site
from bot.model import SERVICE, Asker, Live, Observation, Starting, StreamState
from bot.pumpfun import PumpfunClient, Roster
from tests.watch.harness import POLL, RULES, WatchHarness, mint

ENDPOINTS = ("livestream", "roster", "coins-v3", "coins-v2")
FAULTS = (
    Fault.SERVER_ERROR,
    Fault.BAD_GATEWAY_TEXT,
    Fault.ORIGIN_DOWN,
    Fault.RATE_LIMITED,
    Fault.GARBAGE,
    Fault.WRONG_SHAPE,
    Fault.FORBIDDEN,
    Fault.UNAUTHORIZED,
    Fault.ROUTE_GONE,
    Fault.REDIRECT,
    Fault.RESET,
    Fault.HUGE,
    Fault.HANG,
)
"""Every way to answer nothing. `EMPTY` and `NOT_FOUND` are how the site says offline."""


def stir(site: Site, dice: Random, share: float = 0.5) -> None:
    """From now on this share of all requests fails, each endpoint in another way."""
    for endpoint in ENDPOINTS:
        site.fail(endpoint, dice.choice(FAULTS), share=share)


class NotingClient(PumpfunClient):
    """Keeps when an answer first said that a coin is on air, of those since `forget`."""

    def __init__(self, inner: PumpfunClient, now: WatchHarness) -> None:
        self.__dict__ = inner.__dict__
        self._harness = now
        self.looked: dict[str, datetime] = {}
        self.named: dict[str, datetime] = {}

    def forget(self, coin: str) -> None:
        self.looked.pop(coin, None)
        self.named.pop(coin, None)

    async def livestream(self, mint: str, *, asker: Asker = SERVICE) -> Observation:
        seen = await super().livestream(mint, asker=asker)
        if isinstance(seen, Live | Starting):
            self.looked.setdefault(mint, self._harness.clock.now())
        return seen

    async def roster(
        self,
        *,
        pages: int | None = None,
        asker: Asker = SERVICE,
        on_page: Callable[[], None] | None = None,
    ) -> Roster:
        roster = await super().roster(pages=pages, asker=asker, on_page=on_page)
        for row in roster.rows:
            self.named.setdefault(row.coin.mint, self._harness.clock.now())
        return roster


@dataclass
class Act:
    """A coin's part: from when to when it is on air (seconds). Drops within grace are one stay."""

    coin: DemoCoin
    stays: list[list[tuple[float, float]]]
    """Each stay is what subscribers call one stream: its times on air, with short drops between."""

    def on_air(self, now: float) -> bool:
        return any(begin <= now < end for stay in self.stays for begin, end in stay)

    def stay(self, now: float) -> int | None:
        """Which stay is on, drops included."""
        for number, stay in enumerate(self.stays):
            if stay[0][0] <= now < stay[-1][1]:
                return number
        return None

    def play(self, now: float) -> None:
        """Make the site show what the script says."""
        if self.on_air(now) and not self.coin.is_live:
            self.coin.go_live(f"at {now:.0f}", viewers=int(now) % 50)
        elif not self.on_air(now) and self.coin.is_live:
            self.coin.drop()


def written(coin: DemoCoin, dice: Random, seconds: float) -> Act:
    """A script: stays of one to four broadcasts with drops of 1-4 minutes, long pauses between."""
    stays, now = [], dice.uniform(20, seconds / 2)
    while now < seconds - 120:
        stay: list[tuple[float, float]] = []
        for _ in range(dice.randint(1, 4)):
            end = now + dice.uniform(60, 600)
            stay.append((now, end))
            now = end + dice.uniform(60, 240)
        stays.append(stay)
        now += dice.uniform(900, 1500)
    return Act(coin, stays)


@dataclass
class Verdict:
    """What became of it."""

    stays: int = 0
    alerts: int = 0
    false_alerts: int = 0
    false_ends: int = 0
    missed: int = 0
    ends: int = 0
    missed_ends: int = 0
    slowest_after_a_look: float = 0.0
    slowest_after_any_answer: float = 0.0
    """Seconds from the first answer that told of a stream to its announcement."""
    good: int = 0
    failed: int = 0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{self.stays} streams, {self.alerts} alerts, {self.false_alerts} false alerts, "
            f"{self.missed} missed, {self.ends} ends, {self.false_ends} false ends, "
            f"{self.missed_ends} missed; announced at most "
            f"{self.slowest_after_any_answer:.0f} s after the first answer that told of it; "
            f"{self.failed} of {self.good + self.failed} looks failed"
        )


class Judge:
    """Watches each tick: which stream rows are open, and what is true."""

    def __init__(self, harness: WatchHarness, client: NotingClient, acts: Iterable[Act]) -> None:
        self.verdict = Verdict()
        self._harness, self._client = harness, client
        self._acts = list(acts)
        self._began = harness.clock.now()
        self._rows: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
        """Stream rows that were open in a stay, by coin and stay."""
        self._announced: set[int] = set()

    async def look(self) -> None:
        """After a tick."""
        now = (self._harness.clock.now() - self._began).total_seconds()
        opened = await self._harness.opened()
        for act in self._acts:
            stay, stream = act.stay(now), opened.get(act.coin.mint)
            if stream is None or stream.broadcast.state is StreamState.STARTING:
                continue
            if stay is not None:
                self._rows[act.coin.mint, stay].add(stream.id)
            if stream.id not in self._announced:
                self._announced.add(stream.id)
                self._first(act, stay, stream.broadcast.announced_at)

    def _first(self, act: Act, stay: int | None, announced_at: datetime | None) -> None:
        verdict, name = self.verdict, act.coin.mint
        if stay is None:
            verdict.false_alerts += 1
            verdict.problems.append(f"{act.coin.symbol} announced while off air")
        assert announced_at is not None
        looked = self._client.looked[name]
        named = self._client.named.get(name, looked)
        late = (announced_at - looked).total_seconds()
        later = (announced_at - min(looked, named)).total_seconds()
        verdict.slowest_after_a_look = max(verdict.slowest_after_a_look, late)
        verdict.slowest_after_any_answer = max(verdict.slowest_after_any_answer, later)

    async def close(self) -> Verdict:
        """After the last tick, when the site was well for a while."""
        verdict = self.verdict
        verdict.alerts = await self._harness.alerts()
        now = (self._harness.clock.now() - self._began).total_seconds()
        open_ = {stream.id for stream in (await self._harness.opened()).values()}
        for act in self._acts:
            for number, stay in enumerate(act.stays):
                if stay[0][0] > now - 3 * POLL:
                    continue
                rows = self._rows[act.coin.mint, number]
                verdict.stays += 1
                verdict.missed += not rows
                if len(rows) > 1:
                    verdict.false_ends += len(rows) - 1
                    verdict.problems.append(f"{act.coin.symbol}: stay {number} as {sorted(rows)}")
                if stay[-1][1] < now - RULES.end_grace.total_seconds() - 6 * POLL:
                    verdict.ends += 1
                    verdict.missed_ends += not rows.isdisjoint(open_)
        return verdict


async def endure(
    harness: WatchHarness, *, coins: int, seconds: float, calm: float, seed: int
) -> Verdict:
    """Chaos for so many seconds of the harness's clock, and then calm for so many."""
    dice = Random(seed)
    acts = [written(harness.coin(number), dice, seconds) for number in range(coins)]
    await harness.subscribe(*(act.coin.mint for act in acts))
    await harness.subscribe(*(mint(number) for number in range(1000, 1000 + coins)))
    client = NotingClient(harness.pumpfun, harness)
    harness.pumpfun = client
    harness.restart()
    judge = Judge(harness, client, acts)
    for number in range(int((seconds + calm) / POLL)):
        now = number * POLL
        if now < seconds:
            stir(harness.site, dice)
        else:
            harness.site.heal()
        for act in acts:
            before = act.stay(now - POLL)
            act.play(now)
            if act.stay(now) != before and before is None:
                client.forget(act.coin.mint)
        await harness.watcher.tick()
        await judge.look()
        await harness.clock.advance(POLL)
    verdict = await judge.close()
    counted = {
        kind: harness.metrics.registry.get_sample_value("mintcast_looks_total", {"kind": kind}) or 0
        for kind in ("live", "starting", "offline", "unknown")
    }
    verdict.failed = int(counted.pop("unknown"))
    verdict.good = int(sum(counted.values()))
    return verdict
