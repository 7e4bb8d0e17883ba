"""Which node has the right to what, for how long, and which nodes there are.

Terms are by the database's clock, so that the clocks of machines do not matter. Of all who use the
database one writes at a time, so what is read here is so until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, type_coerce, update

from bot.kit.leadership import Lease
from bot.store.backends import DatabaseNow, insert
from bot.store.columns import Instant
from bot.store.rows.base import Rows, in_parts
from bot.store.tables import lease_history, leases

_rows = leases.c
_NOW = DatabaseNow()


def database_now() -> ColumnElement[datetime]:
    """The instant that the database's clock shows."""
    return type_coerce(_NOW, Instant)


def term(seconds: float) -> ColumnElement[datetime]:
    """So long after that."""
    return type_coerce(_NOW + round(1000 * seconds), Instant)


def seconds_until(column: ColumnElement[datetime]) -> ColumnElement[Any]:
    """From that clock's instant to the one of `column`; less than nothing where that is over."""
    return (type_coerce(column, _NOW.type) - _NOW) / 1000.0


def is_running(until: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether the term that lasts until then is not over."""
    return until > database_now()


@dataclass(frozen=True, slots=True)
class LeaseTerm:
    """A lease as its row has it. `left` is in seconds: less than nothing where nobody has it."""

    lease: Lease
    left: float


class Leases(Rows):
    """Won, renewed and given back."""

    async def win(
        self, name: str, holder: str, seconds: float, *, is_noted: bool = True
    ) -> Lease | None:
        """Take it for so long; None: the term of another holder is not over. `is_noted`: whoever
        looks into what happened finds it."""
        row = await self._first(
            select(leases, is_running(_rows.until).label("is_held")).where(_rows.name == name)
        )
        if row is not None and row.is_held and row.holder != holder:
            return None
        epoch = row.epoch + 1 if row is not None else 1
        won = {"holder": holder, "epoch": epoch, "until": term(seconds)}
        new = insert(leases).values(name=name, **won)
        await self._change(new.on_conflict_do_update(index_elements=[_rows.name], set_=won))
        if is_noted:
            noted = insert(lease_history).values(
                name=name,
                holder=holder,
                epoch=epoch,
                won_at=database_now(),
                last_until=row.until if row is not None else None,
            )
            await self._change(noted)
        return Lease(name, holder, epoch)

    async def renew(self, held: Collection[Lease], seconds: float) -> frozenset[str]:
        """Each of them for so long from now; the names of those that are still ours."""
        if not held:
            return frozenset()
        mine = or_(*(_is(lease) for lease in held))
        statement = update(leases).where(mine, is_running(_rows.until))
        renewed = await self._values(statement.values(until=term(seconds)).returning(_rows.name))
        return frozenset(renewed)

    async def release(self, lease: Lease) -> bool:
        """Its term is over: another may win it at once. False: it was not ours any more."""
        over = update(leases).where(_is(lease), is_running(_rows.until))
        return await self._change(over.values(until=database_now())) > 0

    async def release_all(self, holder: str) -> int:
        """The same of all that this holder has; how many those are. Not of turns, which are of a
        holder of their own each time."""
        over = update(leases).where(_rows.holder == holder, is_running(_rows.until))
        return await self._change(over.values(until=database_now()))

    async def is_held(self, lease: Lease) -> bool:
        """Whether it is that holder's, in that epoch, and its term not over."""
        statement = select(_rows.epoch).where(_is(lease), is_running(_rows.until))
        return await self._first(statement) is not None

    async def held(self, names: Collection[str]) -> frozenset[str]:
        """Which of them somebody has."""
        found: set[str] = set()
        for some in in_parts(names):
            statement = select(_rows.name).where(_rows.name.in_(some), is_running(_rows.until))
            found.update(await self._values(statement))
        return frozenset(found)

    async def now(self) -> datetime:
        """What the clock shows by which terms are counted."""
        shown: datetime | None = await self._value(select(database_now()))
        assert shown is not None
        return shown

    async def left(self, name: str, holder: str = "") -> float:
        """Seconds until `holder` may win it: until its term is over; nothing where nobody has it,
        or that holder."""
        others = select(seconds_until(_rows.until)).where(
            _rows.name == name, _rows.holder != holder
        )
        left = await self._value(others)
        return max(0.0, float(left)) if left is not None else 0.0

    async def all(self) -> tuple[LeaseTerm, ...]:
        """Every lease that was ever won, by name."""
        statement = select(leases, seconds_until(_rows.until).label("left")).order_by(_rows.name)
        return tuple(
            LeaseTerm(Lease(row.name, row.holder, row.epoch), float(row.left))
            for row in await self._all(statement)
        )


def _is(lease: Lease) -> Any:
    return and_(_rows.name == lease.name, _rows.holder == lease.holder, _rows.epoch == lease.epoch)
