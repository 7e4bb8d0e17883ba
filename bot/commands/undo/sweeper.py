"""When it is too late to undo something, and what goes then."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.ports import Clips
from bot.commands.undo.removal import change_clip_message
from bot.kit.notifier import DELIVERIES, Notifier
from bot.kit.timing.clock import Clock
from bot.model import UNDO_FOR, Undo
from bot.store import Store

_SAID_FOR = timedelta(days=1)
"""For so long a second press hears that it was undone already."""


class UndoSweeper:
    """For one loop. It is too late when `UNDO_FOR` has passed by every clock that may have been
    right, or since this process first saw the row: what a clock has dated years ahead goes, too."""

    def __init__(self, *, store: Store, clips: Clips, clock: Clock, notifier: Notifier) -> None:
        self._store = store
        self._clips = clips
        self._clock = clock
        self._notifier = notifier
        self._seen: dict[int, float] = {}

    def is_over(self, undo: Undo) -> bool:
        """Whether its row is to go."""
        patience = UNDO_FOR if undo.undone_at is None else _SAID_FOR
        first_seen = self._seen.get(undo.id, self._clock.monotonic())
        seen_for = timedelta(seconds=self._clock.monotonic() - first_seen)
        return max(seen_for, self._clock.age(undo.made_at).least) >= patience

    async def sweep(self) -> None:
        """Drop what can no longer be undone; deleted clips go with their messages. Raises
        StoreError; what is left then goes the next time."""
        async with self._store.read() as unit:
            undos = await unit.undos.may_be_over(self._clock.now(), _SAID_FOR)
        now = self._clock.monotonic()
        self._seen = {one.id: self._seen.get(one.id, now) for one in undos}
        over = [one for one in undos if self.is_over(one)]
        if not over:
            return
        deleted = [one.job_id for one in over if one.job_id is not None and not one.undone_at]
        for job_id in deleted:
            await self._clips.delete(job_id)
        async with self._store.write() as unit:
            for job_id in deleted:
                await change_clip_message(unit, job_id, self._clock.now())
            await unit.undos.remove([one.id for one in over])
        if deleted:
            self._notifier.notify(DELIVERIES)
