"""What a claimed delivery is to become, by the rows as they are now. Reads, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.alerts.context import AlertContext
from bot.alerts.planning import compose
from bot.alerts.planning.plan import (
    GIVE_UP_AFTER,
    Drop,
    HoldBack,
    Leave,
    Plan,
    Remove,
    Show,
    Why,
    alert_nonce,
    clip_nonce,
    other_nonce,
)
from bot.alerts.planning.quiet_hours import Digest, Send, Skip, decide
from bot.model import (
    ClipJob,
    ClipResult,
    Coin,
    Delivery,
    DeliveryKind,
    DeliveryState,
    JobState,
    Message,
    Preference,
    Preferences,
    StoredVideo,
    Stream,
    StreamState,
    Target,
    in_force,
    is_late,
)

if TYPE_CHECKING:
    from bot.store import Unit

_log = logging.getLogger(__name__)

_MENTION_PAUSE = timedelta(minutes=30)
"""A subscription's role is not mentioned again within so long after it was."""


@dataclass(frozen=True, slots=True)
class AlertRows:
    """What an alert is made of. `origin` names the broadcast (`Streams.origins`). `mentioned_at`:
    when an alert of that coin last mentioned a role there, if that was a short while ago."""

    target: Target
    stream: Stream
    origin: str
    coin: Coin | None
    chosen: Preferences
    mentioned_at: datetime | None


class Planner:
    """Decides for one delivery at a time."""

    def __init__(self, context: AlertContext) -> None:
        self._context = context

    async def read(self, claimed: Sequence[Delivery]) -> dict[int, AlertRows]:
        """The rows of those that are alerts, by id; of many in a few statements."""
        since = self._context.clock.before(_MENTION_PAUSE)
        async with self._context.store.read() as unit:
            alerts = [d for d in claimed if d.kind is DeliveryKind.ALERT]
            return await _alert_rows(unit, alerts, since)

    async def plan(
        self,
        d: Delivery,
        rows: AlertRows | None = None,
        *,
        may_hold_back: bool = True,
        may_remove: bool = True,
    ) -> Plan:
        """`rows` are its own if it is an alert, read since it was claimed; else they are read now.

        `may_hold_back`: the night's digest is still to come. Raises StoreError.
        """
        is_first = d.message_id is None
        if is_first and self._context.age(d.created_at).least > GIVE_UP_AFTER[d.kind]:
            return Drop(Why.TOO_LATE)
        match d.kind:
            case DeliveryKind.ALERT:
                rows = rows or (await self.read([d])).get(d.id)
                return await self._plan_alert(d, rows, may_hold_back, may_remove)
            case DeliveryKind.CLIP:
                return await self._plan_clip(d)
            case DeliveryKind.NOTICE:
                return await self._plan_notice(d)
            case DeliveryKind.DIGEST:
                return await self._plan_digest(d)

    async def named(self, d: Delivery) -> tuple[Target, str] | None:
        """Where it goes and the nonce of its first showing; None if that can no longer be said."""
        async with self._context.store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            stream = await unit.streams.get(d.stream_id) if d.stream_id is not None else None
            origins = await unit.streams.origins([stream.id] if stream is not None else [])
            job = await unit.jobs.get(d.job_id) if d.job_id is not None else None
        if target is None:
            return None
        if d.kind is DeliveryKind.ALERT:
            if stream is None:
                return None
            return target, alert_nonce(target.address, stream.mint, origins[stream.id])
        if d.kind is DeliveryKind.CLIP:
            return None if job is None else (target, clip_nonce(target.address, job))
        return target, other_nonce(target.address, d)

    # Alerts

    async def _plan_alert(
        self, d: Delivery, rows: AlertRows | None, may_hold_back: bool, may_remove: bool
    ) -> Plan:
        if rows is None:
            return Drop(Why.GONE)
        if d.message_id is not None:
            return await self._changed_alert(d, rows, may_remove)
        return await self._first_alert(d, rows, may_hold_back)

    async def _first_alert(self, d: Delivery, rows: AlertRows, may_hold_back: bool) -> Plan:
        if rows.stream.broadcast.state is StreamState.ENDED:
            return Drop(Why.ENDED_FIRST)
        match decide(rows.chosen, _begun(d) or self._context.now()):
            case Skip():
                return Drop(Why.NIGHT_SKIP)
            case Digest() if not may_hold_back:
                return await self._sent_alert(d, rows, Send(silent=True, mention=False))
            case Digest(until, day):
                return HoldBack(until, day)
            case Send() as night:
                return await self._sent_alert(d, rows, night)

    async def _sent_alert(self, d: Delivery, rows: AlertRows, night: Send) -> Show:
        late = d.silent or is_late(self._waited(d))
        facts = compose.AlertFacts(
            mint=rows.stream.mint,
            broadcast=rows.stream.broadcast,
            coin=rows.coin,
            picture=await self._context.pictures.for_first(rows.stream, rows.coin),
            role=self._role(d, rows, may_mention=night.mention and not late),
            silent=night.silent or late,
            clip_seconds=self._context.clip_seconds,
        )
        self._note(d, rows)
        return Show(rows.target, compose.alert(facts, self._context.clock.now()), _nonce_of(rows))

    def _waited(self, d: Delivery) -> timedelta:
        """Since it was owed, until its sending began."""
        begun = _begun(d)
        since = self._context.age(begun).least if begun is not None else timedelta(0)
        return self._context.age(d.created_at).least - since

    def _role(self, d: Delivery, rows: AlertRows, *, may_mention: bool) -> str | None:
        if d.state is DeliveryState.SENDING:
            return d.mention
        mentioned_at = rows.mentioned_at
        is_soon = mentioned_at is not None and bool(
            self._context.age(mentioned_at).left(_MENTION_PAUSE)
        )
        role = in_force(rows.chosen, Preference.ROLE) or None
        return role if may_mention and not is_soon else None

    async def _changed_alert(self, d: Delivery, rows: AlertRows, may_remove: bool) -> Plan:
        broadcast = rows.stream.broadcast
        self._note(d, rows)
        if broadcast.state is StreamState.ENDED:
            at_end = in_force(rows.chosen, Preference.AT_END)
            if at_end == "delete" and may_remove:
                return Remove(rows.target)
            if at_end == "leave":
                return Leave()
        facts = compose.AlertFacts(
            mint=rows.stream.mint,
            broadcast=broadcast,
            coin=rows.coin,
            picture=await self._context.pictures.for_change(rows.stream, rows.coin),
            silent=True,
            clip_seconds=self._context.clip_seconds,
        )
        return Show(rows.target, compose.alert(facts, self._context.clock.now()), _nonce_of(rows))

    def _note(self, d: Delivery, rows: AlertRows) -> None:
        if in_force(rows.chosen, Preference.UPDATES) == "yes":
            self._context.last_shown.note(d.id, rows.stream.broadcast)

    # Clips

    async def _plan_clip(self, d: Delivery) -> Plan:
        async with self._context.store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            job = await unit.jobs.get(d.job_id) if d.job_id is not None else None
            coin = await unit.coins.get(job.order.mint) if job is not None else None
        if target is None or job is None:
            return Drop(Why.GONE)
        if d.message_id is not None:
            return Remove(target) if job.state is JobState.DELETED else Leave()
        message = await self._clip(job, coin)
        if message is None:
            return Drop(Why.GONE)
        return Show(target, message, clip_nonce(target.address, job))

    async def _clip(self, job: ClipJob, coin: Coin | None) -> Message | None:
        if job.state is JobState.FAILED:
            return compose.failed_clip(job, coin)
        if job.state is not JobState.DONE or job.file_key is None or job.result is None:
            return None
        if not await asyncio.to_thread(self._context.files.path(job.file_key).exists):
            return None
        result = self._context.read_clip(job.result)
        return compose.clip_message(job, coin, _video(job.file_key, result), result)

    # Notices and digests

    async def _plan_notice(self, d: Delivery) -> Plan:
        body = json.loads(d.body or "{}")
        async with self._context.store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            message = await _notice(unit, body)
        if target is None or message is None:
            return Drop(Why.GONE)
        message = replace(message, silent=d.silent)
        return Show(target, message, other_nonce(target.address, d))

    async def _plan_digest(self, d: Delivery) -> Plan:
        async with self._context.store.read() as unit:
            target = await unit.places.by_id(d.target_id)
            ids = await unit.deliveries.held_back(d, Why.NIGHT_DIGEST)
            streams = [await unit.streams.get(stream_id) for stream_id in ids]
            known = [stream for stream in streams if stream is not None]
            coins = await unit.coins.many({stream.mint for stream in known})
        if target is None or not known:
            return Drop(Why.GONE)
        rows = [compose.NightRow(one.mint, one.broadcast, coins.get(one.mint)) for one in known]
        message = replace(compose.digest(rows), silent=d.silent)
        return Show(target, message, other_nonce(target.address, d))


