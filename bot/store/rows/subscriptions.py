"""Who wants to hear of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    ScalarSelect,
    Subquery,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from bot.model import Coin, Person, Removed, Scope, SubjectKind, Subscription
from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.rows.coins import coin_of, select_coins
from bot.store.rows.preferences import PreferenceRows
from bot.store.tables import coins, subscriptions, targets

_rows = subscriptions.c
_twin = subscriptions.alias().c
_IS_MINT = _rows.subject_kind == SubjectKind.MINT


class Subscriptions(Rows):
    """Subscriptions, today all of mints."""

    async def add(
        self, target_id: int, mint: str, person: Person, now: datetime
    ) -> Subscription | None:
        """Subscribe the target; None: it was already. A coin that was confirmed for others is
        confirmed for this one."""
        row = await self._first(
            insert(subscriptions)
            .values(
                target_id=target_id,
                subject_kind=SubjectKind.MINT,
                subject=mint,
                person_id=person.id,
                person_name=person.name,
                created_at=now,
                checked_at=_confirmed(literal(mint)),
            )
            .on_conflict_do_nothing()
            .returning(subscriptions)
        )
        return None if row is None else _subscription(row)

    async def remove(self, target_id: int, mint: str) -> Removed:
        """Unsubscribe the target; nothing: it was not. What was chosen for it goes too."""
        return await self._remove(_of(target_id, mint))

    async def remove_all(self, target_id: int) -> Removed:
        """Unsubscribe the target from everything."""
        return await self._remove(_rows.target_id == target_id)

    async def restore(self, removed: Sequence[Subscription]) -> None:
        """Put them back under their old ids; a mint that is followed there again stays as it is."""
        if removed:
            its = [{f"its_{name}": value for name, value in asdict(one).items()} for one in removed]
            await self._change(_RESTORE, its)

    async def of_target(self, target_id: int) -> tuple[Subscription, ...]:
        """In the order in which they came."""
        return await self._several(_rows.target_id == target_id)

    async def of_place(self, place_id: int) -> tuple[Subscription, ...]:
        """Of every target of the place, in the order in which they came."""
        of_place = select(targets.c.id).where(targets.c.place_id == place_id)
        return await self._several(_rows.target_id.in_(of_place))

    async def count_in(self, place_id: int) -> int:
        """How many the place has; a coin that two of its targets follow counts twice."""
        statement = select(func.count()).select_from(subscriptions).join(targets)
        return int(await self._value(statement.where(targets.c.place_id == place_id)))

    async def get(self, target_id: int, mint: str) -> Subscription | None:
        """The target's subscription of that mint."""
        row = await self._first(select(subscriptions).where(_of(target_id, mint)))
        return None if row is None else _subscription(row)

    async def followed(self, pairs: Collection[tuple[int, str]]) -> frozenset[tuple[int, str]]:
        """Those of these targets and mints of which the one is subscribed to the other."""
        found: set[tuple[int, str]] = set()
        for part in in_parts(pairs):
            statement = select(_rows.target_id, _rows.subject).where(
                _IS_MINT, tuple_(_rows.target_id, _rows.subject).in_(part)
            )
            found.update((row.target_id, row.subject) for row in await self._all(statement))
        return frozenset(found)

    async def by_place(self) -> dict[int, frozenset[str]]:
        """Every mint that an enabled target wants to hear of, by the id of its place."""
        statement = (
            select(targets.c.place_id, _rows.subject)
            .join_from(subscriptions, targets)
            .where(_IS_MINT, targets.c.disabled.is_(None))
        )
        mints: dict[int, list[str]] = defaultdict(list)
        for row in await self._all(statement):
            mints[row.place_id].append(row.subject)
        return {place_id: frozenset(found) for place_id, found in mints.items()}

    async def wanted(self, mint: str) -> bool:
        """Whether an enabled target wants to hear of it."""
        of_enabled = select(_rows.target_id).join(targets).where(targets.c.disabled.is_(None))
        of_mint = of_enabled.where(_IS_MINT, _rows.subject == mint)
        return await self._value(of_mint.limit(1)) is not None

    async def unchecked(self) -> tuple[str, ...]:
        """The mints whose coin pump.fun never confirmed, the oldest first."""
        statement = (
            select(_rows.subject)
            .where(_IS_MINT)
            .group_by(_rows.subject)
            .having(func.max(_rows.checked_at).is_(None))
            .order_by(func.min(_rows.id))
        )
        return tuple(await self._values(statement))

    async def confirm(self, mint: str, now: datetime) -> int:
        """pump.fun knows the coin; says for how many subscriptions that is news."""
        return await self._change(
            update(subscriptions)
            .where(_IS_MINT, _rows.subject == mint, _rows.checked_at.is_(None))
            .values(checked_at=now)
        )

    async def suggest(
        self, place_id: int, text: str, limit: int, hidden: Collection[int] = ()
    ) -> tuple[Coin, ...]:
        """Coins that the place subscribes to in targets that are not `hidden`, by a piece of symbol
        or name, or the address's beginning; those whose symbol begins so come first. An empty
        `text` fits all."""
        word = text.strip().removeprefix("$")
        wanted = _followed(place_id, hidden)
        fits = or_(
            coins.c.symbol.icontains(word, autoescape=True),
            coins.c.name.icontains(word, autoescape=True),
            wanted.c.mint.istartswith(word, autoescape=True),
        )
        begins = coins.c.symbol.istartswith(word, autoescape=True)
        statement = (
            select_coins(wanted.c.mint)
            .join_from(wanted, coins, coins.c.mint == wanted.c.mint, isouter=True)
            .order_by(case((begins, 0), else_=1), coins.c.symbol, wanted.c.mint)
        )
        if word.isascii():
            found = await self._all(statement.where(fits).limit(limit))
            return tuple(coin_of(row) for row in found)
        every = [coin_of(row) for row in await self._all(statement)]
        return _called(every, _folded(word))[:limit]

    async def so_called(
        self, place_id: int, symbol: str, limit: int, hidden: Collection[int] = ()
    ) -> tuple[str, ...]:
        """The mints of the coins that the place subscribes to in targets that are not `hidden` and
        that have that symbol, with or without a `$`, and however it is written."""
        wanted, meant = _followed(place_id, hidden), _folded(symbol)
        statement = (
            select(wanted.c.mint, coins.c.symbol)
            .join_from(wanted, coins, coins.c.mint == wanted.c.mint)
            .where(coins.c.symbol.is_not(None))
            .order_by(wanted.c.mint)
        )
        found = [row.mint for row in await self._all(statement) if _folded(row.symbol) == meant]
        return tuple(found[:limit])

    async def count(self) -> int:
        """All of them."""
        return int(await self._value(select(func.count()).select_from(subscriptions)))

    async def _several(self, which: ColumnElement[bool]) -> tuple[Subscription, ...]:
        statement = select(subscriptions).where(which).order_by(_rows.id)
        return tuple(_subscription(row) for row in await self._all(statement))

    async def _remove(self, which: ColumnElement[bool]) -> Removed:
        choices = await PreferenceRows(self._connection).forget(
            Scope.SUBSCRIPTION, select(_rows.id).where(which)
        )
        rows = await self._all(delete(subscriptions).where(which).returning(subscriptions))
        removed = sorted((_subscription(row) for row in rows), key=lambda one: one.id)
        return Removed(tuple(removed), choices)


