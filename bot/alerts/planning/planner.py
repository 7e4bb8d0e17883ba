"""What a claimed delivery is to become: decided from its rows, its picture and the time."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.alerts.context import AlertContext
from bot.alerts.live_updates import NEW_PICTURE_EVERY
from bot.alerts.pictures import OLD
from bot.alerts.planning import clip_messages, compose
from bot.alerts.planning.picture_choice import PictureChoice, PictureSource, picture_choice
from bot.alerts.planning.plan import (
    GIVE_UP_AFTER,
    MENTION_PAUSE,
    Drop,
    HoldBack,
    Later,
    Leave,
    Plan,
    Remove,
    Show,
    Why,
    clip_nonce,
    other_nonce,
)
from bot.alerts.planning.quiet_hours import Digest, Send, Skip, decide
from bot.alerts.planning.rows import AlertRows, ClipRows, RowReader
from bot.kit.tasks import background
from bot.model import (
    Broadcast,
    ClipJob,
    ClipResult,
    Delivery,
    DeliveryKind,
    DeliveryState,
    JobState,
    Message,
    Preference,
    Priority,
    StoredPicture,
    StoredVideo,
    StreamState,
    Target,
    in_force,
    is_late,
)

_log = logging.getLogger(__name__)


class Planner:
    """Decides for one delivery at a time."""

    def __init__(self, context: AlertContext, reader: RowReader) -> None:
        self._context = context
        self._reader = reader

    async def plan(
        self,
        d: Delivery,
        rows: AlertRows | None = None,
        *,
        may_hold_back: bool = True,
        may_remove: bool = True,
    ) -> Plan:
        """`rows` are its own if it is an alert, read since it was claimed; else they are read now.

        `may_hold_back`: it may wait for the night's end. Raises StoreError.
        """
        is_first = d.message_id is None
        if is_first and self._context.age(d.created_at).least > GIVE_UP_AFTER[d.kind]:
            return Drop(Why.TOO_LATE)
        match d.kind:
            case DeliveryKind.ALERT:
                rows = rows or (await self._reader.alerts([d])).get(d.id)
                return await self._plan_alert(d, rows, may_hold_back, may_remove)
            case DeliveryKind.CLIP:
                return await self._plan_clip(d, may_remove)
            case DeliveryKind.NOTICE:
                return await self._plan_notice(d)
            case DeliveryKind.DIGEST:
                return await self._plan_digest(d, may_hold_back)

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
        if not rows.is_followed:  # since it was in doubt, where nobody could withdraw it
            return Drop(Why.UNFOLLOWED)
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
        choice = picture_choice(rows.chosen, rows.coin)
        picture, moving = await self._pictures(d, rows, choice)
        facts = compose.AlertFacts(
            mint=rows.stream.mint,
            broadcast=rows.stream.broadcast,
            coin=rows.coin,
            picture=picture,
            moving=moving,
            choice=choice,
            role=self._role(d, rows, may_mention=night.mention and not late),
            silent=night.silent or late,
            clip_seconds=self._context.clip_seconds,
        )
        self._note(d, rows)
        return Show(rows.target, compose.alert(facts, self._context.clock.now()), rows.nonce)

    def _waited(self, d: Delivery) -> timedelta:
        """Since it was owed, until its sending began."""
        now = self._context.clock.moment()
        return now.between(d.created_at, _begun(d) or now.at)

    def _role(self, d: Delivery, rows: AlertRows, *, may_mention: bool) -> str | None:
        if d.state is DeliveryState.SENDING:
            return d.mention
        mentioned_at = rows.mentioned_at
        is_soon = mentioned_at is not None and bool(
            self._context.age(mentioned_at).left(MENTION_PAUSE)
        )
        role = in_force(rows.chosen, Preference.ROLE) or None
        return role if may_mention and not is_soon else None

    async def _changed_alert(self, d: Delivery, rows: AlertRows, may_remove: bool) -> Plan:
        broadcast = rows.stream.broadcast
        self._note(d, rows)
        at_end = in_force(rows.chosen, Preference.AT_END)
        is_left = at_end == "leave" and not _began_paused(d, broadcast)
        if broadcast.state is StreamState.ENDED:
            if at_end == "delete" and may_remove:
                return Remove(rows.target)
            if is_left:
                return Leave()
        if broadcast.state is StreamState.GRACE and is_left:
            # Nothing would take back "paused" if that is the end.
            broadcast = replace(broadcast, state=StreamState.LIVE)
        choice = picture_choice(rows.chosen, rows.coin)
        picture, moving = await self._pictures(d, rows, choice)
        facts = compose.AlertFacts(
            mint=rows.stream.mint,
            broadcast=broadcast,
            coin=rows.coin,
            picture=picture,
            moving=moving,
            choice=choice,
            silent=True,
            clip_seconds=self._context.clip_seconds,
            whole_stream=rows.stream.whole_stream,
        )
        return Show(rows.target, compose.alert(facts, self._context.clock.now()), rows.nonce)

    async def _pictures(
        self, d: Delivery, rows: AlertRows, choice: PictureChoice
    ) -> tuple[StoredPicture | None, StoredVideo | None]:
        """Both are waited for at the same time."""
        if choice.source is not PictureSource.MOVING:
            return await self._picture(d, rows, choice), None
        async with background(self._moving(d, rows), f"picture-moving-{d.id}") as moving:
            return await self._picture(d, rows, choice), await moving

    async def _picture(
        self, d: Delivery, rows: AlertRows, choice: PictureChoice
    ) -> StoredPicture | None:
        pictures = self._context.pictures
        match choice.source:
            case PictureSource.STREAM | PictureSource.MOVING if d.message_id is None:
                return await pictures.for_first(rows.stream, rows.coin)
            case PictureSource.STREAM | PictureSource.MOVING:
                return await pictures.for_change(rows.stream, rows.coin, old=_old(d))
            case PictureSource.COIN:
                return await pictures.of_coin(rows.coin)
            case PictureSource.NOTHING:
                return None

    async def _moving(self, d: Delivery, rows: AlertRows) -> StoredVideo | None:
        pictures = self._context.pictures
        if d.message_id is None:
            return await pictures.moving_first(rows.stream, d.id)
        return await pictures.moving_change(rows.stream, d.id, old=_old(d))

    def _note(self, d: Delivery, rows: AlertRows) -> None:
        if in_force(rows.chosen, Preference.UPDATES) == "yes":
            self._context.last_shown.note(d.id, rows.stream.broadcast)

    # Clips

    async def _plan_clip(self, d: Delivery, may_remove: bool) -> Plan:
        rows = await self._reader.clip(d)
        if rows is None:
            return Drop(Why.GONE)
        is_change, nonce = d.message_id is not None, clip_nonce(rows.target.address, rows.job)
        if is_change and rows.shown.state is JobState.DELETED:
            if rows.shown.file_key is None and may_remove:
                return Remove(rows.target)
            return Show(rows.target, clip_messages.deleted_clip(rows.undo), nonce)
        message = await self._clip(rows, is_change=is_change)
        if message is None:
            return Leave() if is_change else Drop(Why.GONE)
        is_recut = rows.shown.id != rows.job.id
        return Show(rows.target, message, nonce, rows.shown.id if is_recut else None)

    async def _clip(self, rows: ClipRows, *, is_change: bool) -> Message | None:
        """One that has had its time, and stands there, keeps its video; nothing can be cut of it
        any more."""
        job, coin = rows.shown, rows.coin
        if job.state is JobState.FAILED:
            return clip_messages.failed_clip(job, coin)
        if job.result is None:
            return None
        result, spoiler = (
            self._context.read_clip(job.result),
            picture_choice(rows.chosen, coin).spoiler,
        )
        is_there, can_change = await self._is_there(job), rows.job.padded_clip_key is not None
        message = clip_messages.clip_message(
            job,
            coin,
            _video(job.file_key or "", result),
            result,
            spoiler,
            first=rows.job,
            can_change=can_change and is_there,
        )
        if is_there:
            return message
        has_expired = job.state is JobState.EXPIRED and is_change
        return replace(message, video=None, keeps_video=True) if has_expired else None

    async def _is_there(self, job: ClipJob) -> bool:
        if job.state is not JobState.DONE or job.file_key is None:
            return False
        return await self._context.files.may_be_there(job.file_key)

    # Notices and digests

    async def _plan_notice(self, d: Delivery) -> Plan:
        body = json.loads(d.body or "{}")
        about = body.get("target")
        targets = await self._reader.targets({d.target_id, about} - {None})
        target, message = targets.get(d.target_id), _notice(body, targets)
        if target is None or message is None:
            return Drop(Why.GONE)
        message = replace(message, silent=d.silent)
        return Show(target, message, other_nonce(target.address, d))

    async def _plan_digest(self, d: Delivery, may_hold_back: bool) -> Plan:
        """It comes as soon as the night of one of its coins is over, which may have been changed
        since it was owed; without a sound where that of another goes on."""
        rows = await self._reader.digest(d)
        if rows is None or not rows.night:
            return Drop(Why.GONE)
        now = _begun(d) or self._context.now()
        nights = [decide(chosen, now) for chosen in rows.chosen]
        ends = [night.until for night in nights if isinstance(night, Digest)]
        if may_hold_back and len(ends) == len(nights):
            return Later(min(ends))
        silent = d.silent or any(night != Send() for night in nights)
        message = replace(compose.digest(rows.night), silent=silent)
        return Show(rows.target, message, other_nonce(rows.target.address, d))


def _old(d: Delivery) -> timedelta:
    """A picture that shows what was so long ago is replaced by an edit."""
    return NEW_PICTURE_EVERY if d.priority >= Priority.UPDATE else OLD


def _began_paused(d: Delivery, broadcast: Broadcast) -> bool:
    """Whether it was first shown after the stream was last seen on air, and says "paused"."""
    return d.sent_at is not None and d.sent_at > broadcast.last_seen_at


def _begun(d: Delivery) -> datetime | None:
    """When the sending began of what may have arrived: a platform that knows it by its nonce shows
    the first, whatever is sent again."""
    return d.changed_at if d.state is DeliveryState.SENDING else None


def _notice(body: dict[str, Any], targets: Mapping[int, Target]) -> Message | None:
    match body:
        case {"about": "disabled", "target": int(target_id), "reason": str(reason)}:
            broken = targets.get(target_id)
            return compose.disabled_notice(broken, reason) if broken is not None else None
        case {"about": "no-coin", "mint": str(mint)}:
            return compose.no_coin_notice(mint)
        case _:
            _log.warning("a notice about nothing that I know: %s", body.get("about"))
            return None


def _video(key: str, result: ClipResult) -> StoredVideo:
    return StoredVideo(
        key,
        result.seconds,
        result.bytes,
        result.width,
        result.height,
        result.poster,
        result.started_at,
    )
