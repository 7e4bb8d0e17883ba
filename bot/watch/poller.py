"""The watcher: polls pump.fun, and looks at once when a command asks.

Who writes what: `tick` is called by one timer and never overlaps itself; `look` may be called at
any time, by many. Both write through `StreamWrites` alone, and a coin is looked at once at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bot.errors import MintcastError
from bot.kit.health import Health
from bot.kit.leadership import note_reach
from bot.kit.log import Mistakes
from bot.kit.metrics import Metrics
from bot.kit.notifier import Notifier
from bot.kit.timing.ages import Moment
from bot.kit.timing.clock import Clock
from bot.model import (
    POLLER,
    SERVICE,
    Asker,
    AskerKind,
    Observation,
    Offline,
    Reason,
    StreamState,
    Unknown,
    WatchFindings,
)
from bot.pumpfun import PumpfunClient
from bot.store import Store
from bot.watch.coin_records import CoinRecords
from bot.watch.look_batch import LookBatch
from bot.watch.poll_backoff import PollBackoff
from bot.watch.poll_plan import Memory, Plan, Snapshot, plan
from bot.watch.roster import RosterReader
from bot.watch.shared_findings import SharedFindings
from bot.watch.shared_looks import LookCache, SingleFlight
from bot.watch.stream_machine import Rules
from bot.watch.stream_writes import StreamWrites

_log = logging.getLogger(__name__)

_SHARE = 0.7
"""Of what may be asked in a poll, a tick takes so much: the rest is for commands, and so that it
is over before the next."""
_LAST_START = 0.9
"""No look begins after this share of a poll,"""
_FOR_LOOKS = 0.5
"""unless the roster took so long that this share is not left for them."""
_SAME_SECONDS = 5.0
"""Whoever asks for a coin again so soon hears the same (half a poll, where that is less)."""

_NO_ANSWER = frozenset(
    {
        Reason.TIMEOUT,
        Reason.UNREACHABLE,
        Reason.SERVER_ERROR,
        Reason.FORBIDDEN,  # it refuses addresses
        Reason.NOT_JSON,  # a filter's own page
    }
)
"""Another node might get one."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the watcher is doing, for the page. `rotation_seconds`: see `Watcher`."""

    coins: int
    streams: int
    rotation_seconds: float
    ticked_at: datetime | None
    answered_at: datetime | None
    waits_until: datetime | None
    """It backs off: pump.fun is not asked before that."""


