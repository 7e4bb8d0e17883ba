"""What a place, a target or a subscription chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, delete, func, select, tuple_

from bot.model import (
    Chosen,
    Preference,
    Preferences,
    Scope,
    StoredChoice,
    SubjectKind,
    Target,
)
from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.tables import preferences, subscriptions, targets

Pair = tuple[int, str | None]
"""A target, and a mint that it may be subscribed to."""

_Owner = tuple[Scope, int]


class PreferenceRows(Rows):
    """Preferences; `owner_id` is the id of a place, a target or a subscription."""

    async def set(self, scope: Scope, owner_id: int, name: Preference, value: str) -> None:
        """Choose it, in place of what was chosen before."""
        new = insert(preferences).values(scope=scope, owner_id=owner_id, name=name, value=value)
        await self._change(
            new.on_conflict_do_update(
                index_elements=preferences.primary_key.columns, set_={"value": new.excluded.value}
            )
        )

    async def unset(self, scope: Scope, owner_id: int, name: Preference) -> bool:
        """Leave it to the wider scope again; False: nothing was chosen."""
        row = preferences.c
        statement = delete(preferences).where(
            row.scope == scope, row.owner_id == owner_id, row.name == name
        )
        return await self._change(statement) > 0

    async def forget(
        self, scope: Scope, owners: Sequence[int] | Select[tuple[int]]
    ) -> tuple[StoredChoice, ...]:
        """All that these owners chose is left to the wider scope; gives what that was."""
        row = preferences.c
        statement = delete(preferences).where(row.scope == scope, row.owner_id.in_(owners))
        rows = await self._all(statement.returning(preferences))
        return tuple(StoredChoice(one.scope, one.owner_id, one.name, one.value) for one in rows)

    async def restore(self, choices: Sequence[StoredChoice]) -> int:
        """Choose again what was, but for what was chosen anew since; how many that are."""
        rows = [
            {
                "scope": one.scope,
                "owner_id": one.owner_id,
                "name": one.preference,
                "value": one.value,
            }
            for one in choices
        ]
        new = insert(preferences).on_conflict_do_nothing()
        return sum([await self._change(new.values(part)) for part in in_parts(rows)])

    async def of(self, target_id: int, mint: str | None = None) -> Preferences:
        """What holds for the target, and for its subscription of `mint` if it has one: the nearest
        choice of each, and whose it is."""
        return (await self.of_many([(target_id, mint)]))[target_id, mint]

    async def at(self, target: Target, mint: str | None = None) -> Preferences:
        """The same for a target that may have no row: then it is what its place chose."""
        if target.id:
            return await self.of(target.id, mint)
        place = (Scope.PLACE, target.place_id)
        return (await self._chosen([place]))[place]

    async def of_many(self, pairs: Sequence[Pair]) -> dict[Pair, Preferences]:
        """The same for many at once; every pair is answered."""
        found: dict[Pair, Preferences] = {}
        for part in in_parts(dict.fromkeys(pairs)):
            owners = await self._owners(part)
            chosen = await self._chosen([owner for several in owners.values() for owner in several])
            for pair in part:
                found[pair] = {}
                for owner in owners[pair]:  # the widest first: a nearer one replaces it
                    found[pair].update(chosen[owner])
        return found

    async def _owners(self, pairs: Sequence[Pair]) -> dict[Pair, tuple[_Owner, ...]]:
        """Whose choices count for each pair, the widest scope first."""
        statement = select(targets.c.id, targets.c.place_id).where(
            targets.c.id.in_({target_id for target_id, _ in pairs})
        )
        place_of = {row.id: row.place_id for row in await self._all(statement)}
        row = subscriptions.c
        named = [pair for pair in pairs if pair[1] is not None]
        statement = select(row.target_id, row.subject, row.id).where(
            row.subject_kind == SubjectKind.MINT, tuple_(row.target_id, row.subject).in_(named)
        )
        subscribed = {(r.target_id, r.subject): r.id for r in await self._all(statement)}
        owners: dict[Pair, tuple[_Owner, ...]] = {}
        for pair in pairs:
            wide = [(Scope.PLACE, place_of.get(pair[0])), (Scope.TARGET, pair[0])]
            near = (Scope.SUBSCRIPTION, subscribed.get(pair))
            owners[pair] = tuple((scope, id_) for scope, id_ in (*wide, near) if id_ is not None)
        return owners

    async def _chosen(self, owners: Sequence[_Owner]) -> dict[_Owner, Preferences]:
        row = preferences.c
        found: defaultdict[_Owner, Preferences] = defaultdict(dict)
        for scope in Scope:
            ids = {owner_id for of, owner_id in owners if of is scope}
            statement = select(preferences).where(and_(row.scope == scope, row.owner_id.in_(ids)))
            for chosen in await self._all(statement):
                found[scope, chosen.owner_id][chosen.name] = Chosen(chosen.value, scope)
        return found


def nearest(name: Preference) -> ColumnElement[str]:
    """What the nearest of subscription, target and place chose, of the statement's own rows; else
    the default."""

    def chosen(scope: Scope, owner_id: ColumnElement[int]) -> ScalarSelect[str]:
        of = preferences.alias().c
        return (
            select(of.value)
            .where(of.scope == scope, of.owner_id == owner_id, of.name == name)
            .scalar_subquery()
        )

    return func.coalesce(
        chosen(Scope.SUBSCRIPTION, subscriptions.c.id),
        chosen(Scope.TARGET, targets.c.id),
        chosen(Scope.PLACE, targets.c.place_id),
        name.spec.default,
    )