async def _alert_rows(
    unit: Unit, alerts: Sequence[Delivery], since: datetime
) -> dict[int, AlertRows]:
    ids = {d.stream_id for d in alerts if d.stream_id is not None}
    streams = {id_: await unit.streams.get(id_) for id_ in ids}
    origins = await unit.streams.origins(ids)
    coins = await unit.coins.many({stream.mint for stream in streams.values() if stream})
    targets = await unit.places.many({d.target_id for d in alerts})
    found: dict[int, AlertRows] = {}
    known = [
        (d, stream, targets[d.target_id])
        for d in alerts
        if (stream := streams.get(d.stream_id or 0)) is not None and d.target_id in targets
    ]
    chosen = await unit.preferences.of_many([(d.target_id, stream.mint) for d, stream, _ in known])
    for d, stream, target in known:
        mint = stream.mint
        wishes = chosen[d.target_id, mint]
        mentions = d.message_id is None and Preference.ROLE in wishes
        mentioned_at = (
            await unit.deliveries.last_mention(d.target_id, mint, since) if mentions else None
        )
        found[d.id] = AlertRows(
            target, stream, origins[stream.id], coins.get(mint), wishes, mentioned_at
        )
    return found


def _begun(d: Delivery) -> datetime | None:
    """When the sending began of what may have arrived: a platform that knows it by its nonce shows
    the first, whatever is sent again."""
    return d.changed_at if d.state is DeliveryState.SENDING else None


def _nonce_of(rows: AlertRows) -> str:
    return alert_nonce(rows.target.address, rows.stream.mint, rows.origin)


async def _notice(unit: Unit, body: dict[str, Any]) -> Message | None:
    match body:
        case {"about": "disabled", "target": int(target_id), "reason": str(reason)}:
            broken = await unit.places.by_id(target_id)
            return compose.disabled_notice(broken, reason) if broken is not None else None
        case {"about": "no-coin", "mint": str(mint)}:
            return compose.no_coin_notice(mint)
        case _:
            _log.warning("a notice about nothing that I know: %s", body.get("about"))
            return None


def _video(key: str, result: ClipResult) -> StoredVideo:
    return StoredVideo(
        key, result.seconds, result.bytes, result.width, result.height, result.poster
    )