def _followed(place_id: int, hidden: Collection[int] = ()) -> Subquery:
    """The coins that the place subscribes to in targets that are not `hidden`, as `mint`."""
    return (
        select(_rows.subject.label("mint"))
        .distinct()
        .join_from(subscriptions, targets)
        .where(targets.c.place_id == place_id, targets.c.id.not_in(hidden), _IS_MINT)
        .subquery()
    )


def _confirmed(mint: ColumnElement[str]) -> ScalarSelect[datetime]:
    """When the coin was confirmed for others."""
    return (
        select(func.min(_twin.checked_at))
        .where(_twin.subject_kind == SubjectKind.MINT, _twin.subject == mint)
        .scalar_subquery()
    )


def _its(name: str) -> BindParameter[Any]:
    """A field of a `Subscription`; as a parameter it must not be called as the column is."""
    return bindparam(f"its_{name}", type_=_rows[_COLUMNS.get(name, name)].type)


def _of(target_id: int, mint: str) -> ColumnElement[bool]:
    return and_(_rows.target_id == target_id, _IS_MINT, _rows.subject == mint)


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        target_id=row.target_id,
        mint=row.subject,
        person_id=row.person_id,
        person_name=row.person_name,
        created_at=row.created_at,
        checked_at=row.checked_at,
    )


_FIELDS = tuple(field.name for field in fields(Subscription))
_COLUMNS = {"mint": "subject"}
_RESTORE = (
    insert(subscriptions)
    .values(
        {_COLUMNS.get(name, name): _its(name) for name in _FIELDS}
        | {
            "subject_kind": SubjectKind.MINT,
            "checked_at": func.coalesce(_its("checked_at"), _confirmed(_its("mint"))),
        }
    )
    .on_conflict_do_nothing()
)
"""Made once, for any number of them."""


def _folded(symbol: str) -> str:
    """Here, since a database's `lower` may know only ASCII."""
    return symbol.lstrip("$").casefold()


def _called(every: Iterable[Coin], word: str) -> tuple[Coin, ...]:
    """Those with that word in symbol or name; those whose symbol begins so come first."""
    fits = [
        coin for coin in every if word in coin.symbol.casefold() or word in coin.name.casefold()
    ]
    return tuple(sorted(fits, key=lambda coin: not _folded(coin.symbol).startswith(word)))
