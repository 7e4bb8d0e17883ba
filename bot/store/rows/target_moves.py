"""When a target gets another address: what belongs to it goes along, and nothing twice."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, delete, exists, select, update

from bot.model import DeliveryState, Preference, Scope
from bot.store.rows.base import Rows
from bot.store.rows.undos import Undos
from bot.store.tables import clip_jobs, deliveries, places, preferences, subscriptions, targets

_UNSHOWN = (DeliveryState.DUE, DeliveryState.CLAIMED, DeliveryState.DEAD)


class TargetMoves(Rows):
    """The steps of `Places.move`, all inside its transaction."""

    async def readdress(self, target_id: int, place_id: int, key: str) -> None:
        """The same target at another address."""
        await self._change(
            update(targets).where(targets.c.id == target_id).values(place_id=place_id, key=key)
        )

    async def leave_messages(self, target_id: int) -> None:
        """What was shown stays in the old place as it is: in the new one its numbers are those of
        other messages, which anybody may have written."""
        rows = deliveries.c
        here = update(deliveries).where(rows.target_id == target_id)
        left = {"state": DeliveryState.SENT, "shown": rows.wanted, "message_id": None}
        await self._change(here.where(rows.message_id.is_not(None)).values(**left, worker_id=None))
        await self._change(here.where(rows.reply_to.is_not(None)).values(reply_to=None))
        jobs = update(clip_jobs).where(clip_jobs.c.target_id == target_id)
        await self._change(jobs.values(reply_to=None, card_id=None, card_worker_id=None))

    async def merge(self, old: int, new: int) -> None:
        """All that `old` has becomes `new`'s; then `old` is gone."""
        await self._merge_deliveries(old, new)
        await self._merge_subscriptions(old, new)
        await self._merge_preferences(Scope.TARGET, old, new)
        await self._change(
            update(preferences)
            .where(preferences.c.name == Preference.NOTICES, preferences.c.value == str(old))
            .values(value=str(new))
        )
        await self._hand_over(clip_jobs, old, new)
        await Undos(self._connection).hand_over(Scope.TARGET, old, new)
        await self._change(delete(targets).where(targets.c.id == old))

    async def settle(self, target_id: int, old_place: int, new_place: int) -> None:
        """The target's jobs are of its new place. An old place without targets is gone, and what
        was chosen for it holds in the new one, where nothing else was chosen."""
        await self._change(
            update(clip_jobs).where(clip_jobs.c.target_id == target_id).values(place_id=new_place)
        )
        if await self._value(select(exists().where(targets.c.place_id == old_place))):
            return
        await self._merge_preferences(Scope.PLACE, old_place, new_place)
        await Undos(self._connection).hand_over(Scope.PLACE, old_place, new_place)
        await self._change(delete(places).where(places.c.id == old_place))

    async def _merge_deliveries(self, old: int, new: int) -> None:
        """Of two of the same key the shown one stays, else the new target's."""
        rows, others = deliveries, deliveries.alias()
        twin = and_(others.c.target_id == old, others.c.key == rows.c.key)
        await self._change(
            delete(rows).where(
                rows.c.target_id == new,
                rows.c.state.in_(_UNSHOWN),
                exists().where(twin, others.c.state.not_in(_UNSHOWN)),
            )
        )
        twin = and_(others.c.target_id == new, others.c.key == rows.c.key)
        await self._change(delete(rows).where(rows.c.target_id == old, exists().where(twin)))
        await self._hand_over(rows, old, new)

    async def _merge_subscriptions(self, old: int, new: int) -> None:
        rows, others = subscriptions, subscriptions.alias()
        twice: ColumnElement[bool] = and_(
            rows.c.target_id == old,
            exists().where(
                others.c.target_id == new,
                others.c.subject_kind == rows.c.subject_kind,
                others.c.subject == rows.c.subject,
            ),
        )
        await self._change(
            delete(preferences).where(
                preferences.c.scope == Scope.SUBSCRIPTION,
                preferences.c.owner_id.in_(select(rows.c.id).where(twice)),
            )
        )
        await self._change(delete(rows).where(twice))
        await self._hand_over(rows, old, new)

    async def _merge_preferences(self, scope: Scope, old: int, new: int) -> None:
        """Who had chosen already keeps to it."""
        rows = preferences.c
        chosen = select(rows.name).where(rows.scope == scope, rows.owner_id == new)
        of_old = and_(rows.scope == scope, rows.owner_id == old)
        await self._change(delete(preferences).where(of_old, rows.name.in_(chosen)))
        await self._change(update(preferences).where(of_old).values(owner_id=new))

    async def _hand_over(self, table: Table, old: int, new: int) -> None:
        await self._change(update(table).where(table.c.target_id == old).values(target_id=new))
