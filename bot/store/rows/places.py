"""What is a community, and where in it messages go."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, cast, exists, or_, select, update

from bot.model import Address, Person, Preference, Scope, Target
from bot.store.rows.base import Rows
from bot.store.rows.target_moves import TargetMoves
from bot.store.tables import (
    deliveries,
    is_busy,
    is_open,
    places,
    preferences,
    subscriptions,
    targets,
)

_IN_USE = or_(
    exists().where(subscriptions.c.target_id == targets.c.id),
    exists().where(deliveries.c.target_id == targets.c.id, is_open(deliveries)),
    exists().where(deliveries.c.target_id == targets.c.id, is_busy(deliveries)),
    exists().where(
        preferences.c.scope == Scope.PLACE,
        preferences.c.owner_id == targets.c.place_id,
        preferences.c.name == Preference.NOTICES,
        preferences.c.value == cast(targets.c.id, String),
    ),
)


class Places(Rows):
    """Places and their targets."""

    async def target(self, address: Address, sender: str, now: datetime) -> Target:
        """The target of that address, made where there is none, its place too. Names are kept
        up to date; an empty one changes nothing."""
        known = await self.find(address)
        if known is not None:
            return await self._named(known, address)
        new = targets.insert().values(
            place_id=await self._place(address),
            key=address.channel,
            name=address.channel_name,
            sender=sender,
            switched_at=now,
        )
        made = await self._existing(await self._value(new.returning(targets.c.id)))
        return await self._named(made, address)

    async def by_id(self, target_id: int) -> Target | None:
        """The target of that id."""
        row = await self._first(select_targets().where(targets.c.id == target_id))
        return None if row is None else target_of(row)

    async def many(self, target_ids: Collection[int]) -> dict[int, Target]:
        """Those of these ids that there are."""
        statement = select_targets().where(targets.c.id.in_(target_ids))
        return {row.target_id: target_of(row) for row in await self._all(statement)}

    async def find(self, address: Address) -> Target | None:
        """The target of that address; names do not count."""
        row = await self._first(
            select_targets().where(
                places.c.platform == address.platform,
                places.c.key == address.place,
                targets.c.key == address.channel,
            )
        )
        return None if row is None else target_of(row)

    async def seen(self, address: Address, sender: str) -> Target:
        """The same; where there is none, a target without a row: what is to be told of it is what
        holds for its place."""
        known = await self.find(address)
        return known or Target(0, await self.known(address) or 0, sender, address)

    async def known(self, address: Address) -> int | None:
        """The id of the address's place; None: nothing was ever kept about it."""
        place_id: int | None = await self._value(
            select(places.c.id).where(
                places.c.platform == address.platform, places.c.key == address.place
            )
        )
        return place_id

    async def in_use(self, place_id: int) -> tuple[Target, ...]:
        """Those of a place where something is, or may yet be, posted of itself: they follow a coin,
        are owed something, or get the place's notices. In the order in which they came."""
        return await self._several(targets.c.place_id == place_id, _IN_USE)

    async def targets_at(
        self, platform: str, key: str, *, in_use: bool = False
    ) -> tuple[Target, ...]:
        """All of a place by its own key, or those in use; none where it is not known."""
        which = (places.c.platform == platform, places.c.key == key)
        return await self._several(*which, *((_IN_USE,) if in_use else ()))

    async def keys(self, platform: str) -> tuple[str, ...]:
        """The keys of that platform's places which have a target, in the order they came in."""
        has_target = exists().where(targets.c.place_id == places.c.id)
        statement = select(places.c.key).where(places.c.platform == platform, has_target)
        return tuple(await self._values(statement.order_by(places.c.id)))

    async def disable(self, target_id: int, reason: str, now: datetime) -> bool:
        """Post nothing there any more; all that it has and is owed is kept. False: it was disabled
        already, and the first reason stays."""
        statement = (
            update(targets)
            .where(targets.c.id == target_id, targets.c.disabled.is_(None))
            .values(disabled=reason, switched_at=now)
        )
        return await self._change(statement) > 0

    async def enable(self, target_id: int, now: datetime) -> bool:
        """Post there again: what is due goes on, what died stays dead. False: it was enabled."""
        statement = (
            update(targets)
            .where(targets.c.id == target_id, targets.c.disabled.is_not(None))
            .values(disabled=None, switched_at=now)
        )
        return await self._change(statement) > 0

    async def move(self, target_id: int, address: Address) -> Target:
        """It has another address now, such as a group that became a supergroup.

        Where a target of that address is known already, both become that one: subscriptions and
        preferences that it lacks are added to it, and of two deliveries of one key the one that
        was shown stays. What stands in another place is not changed any more: a supergroup numbers
        its messages anew. Raises LookupError where there is no such target.
        """
        target = await self._existing(target_id)
        place_id = await self._place(address)
        known = await self.find(address)
        moves = TargetMoves(self._connection)
        if place_id != target.place_id:
            await moves.leave_messages(target_id)
        if known is None:
            await moves.readdress(target_id, place_id, address.channel)
            known = await self._existing(target_id)
        elif known.id != target_id:
            await moves.merge(target_id, known.id)
        await moves.settle(known.id, target.place_id, place_id)
        return await self._named(known, address)

    async def first_subscriber(self, target_id: int) -> Person | None:
        """Who was the first to subscribe it to anything that it still has."""
        row = await self._first(
            select(subscriptions.c.person_id, subscriptions.c.person_name)
            .where(subscriptions.c.target_id == target_id)
            .order_by(subscriptions.c.id)
            .limit(1)
        )
        return None if row is None else Person(row.person_id, row.person_name)

    async def _existing(self, target_id: int) -> Target:
        target = await self.by_id(target_id)
        if target is None:
            raise LookupError(f"no target {target_id}")
        return target

    async def _place(self, address: Address) -> int:
        """The id of the address's place, made where there is none."""
        known = await self.known(address)
        if known is None:
            new = places.insert().values(
                platform=address.platform, key=address.place, name=address.place_name
            )
            known = await self._value(new.returning(places.c.id))
        return int(known)

    async def _several(self, *which: ColumnElement[bool]) -> tuple[Target, ...]:
        statement = select_targets().where(*which).order_by(targets.c.id)
        return tuple(target_of(row) for row in await self._all(statement))

    async def _named(self, target: Target, address: Address) -> Target:
        """The target with the names that the address tells, where it tells any."""
        old = target.address
        if address.place_name not in ("", old.place_name):
            await self._change(
                update(places).where(places.c.id == target.place_id).values(name=address.place_name)
            )
        if address.channel_name not in ("", old.channel_name):
            await self._change(
                update(targets).where(targets.c.id == target.id).values(name=address.channel_name)
            )
        return await self._existing(target.id)


def select_targets() -> Select[Any]:
    """Every target with its place; what `target_of` reads. Add a WHERE, or columns."""
    return select(
        targets.c.id.label("target_id"),
        targets.c.place_id,
        targets.c.sender.label("target_sender"),
        targets.c.disabled,
        places.c.platform,
        places.c.key.label("place_key"),
        places.c.name.label("place_name"),
        targets.c.key.label("channel_key"),
        targets.c.name.label("channel_name"),
    ).join_from(targets, places)


def target_of(row: Row[Any]) -> Target:
    """A row of `select_targets`."""
    return Target(
        id=row.target_id,
        place_id=row.place_id,
        sender=row.target_sender,
        address=Address(
            platform=row.platform,
            place=row.place_key,
            channel=row.channel_key,
            place_name=row.place_name,
            channel_name=row.channel_name,
        ),
        disabled=row.disabled,
    )
