"""What whoever removes something does, so that it can be undone.

All of it belongs into the transaction that removes. The button that it gives goes under the answer;
`UndoOffers` takes it away again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from bot import texts
from bot.commands.ports import Request
from bot.model import (
    Button,
    Preference,
    Priority,
    Removed,
    Scope,
    Target,
    UndoKind,
    UndoName,
)
from bot.store import Unit


def undo_button(name: UndoName) -> Button:
    """Takes it back."""
    return Button(texts.undo.UNDO, action=name.action)


async def keep_unsubscribed(
    unit: Unit, target: Target, request: Request, removed: Removed, now: datetime
) -> Button:
    """These subscriptions were removed by a request at `target`, which has a row. No alert of them
    is sent any more."""
    await unit.deliveries.withdraw(removed.subscriptions, now)
    name = await _keep(unit, target, request, UndoKind.UNSUBSCRIBED, removed, now)
    return undo_button(name)


async def forget_choices(
    unit: Unit,
    target: Target,
    request: Request,
    owners: Iterable[tuple[Scope, int]],
    now: datetime,
) -> UndoName | None:
    """Forget all that these owners chose: places, targets or subscriptions, by their ids. The
    request is made at `target`, which has a row. None: nothing was chosen."""
    forgotten = [await unit.preferences.forget(scope, [owner_id]) for scope, owner_id in owners]
    choices = tuple(one for several in forgotten for one in several)
    if not choices:
        return None
    about = {one.preference for one in choices}
    await show_other_pictures(unit, target.place_id, about, now)
    removed = Removed(choices=choices)
    return await _keep(unit, target, request, UndoKind.CHOICES_FORGOTTEN, removed, now)


async def show_other_pictures(
    unit: Unit, place_id: int, changed: Collection[Preference], now: datetime
) -> None:
    """Where another picture is to be shown, the place's alerts that stand there are: one of them
    may be why it was `changed`. The caller notifies of deliveries."""
    if Preference.PICTURE in changed:
        await unit.deliveries.raise_in_place(place_id, now, Priority.CHANGE)


async def delete_clip(
    unit: Unit, target: Target, request: Request, job_id: int, now: datetime
) -> UndoName | None:
    """The clip of that job is not to be had any more. None: there is none, or none any more."""
    if not await unit.jobs.delete(job_id):
        return None
    kind, person = UndoKind.CLIP_DELETED, request.caller.person
    undo_id = await unit.undos.add(target.id, person.id, kind, now, job_id=job_id)
    return UndoName(kind, undo_id)


async def change_clip_message(unit: Unit, job_id: int, now: datetime) -> bool:
    """The message of that job's clip is to read as it should now. False: there is none that can be
    changed."""
    job = await unit.jobs.get(job_id)
    return job is not None and await unit.deliveries.raise_clip(job, now)


async def _keep(
    unit: Unit, target: Target, request: Request, kind: UndoKind, removed: Removed, now: datetime
) -> UndoName:
    person = request.caller.person
    undo_id = await unit.undos.add(target.id, person.id, kind, now, removed=removed)
    return UndoName(kind, undo_id)
