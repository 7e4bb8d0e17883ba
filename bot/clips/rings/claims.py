"""Whose a ring is, where several nodes could hold it.

Each node decides by itself which rings it would hold, of the coins that no other node has, and
takes one at a time. Where another one is less full, it leaves a coin to that for a while: the
fuller it is itself, the longer.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from bot.clips.rings.policy import MILLICORES_A_RING, UNUSED_SECONDS
from bot.errors import StoreError
from bot.kit.notifier import STREAMS, heard
from bot.model import Window

if TYPE_CHECKING:
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.store import NodeReport, RingElsewhere, Store

_log = logging.getLogger(__name__)

_FULL_SECONDS = 4.5
"""For so long a node that has every place taken would leave a coin to one that is less full; one
that has half of them taken, for half of it. That is more than a busy machine needs to hear of a
coin, and the coin has its ring soon all the same, should the other one not want it.
"""
_YIELDING_SECONDS = 0.25
"""So often it looks meanwhile whether the others are as full as it is by now."""

_RENEWALS = 6
"""In one term."""

_FREE_SECONDS = 10.0
"""For so long it counts since when a coin is free; it is counted anew then."""

_MEDIA_SECONDS, _AWAITED_SECONDS = 0.25, 15.0
"""So often is looked whether a new ring has something at last, and for so long."""

_REST_SECONDS = 180.0
"""A coin whose ring got nothing here is left to others for so long. What they don't take, or
give back since nothing comes there either, is tried here again."""

LOOK_SECONDS, LEAST_SECONDS = 5.0, 0.2
"""So often are rings looked at, at least and at most."""
_FRESH = timedelta(seconds=12)
"""What a node has said so lately still grows."""


class RingClaims(Protocol):
    """`look` says what ours have at hand, and gives the coins that are not ours to hold, and those
    that are ours no more. `take` gives those of `wanted`, the most wanted first, that may be held
    now, and for how many seconds it has to wait until there may be more. `give_away` is told of
    which of ours nothing comes, and gives those that are to be released, for others. `leave` gives
    back all."""

    async def look(
        self, at_hand: Mapping[str, Window | None]
    ) -> tuple[frozenset[str], frozenset[str]]: ...
    async def take(
        self, wanted: Sequence[str], held: int, places: int
    ) -> tuple[frozenset[str], float]: ...
    async def give_away(self, failing: Collection[str]) -> frozenset[str]: ...
    async def release(self, mints: Sequence[str]) -> None: ...
    async def leave(self) -> None: ...
    def at_hand(self, mint: str) -> Window | None:
        """What another node has, as it said last."""
        ...

    @property
    def next_look(self) -> float:
        """Seconds until there may be news that nobody tells: another's ring that may be ours, if
        that one says no more; one of ours that has something at last, which the others wait for.
        By then ours are to be renewed, too."""
        ...


class AllOurs:
    """Nobody else holds rings."""

    async def look(
        self, at_hand: Mapping[str, Window | None]
    ) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(), frozenset()

    async def take(
        self, wanted: Sequence[str], held: int, places: int
    ) -> tuple[frozenset[str], float]:
        return frozenset(wanted), float("inf")

    async def give_away(self, failing: Collection[str]) -> frozenset[str]:
        return frozenset()

    async def release(self, mints: Sequence[str]) -> None:
        return

    async def leave(self) -> None:
        return

    def at_hand(self, mint: str) -> Window | None:
        return None

    @property
    def next_look(self) -> float:
        return float("inf")


def shares(rings: Collection[RingElsewhere], nodes: Collection[NodeReport]) -> Mapping[str, float]:
    """How much of its places each of the nodes has taken, of those that hold rings at all. One that
    could not renew a ring of its own is not counted: it is gone, or has worse to do."""
    cost: defaultdict[str, int] = defaultdict(int)
    for ring in rings:
        cost[ring.worker_id] += ring.cost_millicores
    late = {ring.worker_id for ring in rings if ring.left <= 0}
    return {
        node.worker_id: cost[node.worker_id] / (node.ring_places * MILLICORES_A_RING)
        for node in nodes
        if node.ring_places > 0 and node.worker_id not in late
    }


class SharedRings:
    """By rows that are ours for `seconds` after each `look`. What others have stays theirs, however
    old it is, until `is_steady` (`bot.kit.leadership`)."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        worker_id: str,
        seconds: float,
        is_steady: Callable[[], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._worker_id = worker_id
        self._seconds = seconds
        self._is_steady = is_steady
        self._rings: tuple[RingElsewhere, ...] = ()
        self._elsewhere: dict[str, RingElsewhere] = {}
        self._free_since: dict[str, float] = {}
        self._given_at: dict[str, float] = {}
        self._gives_nothing = True
        self._awaited_until = 0.0

    async def look(
        self, at_hand: Mapping[str, Window | None]
    ) -> tuple[frozenset[str], frozenset[str]]:
        by_term = self._is_steady()
        async with self._store.read() as unit:
            self._rings = await unit.captures.elsewhere(self._worker_id, by_term=False)
        self._note_free({one.mint: one for one in self._rings if one.left > 0 or not by_term})
        if None not in at_hand.values():
            self._awaited_until = 0.0
        self._gives_nothing = not any(at_hand.values())
        not_ours = frozenset(self._elsewhere) | await self._left_to_others()
        if not at_hand:
            return not_ours, frozenset()
        async with self._store.write() as unit:
            ours = await unit.captures.renew(at_hand, self._worker_id, self._seconds)
        return not_ours, frozenset(at_hand) - ours

    async def follow(self, notifier: Notifier) -> None:
        """Until cancelled: know what others have at hand, on a node that holds no rings itself.
        Whoever asks there for the past of a stream has it of them."""
        with notifier.listening(STREAMS) as hint:
            while True:
                hint.clear()
                try:
                    await self.look({})
                except StoreError as error:  # which health says anyway
                    _log.debug("the rings of others cannot be looked at: %s", error)
                pause = min(LOOK_SECONDS, self.next_look)
                await heard(hint, self._clock, max(LEAST_SECONDS, pause))

    async def take(
        self, wanted: Sequence[str], held: int, places: int
    ) -> tuple[frozenset[str], float]:
        if not wanted:
            return frozenset(), float("inf")
        now, share = self._clock.monotonic(), held / max(1, places)
        if self._given_at and self._gives_nothing:
            share = 1.0  # it may well be that no room can be reached from here
        for mint in wanted:
            self._free_since.setdefault(mint, now)
        left_to_others = _FULL_SECONDS * share if await self._is_fuller_than_one(share) else 0.0
        due = [mint for mint in wanted if now - self._free_since[mint] >= left_to_others]
        taken = None
        if due:
            async with self._store.write() as unit:
                taken = await unit.captures.claim(
                    due, self._worker_id, self._seconds, MILLICORES_A_RING
                )
        if taken is not None:
            self._awaited_until = now + _AWAITED_SECONDS
        granted = frozenset({taken} if taken is not None else ())
        if granted.issuperset(wanted):
            return granted, float("inf")
        # Where another one was faster, there may be a coin that nobody has taken yet.
        return granted, LEAST_SECONDS if due else _YIELDING_SECONDS

    async def _is_fuller_than_one(self, share: float) -> bool:
        """Whether a node is there that has less of its places taken than `share`, which is ours."""
        return any(one < share for one in await self._shares())

    async def _shares(self) -> Collection[float]:
        """Of the other nodes that are there and hold rings."""
        async with self._store.read() as unit:
            nodes = await unit.nodes.others(self._worker_id)
        return shares(self._rings, nodes).values()

    async def give_away(self, failing: Collection[str]) -> frozenset[str]:
        """All of them, where another node holds rings, too: it may reach more. Not the same one
        again for a while, for there may be nothing to be had anywhere."""
        due = [mint for mint in failing if mint not in self._given_at]
        if not due or not await self._shares():
            return frozenset()
        for mint in due:
            _log.warning("nothing comes of %s here, so its ring is left to other nodes", mint)
            self._given_at[mint] = self._clock.monotonic()
        return frozenset(due)

    async def _left_to_others(self) -> frozenset[str]:
        """What was given away of late, while others are there that may take it."""
        now = self._clock.monotonic()
        given = {mint: at for mint, at in self._given_at.items() if now - at < UNUSED_SECONDS}
        self._given_at = given
        left = frozenset(mint for mint, at in given.items() if now - at < _REST_SECONDS)
        return left if left and await self._shares() else frozenset()

    def _note_free(self, elsewhere: Mapping[str, RingElsewhere]) -> None:
        """Those that others have no more are free from now on, wanted or not: what is wanted next
        may have been free for long enough."""
        now = self._clock.monotonic()
        free = dict.fromkeys(self._elsewhere, now) | self._free_since
        self._free_since = {
            mint: since
            for mint, since in free.items()
            if mint not in elsewhere and now - since < _FREE_SECONDS
        }
        self._elsewhere = dict(elsewhere)

    async def release(self, mints: Sequence[str]) -> None:
        if mints:
            async with self._store.write() as unit:
                await unit.captures.release(mints, self._worker_id)

    async def leave(self) -> None:
        async with self._store.write() as unit:
            await unit.captures.release_all(self._worker_id)

    def at_hand(self, mint: str) -> Window | None:
        one = self._elsewhere.get(mint)
        if one is None or one.at_hand is None:
            return None
        goes_on = self._clock.age(one.at_hand.ends_at).least < _FRESH
        return Window(one.at_hand.begins_at, self._clock.now()) if goes_on else one.at_hand

    @property
    def next_look(self) -> float:
        running = (one.left for one in self._elsewhere.values() if one.left > 0)
        soonest = min((*running, self._seconds / _RENEWALS))
        awaits_media = self._clock.monotonic() < self._awaited_until
        return min(soonest, _MEDIA_SECONDS) if awaits_media else soonest
