"""Puts back what was removed, and says in a message what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import texts
from bot.commands import formatting
from bot.commands.context import CommandContext
from bot.commands.late_alerts import owe_late_alert
from bot.commands.undo.removal import change_clip_message, show_other_pictures, undo_button
from bot.errors import Refused
from bot.model import (
    Line,
    Message,
    MessageKind,
    Removed,
    StoredChoice,
    Subscription,
    Target,
    Tone,
    Undo,
    UndoKind,
)
from bot.store import Unit

_MOST_LINES = 30


async def require_file(context: CommandContext, undo: Undo) -> None:
    """Raises Refused where the file of a deleted clip is lost. Before `put_back`, and outside its
    transaction: a bucket may take half a minute to answer, and nobody could write meanwhile."""
    if undo.kind is not UndoKind.CLIP_DELETED:
        return
    async with context.store.read() as unit:
        job = await unit.jobs.get(undo.job_id or 0)
    if job is None or not job.file_key or not await context.files.may_be_there(job.file_key):
        raise Refused(texts.clips.no_such_clip())


async def put_back(context: CommandContext, unit: Unit, undo: Undo, here: Target) -> Message:
    """What the one who pressed `here` is to read. Raises Refused; then nothing has changed."""
    match undo.kind:
        case UndoKind.UNSUBSCRIBED:
            return await _subscriptions(context, unit, undo, here)
        case UndoKind.CHOICES_FORGOTTEN:
            return await _choices(context, unit, undo)
        case UndoKind.CLIP_DELETED:
            return await _clip(context, unit, undo)


# Subscriptions


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What was unsubscribed, by what becomes of it. `newer`: it is followed again already, now by
    those ids. `full`: the place has no room. `homeless`: its channel is gone."""

    back: tuple[Subscription, ...]
    newer: tuple[tuple[Subscription, int], ...]
    full: tuple[Subscription, ...]
    homeless: tuple[Subscription, ...]


async def _subscriptions(context: CommandContext, unit: Unit, undo: Undo, here: Target) -> Message:
    now, removed = context.watch.moment(), undo.removed
    targets = await unit.places.many({one.target_id for one in removed.subscriptions})
    followed = await unit.subscriptions.of_place(undo.place_id)
    found = _sort(removed.subscriptions, followed, targets, context.limits.most_in_place)
    await unit.subscriptions.restore(found.back)
    ids = {one.id: one.id for one in found.back} | {old.id: id_ for old, id_ in found.newer}
    await unit.preferences.restore(_of_owners(removed.choices, ids))
    streams = await unit.streams.open()
    for one in found.back:
        await owe_late_alert(unit, targets[one.target_id], streams.get(one.mint), now)
    if found.full:
        left = {one.id: one.id for one in found.full}
        await unit.undos.keep(undo.id, Removed(found.full, _of_owners(removed.choices, left)))
    else:
        await unit.undos.close(undo.id, now.at)
    mints = [one.mint for one in removed.subscriptions]
    names = formatting.names_of(await unit.coins.many(mints), mints)
    homes = [targets[id_] for id_ in sorted({one.target_id for one in found.back})]
    warnings = _warnings(homes, here)
    return _told(undo, found, names, warnings, context.limits.most_in_place)


def _sort(
    removed: Sequence[Subscription],
    followed: Sequence[Subscription],
    targets: Mapping[int, Target],
    most: int,
) -> _Sorted:
    """Pure. The oldest have the first right to what room there is."""
    now = {(one.target_id, one.mint): one.id for one in followed}
    keyed = [(one, now.get((one.target_id, one.mint))) for one in removed]
    newer = [(one, id_) for one, id_ in keyed if id_ is not None]
    absent = [one for one, id_ in keyed if id_ is None]
    missing = [one for one in absent if one.target_id in targets]
    homeless = [one for one in absent if one.target_id not in targets]
    room = max(0, most - len(followed))
    return _Sorted(tuple(missing[:room]), tuple(newer), tuple(missing[room:]), tuple(homeless))


def _of_owners(choices: Iterable[StoredChoice], ids: Mapping[int, int]) -> tuple[StoredChoice, ...]:
    """The choices of these subscriptions, which have other ids now."""
    return tuple(replace(one, owner_id=ids[one.owner_id]) for one in choices if one.owner_id in ids)


def _told(
    undo: Undo,
    found: _Sorted,
    names: Mapping[str, str],
    warnings: Sequence[str],
    most: int,
) -> Message:
    def named(some: Iterable[Subscription]) -> list[str]:
        return list(dict.fromkeys(names[one.mint] for one in some))

    sentences = []
    if found.back:
        sentences.append(texts.undo.following_again(named(found.back)))
    if found.newer:
        newer = named(one for one, _ in found.newer)
        sentences.append(texts.undo.was_followed_again(newer))
    if found.homeless:
        sentences.append(texts.undo.channel_gone(named(found.homeless)))
    sentences += warnings
    lines: list[Line] = [formatting.line(one) for one in sentences]
    if found.full:
        lines.append(formatting.line(texts.undo.no_room(most)))
        lines += formatting.listed([_with_address(one, names) for one in found.full], _MOST_LINES)
    return Message(
        lines=tuple(lines),
        tone=Tone.GOOD if found.back else Tone.PLAIN,
        buttons=((undo_button(undo.name),),) if found.full else (),
    )


def _warnings(homes: Iterable[Target], here: Target) -> list[str]:
    """Where nothing can be posted. It may be another channel than the one of the press."""
    warnings, others = [], []
    for home in homes:
        if home.disabled is None:
            continue
        if home.id == here.id:
            why = texts.alerts.disabled_because(home.disabled)
            warnings.append(texts.commands.cannot_post_here(why))
        else:
            others.append(formatting.channel(home, is_here=False))
    return [*warnings, *([texts.commands.cannot_post_elsewhere(others)] if others else [])]


def _with_address(one: Subscription, names: Mapping[str, str]) -> Line:
    address = formatting.to_copy(one.mint).lines[0]
    return (*formatting.line(formatting.bold(names[one.mint]), ": "), *address)


# Choices


async def _choices(context: CommandContext, unit: Unit, undo: Undo) -> Message:
    wanted, now = undo.removed.choices, context.clock.now()
    count = await unit.preferences.restore(wanted)
    await show_other_pictures(unit, undo.place_id, {one.preference for one in wanted}, now)
    await unit.undos.close(undo.id, now)
    told = [texts.undo.SETTINGS_RESTORED]
    if count < len(wanted):
        told.append(texts.undo.NEWER_SETTINGS_STAY)
    return formatting.sentence(*told, tone=Tone.GOOD)


# Clips


async def _clip(context: CommandContext, unit: Unit, undo: Undo) -> Message:
    job = await unit.jobs.get(undo.job_id or 0)
    if job is None or not job.file_key or not await unit.jobs.restore(job.id):
        raise Refused(texts.clips.no_such_clip())
    now = context.clock.now()
    await unit.undos.close(undo.id, now)
    is_seen = await change_clip_message(unit, job.id, now)
    kind = MessageKind.TOAST if is_seen else MessageKind.REPLY
    return Message(kind=kind, lines=(formatting.line(texts.undo.CLIP_RESTORED),))
