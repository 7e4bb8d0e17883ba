"""Shows how far a clip job is, by looking at its row. The clip itself comes as a delivery."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from bot.alerts import Fault, SendError
from bot.commands.clip_progress.card import JobSnapshot, Stage, compose, expected, finished
from bot.commands.context import CommandContext
from bot.commands.ports import Replaceable, Reply
from bot.errors import MintcastError, StoreError
from bot.kit.notifier import DELIVERIES, heard, job_topic
from bot.model import ClipJob, Message, Priority
from bot.store import Unit

_log = logging.getLogger(__name__)

_PATIENCE = timedelta(minutes=10)
"""What is made, and has not arrived for so long, is no longer waited for here."""

_SOON_SECONDS = 2.0
"""What is expected sooner comes without a card: that would only flicker."""

_DRIFT = timedelta(seconds=3)
"""A promise is not changed for less."""

_TRANSIENT = frozenset(
    {Fault.NOT_SENT, Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.RATE_LIMITED, Fault.NOT_YET}
)
_QUICK_TRIES = 20
"""At the platform's pace; after so many failures in a row only every ten minutes."""

_LONG_PAUSE = 600.0

_GIVE_UP_SECONDS = 86_400.0
"""Of nothing but failures."""


class ProgressFollower:
    """One job, and the card that shows it. Its task ends with the job.

    That recording begins, and that it is over, is shown at once; how far it is, no more often than
    the platform likes. `wait` is in how many seconds it was to be had when it was asked for.

    Where another node may put the clip in the card's place, the card is left alone from when that
    is owed; the row is there before it is sent. A change that was under way by then may have come
    later than the clip, which is shown again after it.
    """

    def __init__(
        self, context: CommandContext, reply: Reply, job_id: int, name: str, wait: float = 0.0
    ) -> None:
        self._context = context
        self._reply = reply
        self._id = job_id
        self._name = name
        self._wait = wait
        self._stage = Stage.WAITING
        self._promised: tuple[datetime, tuple[Stage, bool]] | None = None
        self._shown: Message | None = None
        self._next = 0.0
        self._is_behind = False
        self._failures = 0
        self._failing_since = 0.0
        self._retry_at = 0.0
        self._noted: str | None = None
        self._may_cover_clip = False

    async def begin(self, *, is_soon: bool = False) -> None:
        """Show it once, now; then go on in a task of its own. `is_soon`: the clip is expected
        before anybody misses the card, which is shown once that takes longer. Raises
        MintcastError."""
        if is_soon:
            self._next, self._is_behind = self._context.clock.monotonic() + _SOON_SECONDS, True
            self._start()
        elif not await self._first_look():
            await self._note(self._reply.message_id)
            self._start()

    def resume(self) -> None:
        """Go on with a card that is noted already."""
        self._noted, self._is_behind = self._reply.message_id, True
        self._start()

    async def _first_look(self) -> bool:
        """What could not be shown now is, a little later."""
        try:
            return await self._look()
        except SendError as error:
            if error.fault not in _TRANSIENT:
                raise
            return self._gives_up(error)

    def _start(self) -> None:
        self._context.tasks.start(self._run(), name=f"follow-clip-{self._id}")

    async def _run(self) -> None:
        self._context.followed.add(self._id)
        try:
            with self._context.notifier.listening(job_topic(self._id)) as changed:
                is_over = False
                while not is_over:
                    await heard(changed, self._context.clock, self._pause())
                    changed.clear()
                    is_over = await self._is_over()
                    await self._note(None if is_over else self._reply.message_id)
        finally:
            self._context.followed.discard(self._id)

    async def _note(self, card_id: str | None) -> None:
        """Where the card is found after a restart."""
        if card_id == self._noted:
            return
        try:
            async with self._context.store.write() as unit:
                await unit.jobs.note_card(self._id, card_id, self._context.worker_id)
            self._noted = card_id
        except StoreError as error:
            _log.info("where the card of clip %d stands is not noted: %s", self._id, error)

    def _pause(self) -> float:
        """How long no hint is waited for. One may be missed, so never for ever."""
        longest, now = self._context.limits.follow_seconds, self._context.clock.monotonic()
        if now < self._retry_at:
            return self._retry_at - now
        return max(0.0, min(longest, self._next - now)) if self._is_behind else longest

    async def _is_over(self) -> bool:
        """Look once more; whether that was the last time."""
        try:
            return await self._look()
        except StoreError as error:
            _log.info("clip %d cannot be looked at: %s", self._id, error)
            return False
        except MintcastError as error:
            _log.info("the progress of clip %d could not be shown: %s", self._id, error)
            if isinstance(error, SendError) and error.fault in _TRANSIENT:
                return self._gives_up(error)
            return True

    def _gives_up(self, error: SendError) -> bool:
        """After one more failure that may pass."""
        now = self._context.clock.monotonic()
        if not self._failures:
            self._failing_since = now
        self._failures += 1
        pause = self._reply.pace if self._failures < _QUICK_TRIES else _LONG_PAUSE
        self._retry_at = now + max(pause, error.retry_after or 0.0)
        return now - self._failing_since >= _GIVE_UP_SECONDS

    async def _look(self) -> bool:
        """Show what has changed, if anything has; whether nothing more will. Raises
        MintcastError."""
        snapshot = await self._read()
        if snapshot is None:
            return True
        if snapshot.has_arrived:
            await self._uncover()
        if self._is_replaced(snapshot):
            return True
        if self._is_another_nodes and snapshot.is_to_come:
            self._is_behind = False
            return False
        ready_at = self._promise(snapshot)
        message = None if snapshot.has_arrived else compose(snapshot, self._name, ready_at)
        await self._change(snapshot.stage, message)
        return snapshot.stage is Stage.OVER and not self._is_behind

    def _is_replaced(self, snapshot: JobSnapshot) -> bool:
        """Whether the clip stands where the card stood; also after a restart, which knows no more
        than that."""
        card_id, delivery = self._reply.message_id, snapshot.delivery
        return card_id is not None and delivery is not None and delivery.message_id == card_id

    @property
    def _is_another_nodes(self) -> bool:
        """Whether another node may put the clip in its place, of which nothing is known here."""
        reply = self._reply
        return self._context.is_node and isinstance(reply, Replaceable) and reply.is_replaceable

    async def _read(self) -> JobSnapshot | None:
        async with self._context.store.read() as unit:
            job = await unit.jobs.get(self._id)
            if job is None or job.card_worker_id not in (None, self._context.worker_id):
                return None  # it is gone, or another node has taken us for dead
            snapshot = await _snapshot_of(self._context, unit, job)
            return replace(snapshot, wait=self._wait)

    def _promise(self, snapshot: JobSnapshot) -> datetime:
        """What was promised stays so, unless it is no longer true."""
        at = expected(snapshot, self._context.clock.now())
        why = (snapshot.stage, snapshot.is_queued)
        if self._promised is not None:
            before, for_that = self._promised
            may_drift = snapshot.stage is Stage.RECORDING and abs(at - before) > _DRIFT
            if why == for_that and not may_drift:
                return before
        self._promised = (at, why)
        return at

    async def _change(self, stage: Stage, message: Message | None) -> None:
        """Show it; None takes the card away. What is no news waits for its turn."""
        if message is not None and message == self._shown:
            self._is_behind = False
            return
        now, self._is_behind = self._context.clock.monotonic(), True
        if now < self._retry_at or (now < self._next and not self._is_news(stage)):
            return
        self._stage, self._next = stage, now + self._reply.pace
        if message is None:
            await self._remove()
        else:
            await self._show(message)
        self._shown, self._is_behind, self._failures = message, False, 0

    async def _show(self, message: Message) -> None:
        """Where nothing is owed even afterwards, no clip can have been there before."""
        self._may_cover_clip = self._is_another_nodes
        await self._reply.show(message)
        if self._may_cover_clip:
            after = await self._read()
            self._may_cover_clip = after is None or after.delivery is not None

    async def _uncover(self) -> None:
        """Have the clip shown again where the card may have come over it."""
        if not self._may_cover_clip:
            return
        async with self._context.store.write() as unit:
            job = await unit.jobs.get(self._id)
            if job is not None:
                await unit.deliveries.raise_clip(job, self._context.clock.now(), Priority.CLIP)
        self._may_cover_clip = False
        self._context.notifier.notify(DELIVERIES)

    def _is_news(self, stage: Stage) -> bool:
        """It is shown at once; where nothing was shown yet, only that it is over is."""
        return stage > self._stage if self._shown is not None else stage is Stage.OVER

    async def _remove(self) -> None:
        """Where nothing was shown, a platform may still have promised that something will be."""
        try:
            await self._reply.remove()
        except SendError as error:
            if error.fault in _TRANSIENT:
                raise
            if self._shown is not None:
                await self._reply.show(finished())


async def _snapshot_of(context: CommandContext, unit: Unit, job: ClipJob) -> JobSnapshot:
    target_id = job.order.target_id
    delivery = await unit.deliveries.find(target_id, f"clip:{job.id}")
    target = await unit.places.by_id(target_id)
    is_stopped = target is not None and target.disabled is not None
    finished_at = job.finished_at
    is_old = finished_at is not None and context.clock.age(finished_at).most > _PATIENCE
    is_late = is_stopped or is_old
    if not job.order.is_ahead:  # it waits for none that are recorded
        return JobSnapshot(job, delivery=delivery, is_late=is_late)
    ahead = await unit.jobs.ahead(job.id)
    is_held = not ahead and await unit.jobs.captures() >= context.limits.concurrent
    return JobSnapshot(job, ahead, is_held, delivery, is_late)
