"""Wins, renews and gives back the leases of one node.

The term of a lease is by the database's clock; this node counts its own, from before the statement
that asks for it, so that it is over here before it is over there. It begins nothing more when the
last third of a term has come (ten seconds at most), and what it was doing is ended by then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets as randomness
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from bot import texts
from bot.cluster.company import Company
from bot.cluster.hand_overs import REST_SECONDS, UNREACHED_SECONDS, HandOvers, turn_of
from bot.cluster.steadiness import Steadiness
from bot.errors import LeaseLost, StoreError
from bot.kit.error_text import reason
from bot.kit.leadership import HeldLease, Lease, under
from bot.kit.notifier import LEASES, heard
from bot.kit.tasks import awaited, background, cancel_and_wait, first_to_end, spawn, to_its_end
from bot.store import Store, write_timeout

if TYPE_CHECKING:
    from bot.kit.health import Part
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import NodeReport, Unit

_log = logging.getLogger(__name__)

_RENEWALS = 6
"""In one term."""
_SHORTEST_PAUSE = 0.2
_RETRY_SECONDS = 1.0
_MOST_MARGIN = 10.0
_WRITE_SECONDS = 6.0
"""Longer than a node that was stopped inside a transaction holds up the others."""
_LOOK_SECONDS = 0.25
_RELEASE_SECONDS = 2.0


class LeaseKeeper:
    """A `Leadership`: `async with LeaseKeeper(…)` around all that is led; from then on this node is
    there. Raises StoreError where the database cannot be told so.

    `report` says what this node is like now; a term is `seconds` long. `part` tells which leases
    it has, and what is wrong with the nodes taken together; `needed` are the roles that one of them
    has to have. `unreached_seconds` and `rest_seconds` are those of `HandOvers`.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        notifier: Notifier,
        report: Callable[[], NodeReport],
        seconds: float,
        part: Part,
        needed: Collection[str] = (),
        unreached_seconds: float = UNREACHED_SECONDS,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._notifier = notifier
        self._report = report
        self._seconds = seconds
        self._acts_for = seconds - min(_MOST_MARGIN, seconds / 3)
        self._part = part
        self._company = Company(clock, needed, 2 * seconds)
        self._steadiness = Steadiness(clock, seconds)
        self._hand_overs = HandOvers(clock, seconds, unreached_seconds, rest_seconds)
        self._rest_seconds = rest_seconds
        self._held: dict[str, HeldLease] = {}
        self._wanted: set[str] = set()
        self._needed: set[str] = set()
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._renew()
        self._part.expect(2 * self._seconds, texts.health.silent("leases"))
        self._renewing = spawn(self._keep_renewing(), "leases")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._renewing is not None:
            await cancel_and_wait(self._renewing)
        await self._leave()

    async def _keep_renewing(self) -> None:
        while True:
            pause = self._seconds / _RENEWALS
            try:
                await self._renew()
            except StoreError as error:
                self._steadiness.failed()
                self._part.bad(reason(error))
                pause = min(pause, _RETRY_SECONDS)
            else:
                self._tell()
            await self._clock.sleep(pause)

    @property
    def is_steady(self) -> bool:
        """See `Leadership`."""
        return self._steadiness.is_steady

    async def lead(
        self, name: str, work: Callable[[], Awaitable[None]], *, role: str | None = None
    ) -> None:
        """See `Leadership`."""
        self._wanted.add(name)
        if role is not None:
            self._hand_overs.roles[name] = role
        try:
            while True:
                held = await self._won(name)
                try:
                    if await self._worked(held, work):
                        return
                finally:
                    await self._give_back(held)
        finally:
            self._wanted.discard(name)

    @contextlib.contextmanager
    def needing(self, names: Collection[str]) -> Iterator[None]:
        """See `Leadership`."""
        self._needed.update(names)
        try:
            yield
        finally:
            self._needed.difference_update(names)

    async def turn(self, name: str, seconds: float) -> None:
        """See `Leadership`. It is never given back: its time is what it is about."""
        while True:
            try:
                left = await self._left(name)
                if left <= 0 and await self._takes_turn(name, seconds):
                    return
            except LeaseLost:
                raise
            except StoreError as error:
                _log.debug("the turn of %s cannot be taken: %s", name, error)
                left = _RETRY_SECONDS
            await self._clock.sleep(max(left, _SHORTEST_PAUSE))

    async def _takes_turn(self, name: str, seconds: float) -> bool:
        async with self._writing() as unit:
            return await self._turn_is_ours(unit, name, seconds)

    async def _turn_is_ours(self, unit: Unit, name: str, seconds: float) -> bool:
        holder = f"{self._report().worker_id}:{randomness.token_hex(4)}"  # not twice one's own
        return await unit.leases.win(name, holder, seconds, is_noted=False) is not None

    async def _renew(self) -> None:
        us = self._report()
        held = [one for one in self._held.values() if one.is_ours]
        async with self._writing() as unit:
            await unit.nodes.report(us, self._seconds)
            others = await unit.nodes.others(us.worker_id)
            asked = self._clock.elapsed()
            ours = await unit.leases.renew([one.lease for one in held], self._seconds)
            free = self._needed - await unit.leases.held(self._needed)
            self._hand_overs.look(others)
            leaving = await self._to_hand_over(unit, held)
        self._steadiness.renewed()
        self._company.look(us, others, free)
        for one in held:
            if one.lease.name not in ours:
                one.give_up()
            elif one.is_ours:
                one.acts_until = asked + self._acts_for
        for one in leaving:
            one.is_handed_over = True

    async def _to_hand_over(self, unit: Unit, held: Sequence[HeldLease]) -> list[HeldLease]:
        """Those of ours that another node is to have, and may have now."""
        return [
            one
            for one in held
            if self._hand_overs.is_due(one)
            and await self._turn_is_ours(unit, turn_of(one.lease.name), self._rest_seconds)
        ]

    async def _won(self, name: str) -> HeldLease:
        """It, however long that takes."""
        with self._notifier.listening(LEASES) as hint:
            while True:
                hint.clear()
                try:
                    left = await self._left(name)
                    left += self._hand_overs.left_to_others(name, is_free=left <= 0)
                    if left <= 0 and (held := await self._win(name)) is not None:
                        return held
                except StoreError as error:
                    _log.debug("%s cannot be won: %s", name, error)
                    left = _RETRY_SECONDS
                pause = min(left, self._seconds / _RENEWALS)
                await heard(hint, self._clock, max(pause, _SHORTEST_PAUSE))

    async def _left(self, name: str) -> float:
        """A look, which keeps nobody from writing. What is ours by its row, though we know nothing
        of it, is to be won anew at once: the answer to our winning it, or to our giving it back,
        was lost."""
        async with self._store.read() as unit:
            return await unit.leases.left(name, self._report().worker_id)

    async def _win(self, name: str) -> HeldLease | None:
        async with self._writing() as unit:
            asked = self._clock.elapsed()
            lease = await unit.leases.win(name, self._report().worker_id, self._seconds)
        if lease is None:
            return None
        _log.info("%s is ours (epoch %d)", name, lease.epoch)
        self._hand_overs.won(name)
        held = self._held[name] = HeldLease(lease, asked + self._acts_for, self._clock)
        self._tell()
        return held

    async def _worked(self, held: HeldLease, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it was done; else the lease was lost meanwhile."""
        with under(held):
            async with background(awaited(work()), held.lease.name) as working:
                while held.is_ours and not held.is_handed_over and not working.done():
                    left = held.acts_until - self._clock.elapsed()
                    await first_to_end(working, seconds=min(max(left, 0.0), _LOOK_SECONDS))
        if working.done() and not working.cancelled():
            working.result()
            return True
        why = "what it needs can't be reached: another node may have it"
        _log.warning("%s: %s", held.lease.name, why if held.is_handed_over else "not ours any more")
        return False

    async def _give_back(self, held: HeldLease) -> None:
        """Where it is still ours, so that another need not wait for the end of its term."""
        self._held.pop(held.lease.name, None)
        held.give_up()
        if held.is_handed_over:
            self._hand_overs.given(held.lease.name)
        with contextlib.suppress(StoreError):
            await to_its_end(self._released(held.lease))
        self._notifier.notify(LEASES)

    async def _released(self, lease: Lease) -> None:
        async with self._writing(_RELEASE_SECONDS) as unit:
            await unit.leases.release(lease)

    async def _leave(self) -> None:
        with contextlib.suppress(StoreError):
            await to_its_end(self._left_for_good())

    async def _left_for_good(self) -> None:
        """With what was won in the moment of the stop, which nobody here knows of."""
        worker_id = self._report().worker_id
        async with self._writing(_RELEASE_SECONDS) as unit:
            await unit.nodes.leave(worker_id)
            released = await unit.leases.release_all(worker_id)
        if released:
            self._notifier.notify(LEASES)

    @contextlib.asynccontextmanager
    async def _writing(self, seconds: float = _WRITE_SECONDS) -> AsyncIterator[Unit]:
        """A transaction that waits at most so long for its turn."""
        with write_timeout(seconds):
            async with self._store.write() as unit:
                yield unit

    def _tell(self) -> None:
        if (trouble := self._company.trouble) is not None:
            self._part.bad(trouble)
            return
        held = {name for name, one in self._held.items() if one.is_ours}
        self._part.good(texts.health.leases(sorted(held), sorted(self._wanted - held)))