class Watcher:
    """Decides which coins are live. It owns no task: a timer calls `tick`, commands call `look`.

    `poll_seconds` is how often the timer does; `requests_per_second` is what may be asked of
    pump.fun in all, `group_per_minute` of the roster and of the coins' names each.
    """

    def __init__(
        self,
        *,
        store: Store,
        pumpfun: PumpfunClient,
        clock: Clock,
        notifier: Notifier,
        health: Health,
        metrics: Metrics,
        rules: Rules,
        poll_seconds: float,
        requests_per_second: float,
        group_per_minute: float = 50.0,
        dice: Random | None = None,
    ) -> None:
        self._store = store
        self._pumpfun = pumpfun
        self._clock = clock
        self._metrics = metrics
        self._rules = rules
        self._poll_seconds = poll_seconds
        self._looks_a_tick = max(4, int(requests_per_second * poll_seconds * _SHARE))
        self._stream_writes = StreamWrites(store, self.moment, notifier, rules)
        self._roster = RosterReader(
            pumpfun, clock, health.part("pump.fun board"), poll_seconds, group_per_minute
        )
        self._coin_records = CoinRecords(
            store, pumpfun, self._stream_writes, clock, group_per_minute
        )
        self._backoff = PollBackoff(
            health.part("pump.fun"),
            clock,
            poll_seconds,
            dice or Random(),  # noqa: S311
        )
        self._part = health.part("watcher", vital=True)
        self._stopping = False
        self._deadline = 0.0
        self._open: Collection[str] = ()
        self._shared_findings = SharedFindings(store, clock)
        self._is_watching = False
        self._single_flight = SingleFlight()
        self._look_cache = LookCache(clock, min(_SAME_SECONDS, poll_seconds / 2))
        self._memory = Memory()
        self._mistakes = Mistakes(_log)
        self._report = Report(0, 0, 2 * poll_seconds, None, None, None)

    @property
    def report(self) -> Report:
        """As of the last tick."""
        return replace(self._report, waits_until=self._waits_until())

    def _waits_until(self) -> datetime | None:
        left = self._backoff.left
        return self._clock.now() + timedelta(seconds=left) if left > 0 else None

    @property
    def rotation_seconds(self) -> float:
        """Within so many seconds a coin that the roster lacks is found, at this tick's pace."""
        return self._report.rotation_seconds

    def moment(self) -> Moment:
        """Now, by this machine's clock and by the site's."""
        return self._clock.moment(self._pumpfun.site_time)

    async def look(self, mint: str, asker: Asker = SERVICE) -> Observation:
        """Look at `mint` now for `asker`, and apply what is seen if anybody follows it.

        For whoever waits for the answer: it is tried several times.
        """
        return await self._look(mint, asker)

    def seen_lately(self, mint: str) -> Observation | None:
        """What a look told a few seconds ago, if there was one: it need not be asked again."""
        return self._look_cache.get(mint)

    async def findings(self) -> WatchFindings:
        """Of the last poll, whichever node made it."""
        told = None if self._is_watching else await self._shared_findings.read()
        return told or self._own_findings()

    def _own_findings(self) -> WatchFindings:
        return WatchFindings(self._roster.coins, self.rotation_seconds)

    def rest(self) -> None:
        """Another node watches from now on."""
        self._is_watching = False
        self._metrics.open_streams.clear()

    def stop(self) -> None:
        """A tick that is under way begins no more looks, and none comes after it."""
        self._stopping = True

    async def tick(self) -> None:
        """One poll; nothing, while pump.fun is to be left alone."""
        if self._backoff.waiting or self._stopping:
            return
        self._is_watching = True
        began = self._clock.monotonic()
        self._deadline = began + self._poll_seconds * _LAST_START
        snapshot = await self._known()
        self._part.alive()
        looks = LookBatch(self._hasty_look, self._may_begin)
        try:
            if not self._backoff.broken or await self._answers_again(snapshot, looks):
                snapshot = await self._poll(snapshot, looks)
        finally:  # also where what was seen could not be saved
            if looks.failure is not None and looks.told_to_wait:
                self._backoff.told_to_wait(looks.failure)
        self._judge(looks)
        if looks.failure is None or looks.answers:
            await self._coin_records.ask(snapshot, self._part.alive)
        self._metrics.ticks.observe(self._clock.monotonic() - began)

    async def _known(self) -> Snapshot:
        async with self._store.read() as unit:
            places = await unit.subscriptions.by_place()
            unchecked = frozenset(await unit.subscriptions.unchecked())
            streams = await unit.streams.open()
            subscriptions = await unit.subscriptions.count()
        wanted = frozenset[str]().union(*places.values())
        open_ = {mint: stream.broadcast for mint, stream in streams.items()}
        self._open = open_.keys()
        self._metrics.subscriptions.set(subscriptions)
        for state in (StreamState.STARTING, StreamState.LIVE, StreamState.GRACE):
            count = sum(broadcast.state is state for broadcast in open_.values())
            self._metrics.open_streams.labels(state.value).set(count)
        return Snapshot(wanted, unchecked & wanted, open_, {}, self.moment(), places)

    async def _answers_again(self, snapshot: Snapshot, looks: LookBatch) -> bool:
        """Whether one look is answered; where there is nothing to look at, the roster will tell."""
        mints = snapshot.wanted | snapshot.open.keys()
        if not mints:
            return True
        await looks.take([min(mints, key=self._memory.tried)])
        if looks.answers:
            self._backoff.good()
        return looks.answers > 0

    async def _poll(self, known: Snapshot, looks: LookBatch) -> Snapshot:
        spent = self._roster.requests
        # Each page may take as long as a poll.
        roster = await self._roster.read(self._part.alive)
        self._part.alive()
        snapshot = replace(known, roster=roster, now=self.moment())
        await self._coin_records.learn(snapshot)
        self._memory.meet(snapshot, roster_failed=self._roster.failure is not None)
        soonest = self._clock.monotonic() + self._poll_seconds * _FOR_LOOKS
        self._deadline = max(self._deadline, soonest)
        budget = max(1, self._looks_a_tick - (self._roster.requests - spent))
        chosen = plan(snapshot, self._memory, self._rules, budget)
        self._memory.place_turns.note(chosen.places)
        await self._stream_writes.refresh(chosen.refresh)
        await looks.take(chosen.looks, news=chosen.news, most=budget)
        self._report = replace(
            self._report,
            coins=len(snapshot.wanted),
            streams=len(snapshot.open),
            rotation_seconds=self._rotation(chosen),
            ticked_at=snapshot.now.at,
        )
        await self._shared_findings.tell(self._own_findings())
        return snapshot

    def _may_begin(self) -> bool:
        return not self._stopping and self._clock.monotonic() < self._deadline

    def _rotation(self, chosen: Plan) -> float:
        """The turns of the rest, and the poll in which the coin went live."""
        return (chosen.turns + 1) * self._poll_seconds

    def _judge(self, looks: LookBatch) -> None:
        roster = None if self._roster.has_answered else self._roster.failure
        if looks.answers or (looks.failure is None and roster is None):
            self._answered()
            note_reach(answered=True)
        elif looks.failure is not None:
            self._failed(looks.failure)
        elif roster is not None:
            self._failed(Unknown(roster.reason, roster.status))

    def _failed(self, failure: Unknown) -> None:
        self._backoff.bad(failure)
        note_reach(answered=failure.reason not in _NO_ANSWER)

    def _answered(self) -> None:
        self._backoff.good()
        self._report = replace(self._report, answered_at=self._clock.now())

    async def _hasty_look(self, mint: str) -> Observation:
        """What we are not ready for in one coin's answer costs no other coin its look. Raises what
        is foreseen: the database fails all of them."""
        try:
            return await self._look(mint, POLLER)
        except MintcastError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever made the coin chooses what arrives
            self._mistakes.note(f"a look at {mint}", error)
            self._memory.note(mint, self._clock.monotonic(), answered=False)
            return Unknown(Reason.WRONG_SHAPE)

    async def _look(self, mint: str, asker: Asker) -> Observation:
        background = asker.kind is AskerKind.POLL

        async def ask() -> Observation:
            seen = await self._pumpfun.livestream(mint, asker=asker)
            known = not isinstance(seen, Unknown)
            self._metrics.looks.labels(seen.kind).inc()
            # A poll mostly hears that what is off air still is. What a command opened since the
            # tick began is for the next one.
            if not (background and isinstance(seen, Offline) and mint not in self._open):
                await self._stream_writes.observe(mint, seen)
            # What was not saved was not looked at: the next poll does it again.
            self._memory.note(mint, self._clock.monotonic(), answered=known)
            self._look_cache.note(mint, seen, patient=not background)
            if known and not background:
                self._answered()
            return seen

        return await self._single_flight.look(mint, ask, patient=not background)
