"""The life of deliveries, whatever happens in whatever order: the promises hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Delivery, DeliveryKind, DeliveryState, Priority
from bot.store import Store
from tests.store.make_rows import ANNA, NOW, Audience, broadcast, later, make_target
from tests.store.raw_sql import ask

TARGETS = 3
STREAMS = 2
PRIORITIES = (Priority.CHANGE, Priority.END, Priority.UPDATE)

# A step is its name and a number, by which it chooses among what there is.
STEPS = (
    "owe", "owe", "owe_one", "raise", "raise", "raise_one", "drop", "notice",
    "claim", "claim", "claim", "claim", "claim",
    "begin", "begin", "begin", "arrive", "arrive", "told", "told", "told",
    "put_off", "uncertain", "dead", "forget", "hold", "disable", "enable", "late_word",
    "crash", "settle", "settle", "wait",
)  # fmt: skip

_worlds = count(1)


@dataclass
class World:
    """A dispatcher that may die at any moment, and a platform that remembers what it got.

    `hands` is what the dispatcher holds in memory, `begun` what it is sending; `old` is what
    earlier lives held, and `doubtful` what the last one left in doubt. `posted` counts what
    arrived, by delivery; whether the dispatcher hears of that is another step.
    """

    store: Store
    sender: str
    audiences: list[Audience] = field(default_factory=list)
    hands: dict[int, Delivery] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    old: list[Delivery] = field(default_factory=list)
    doubtful: dict[int, Delivery] = field(default_factory=dict)
    posted: Counter[int] = field(default_factory=Counter)
    owed: set[tuple[int, str]] = field(default_factory=set)
    life: int = 1
    elapsed: float = 0.0

    @property
    def worker_id(self) -> str:
        return f"{self.sender}-{self.life}"

    @property
    def now(self) -> datetime:
        return later(self.elapsed)

    async def make(self) -> None:
        async with self.store.write() as unit:
            targets = [
                await make_target(unit, self.sender, str(number), sender=self.sender)
                for number in range(TARGETS)
            ]
            for number in range(STREAMS):
                mint = f"{self.sender} {number}"
                for target in targets:
                    await unit.subscriptions.add(target.id, mint, ANNA, NOW)
                stream_id = await unit.streams.insert(mint, broadcast())
                self.audiences.append(Audience(tuple(targets), stream_id))

    async def step(self, name: str, number: int) -> None:
        does: Callable[[int], Awaitable[None]] = getattr(self, f"_{name}")
        await does(number)
        await self.check()

    async def rows(self) -> tuple[Delivery, ...]:
        sql = "SELECT id FROM deliveries WHERE sender = ? ORDER BY id"
        ids = [row[0] for row in ask(self.store.name, sql, (self.sender,))]
        async with self.store.read() as unit:
            found = [await unit.deliveries.get(id_) for id_ in ids]
        return tuple(d for d in found if d is not None)

    async def check(self) -> None:
        """What holds after every step."""
        rows = await self.rows()
        keys = [(d.target_id, d.key) for d in rows]
        assert len(set(keys)) == len(keys)
        assert set(keys) == self.owed
        busy = [d for d in rows if d.state in (DeliveryState.CLAIMED, DeliveryState.SENDING)]
        assert len({d.target_id for d in busy}) == len(busy), "two at once for one target"
        assert all(times == 1 for times in self.posted.values()), "posted twice"
        for d in rows:
            assert d.shown <= d.wanted
            assert d.message_id is None or self.posted[d.id], "shown, but never sent"
            assert (d.shown > 0) is (d.sent_at is not None)
            assert (d.worker_id is not None) is (d in busy)

    # What makes deliveries

    async def _owe(self, number: int) -> None:
        audience = self.audiences[number % STREAMS]
        async with self.store.write() as unit:
            await unit.deliveries.owe_alerts(audience.stream_id, self.now, silent=False)
            enabled = [
                target.id
                for target in await unit.places.in_use(audience.targets[0].place_id)
                if target.disabled is None
            ]
        self.owed |= {(target_id, f"alert:{audience.stream_id}") for target_id in enabled}

    async def _owe_one(self, number: int) -> None:
        audience = self.audiences[number % STREAMS]
        target = audience.targets[number % TARGETS]
        async with self.store.write() as unit:
            owe = unit.deliveries.owe_alert
            if await owe(target.id, audience.stream_id, self.now, silent=True):
                self.owed.add((target.id, f"alert:{audience.stream_id}"))

    async def _notice(self, number: int) -> None:
        target_id = self.audiences[0].targets[number % TARGETS].id
        async with self.store.write() as unit:
            await unit.deliveries.owe_body(
                target_id, f"n{number}", DeliveryKind.NOTICE, "{}", self.now
            )
        self.owed.add((target_id, f"n{number}"))

    async def _raise(self, number: int) -> None:
        stream_id = self.audiences[number % STREAMS].stream_id
        async with self.store.write() as unit:
            await unit.deliveries.raise_wanted(stream_id, self.now, PRIORITIES[number % 3])

    async def _raise_one(self, number: int) -> None:
        if d := choose(await self.rows(), number):
            async with self.store.write() as unit:
                await unit.deliveries.raise_many([d.id], self.now, PRIORITIES[number % 3])

    async def _drop(self, number: int) -> None:
        async with self.store.write() as unit:
            stream_id = self.audiences[number % STREAMS].stream_id
            await unit.deliveries.drop_unsent(stream_id, "it-ended", self.now)

    # What the dispatcher does

    async def _claim(self, number: int) -> None:
        async with self.store.write() as unit:
            claimed = await unit.deliveries.claim(
                self.sender, self.worker_id, number % 4 + 1, self.now
            )
        for d in claimed:
            assert d.due_at <= self.now
            assert d.shown < d.wanted
            assert d.id not in self.begun | self.doubtful.keys()
            self.hands[d.id] = d

    async def _begin(self, number: int) -> None:
        d = choose((d for d in self.hands.values() if d.id not in self.begun), number)
        if d is None:
            return
        async with self.store.write() as unit:
            ours = d.message_id is not None or await unit.deliveries.mark_sending(d, self.now)
        if ours:
            self.begun.add(d.id)
        else:
            del self.hands[d.id]

    async def _arrive(self, number: int) -> None:
        under_way = (d for d in self.sends() if not self.posted[d.id])
        if d := choose(under_way, number):
            self.posted[d.id] += 1

    async def _told(self, number: int) -> None:
        known = (d for d in self.begun_ones() if d.message_id or self.posted[d.id])
        if d := choose(known, number):
            async with self.store.write() as unit:
                assert await unit.deliveries.mark_shown(d, f"m{d.id}", self.now)
            self.let_go(d)

    async def _put_off(self, number: int) -> None:
        if d := choose(self.not_arrived(), number):
            async with self.store.write() as unit:
                done = await unit.deliveries.put_off(d, later(self.elapsed + number % 5), "later")
            assert done or d.id not in self.begun
            self.let_go(d)

    async def _dead(self, number: int) -> None:
        if d := choose(self.not_arrived(), number):
            async with self.store.write() as unit:
                done = await unit.deliveries.mark_dead(d, "refused", self.now)
            assert done or d.id not in self.begun
            self.let_go(d)

    async def _uncertain(self, number: int) -> None:
        if d := choose(self.sends(), number):
            async with self.store.write() as unit:
                assert await unit.deliveries.mark_uncertain(d, "no-answer", self.now)
            self.let_go(d)

    async def _forget(self, number: int) -> None:
        if d := choose((d for d in self.begun_ones() if d.message_id), number):
            async with self.store.write() as unit:
                assert await unit.deliveries.forget_message(d, "deleted", self.now)
            self.let_go(d)

    async def _hold(self, number: int) -> None:
        async with self.store.write() as unit:
            target_id = self.audiences[0].targets[number % TARGETS].id
            await unit.deliveries.hold_target(target_id, later(self.elapsed + number % 7))

    async def _disable(self, number: int) -> None:
        async with self.store.write() as unit:
            target_id = self.audiences[0].targets[number % TARGETS].id
            await unit.places.disable(target_id, "no-permission", self.now)

    async def _enable(self, number: int) -> None:
        async with self.store.write() as unit:
            await unit.places.enable(self.audiences[0].targets[number % TARGETS].id, self.now)

    async def _wait(self, number: int) -> None:
        self.elapsed += number % 10

    # Dying, and waking

    async def _crash(self, _: int) -> None:
        sends = {d.id for d in self.sends()} | self.doubtful.keys()
        self.old += [*self.hands.values(), *self.doubtful.values()]
        self.hands, self.begun, self.life = {}, set(), self.life + 1
        async with self.store.write() as unit:
            doubtful = await unit.deliveries.recover(self.sender, self.worker_id, self.now)
        self.doubtful = {d.id: d for d in doubtful}
        assert self.doubtful.keys() == sends, "only what was being sent is in doubt"

    async def _settle(self, number: int) -> None:
        d = choose(self.doubtful.values(), number)
        if d is None:
            return
        async with self.store.write() as unit:
            if number % 3 == 0:
                assert await unit.deliveries.mark_uncertain(d, "nobody-can-tell", self.now)
            elif self.posted[d.id]:
                assert await unit.deliveries.mark_shown(d, f"m{d.id}", self.now)
            else:
                assert await unit.deliveries.put_off(d, self.now, "not-there")
        del self.doubtful[d.id]

    async def _late_word(self, number: int) -> None:
        """Of an earlier life, still on its way when that died."""
        if d := choose(self.old, number):
            async with self.store.write() as unit:
                assert not await unit.deliveries.mark_sending(d, self.now)
                assert not await unit.deliveries.mark_shown(d, "late", self.now)
                assert not await unit.deliveries.put_off(d, self.now, "late")
                assert not await unit.deliveries.mark_dead(d, "late", self.now)

    async def finish(self) -> None:
        """Let it all come to rest: whatever is owed is then shown, dead or uncertain."""
        await self._crash(0)
        while self.doubtful:
            await self._settle(1)
        for number in range(TARGETS):
            await self._enable(number)
        self.elapsed += 1000
        while await self._claimed_any():
            while self.hands:
                for step in (self._begin, self._arrive, self._told):
                    await step(0)
            await self.check()
        for d in await self.rows():
            if d.state is DeliveryState.SENT:
                assert d.shown == d.wanted
                assert self.posted[d.id] == 1
            else:
                assert d.state in (DeliveryState.UNCERTAIN, DeliveryState.DEAD)
                assert d.error is not None

    async def _claimed_any(self) -> bool:
        await self._claim(3)
        return bool(self.hands)

    # What there is to choose from

    def begun_ones(self) -> list[Delivery]:
        return [d for d in self.hands.values() if d.id in self.begun]

    def sends(self) -> list[Delivery]:
        return [d for d in self.begun_ones() if d.message_id is None]

    def not_arrived(self) -> list[Delivery]:
        return [d for d in self.hands.values() if d.message_id or not self.posted[d.id]]

    def let_go(self, d: Delivery) -> None:
        del self.hands[d.id]
        self.begun.discard(d.id)


def choose(several: Iterable[Delivery], number: int) -> Delivery | None:
    there = sorted(several, key=lambda d: d.id)
    return there[number % len(there)] if there else None


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30)), max_size=60))
@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_nothing_is_sent_twice_or_lost_in_whatever_order_it_happens(
    store: Store, steps: list[tuple[str, int]]
) -> None:
    world = World(store, f"world {next(_worlds)}")
    await world.make()
    for name, number in [("owe", 0), *steps]:
        await world.step(name, number)
    await world.finish()
