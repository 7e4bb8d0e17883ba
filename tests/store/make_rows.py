"""Rows that tests begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.model import (
    Address,
    Broadcast,
    ClipJob,
    ClipOrder,
    Delivery,
    Person,
    StreamState,
    Target,
    Window,
)
from bot.store import Store, Unit

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINT = "AMintWhoseAddressIsOnlyMadeUpForTheTests1pump"
OTHER_MINT = "BMintWhoseAddressIsOnlyMadeUpForTheTests2pump"
ANNA = Person("1001", "Anna")
SENDER = "local"
WORKER = "local-7f3a"


def later(seconds: float) -> datetime:
    """So many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def address(place: str = "place", channel: str = "channel") -> Address:
    """With names that tell where it is."""
    return Address("local", place, channel, f"The {place}", f"#{channel}")


def broadcast(**changes: object) -> Broadcast:
    """On air since now."""
    on_air = Broadcast(StreamState.LIVE, NOW, NOW, site_id=501, title="hello", viewers=7)
    return replace(on_air, **changes)  # type: ignore[arg-type]


def order(target: Target, request_key: str = "r1", **changes: object) -> ClipOrder:
    """The half minute of MINT before NOW; or the next seconds, where its window begins then."""
    plain = ClipOrder(
        request_key=request_key,
        place_id=target.place_id,
        target_id=target.id,
        mint=MINT,
        person=ANNA,
        seconds=30.0,
        window=Window.before(NOW, 30.0),
        max_bytes=10 << 20,
        asked_at=NOW,
        reply_to="77",
    )
    changed = replace(plain, **changes)  # type: ignore[arg-type]
    is_ahead = changed.window.begins_at >= changed.asked_at
    return replace(changed, is_ahead=is_ahead) if "is_ahead" not in changes else changed


async def make_target(
    unit: Unit, place: str = "place", channel: str = "channel", *, sender: str = SENDER
) -> Target:
    """A target; the same names give the same one."""
    return await unit.places.target(address(place, channel), sender, NOW)


@dataclass(frozen=True, slots=True)
class Audience:
    """Targets that are subscribed to MINT, which is on air and announced to nobody yet."""

    targets: tuple[Target, ...]
    stream_id: int


async def make_audience(unit: Unit, count: int = 1, *, sender: str = SENDER) -> Audience:
    """Each target in a place of its own."""
    targets = []
    for number in range(count):
        target = await make_target(unit, f"place {number}", sender=sender)
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        targets.append(target)
    return Audience(tuple(targets), await unit.streams.insert(MINT, broadcast()))


async def claim(
    store: Store, limit: int = 10, *, worker_id: str = WORKER, now: datetime = NOW
) -> tuple[Delivery, ...]:
    """In a transaction of its own."""
    async with store.write() as unit:
        return await unit.deliveries.claim(SENDER, worker_id, limit, now)


async def send(store: Store, d: Delivery, message_id: str = "m1", now: datetime = NOW) -> None:
    """A claimed row goes out, and arrives."""
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(d, now)
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(d, message_id, now)


async def owed_and_sent(store: Store, message_id: str = "m1") -> tuple[Audience, Delivery]:
    """One target whose alert is up."""
    async with store.write() as unit:
        audience = await make_audience(unit)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    (d,) = await claim(store)
    await send(store, d, message_id)
    return audience, await fresh(store, d)


async def fresh(store: Store, d: Delivery) -> Delivery:
    """The row as it is now."""
    async with store.read() as unit:
        found = await unit.deliveries.get(d.id)
    assert found is not None
    return found


async def fresh_job(store: Store, job: ClipJob) -> ClipJob:
    """The row as it is now."""
    async with store.read() as unit:
        found = await unit.jobs.get(job.id)
    assert found is not None
    return found
