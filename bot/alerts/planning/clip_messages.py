"""What is shown of clips, made of facts: a finished one, a failed one, a deleted one. Pure.

Text from outside goes through `inert` here, as it does in `compose`.
"""

from __future__ import annotations

from datetime import timedelta

from bot import texts
from bot.alerts.planning.compose import coin_name, site_clip_url, symbol_of, watch_url
from bot.kit.untrusted import inert
from bot.model import (
    Action,
    Button,
    CaptureEnd,
    ClipJob,
    ClipOrder,
    ClipResult,
    ClipStatus,
    Coin,
    Line,
    Message,
    MessageKind,
    NoteKind,
    Span,
    Spoiler,
    StoredVideo,
    TimeStyle,
    Tone,
    UndoName,
    Verb,
)

_PERSON = 32
_JUST_NOW = timedelta(seconds=1)
_LESS_SECONDS = 1.0
"""A clip begins and ends with a group of pictures: that is no less than was wanted."""


def clip_message(
    job: ClipJob,
    coin: Coin | None,
    video: StoredVideo,
    result: ClipResult,
    spoiler: Spoiler = Spoiler.NO,
    *,
    first: ClipJob | None = None,
    can_change: bool = False,
) -> Message:
    """A finished clip: who asked for it, which coin it shows, and what its viewer may notice.

    `first` is what was asked for, where `job` has cut it anew. `can_change`: it can be cut anew.
    """
    if job.order.highlight_id is not None:
        return _highlight(job, job.order.highlight_id, coin, video, result, spoiler)
    is_short = _is_short(job.order, result)
    left = (note for note in result.notes if not (is_short and note.kind is NoteKind.BEGAN_LATER))
    notes = texts.clip_results.in_public(left)
    lines: tuple[Line, ...] = (
        (Span(texts.alerts.asked_by(inert((first or job).order.person.name, _PERSON))),),
        (Span(coin_name(coin, job.order.mint), url=watch_url(job.order.mint)),),
        *_shown_of(job.order, result),
        *([(Span(texts.alerts.noted(notes)),)] if notes else []),
    )
    return Message(
        kind=MessageKind.CLIP,
        title=texts.alerts.clip_title(
            video.seconds, texts.alerts.ticker(symbol_of(coin), job.order.mint)
        ),
        lines=lines,
        tone=Tone.GOOD,
        video=video,
        spoiler=spoiler,
        buttons=_clip_buttons(job, result, can_change=can_change),
    )


def _highlight(
    job: ClipJob,
    highlight_id: str,
    coin: Coin | None,
    video: StoredVideo,
    result: ClipResult,
    spoiler: Spoiler,
) -> Message:
    """One of the site's own clips: it is as it is, so nothing is said of why it is no other."""
    order, notes = job.order, texts.clip_results.in_public(result.notes)
    at, now = order.window.begins_at, order.asked_at
    when = Span.instant(texts.units.moment(at, now), at, now)
    lines: tuple[Line, ...] = (
        (Span(texts.alerts.shared_by(inert(order.person.name, _PERSON))),),
        (Span(coin_name(coin, order.mint), url=watch_url(order.mint)),),
        (Span(texts.alerts.STREAMED), when),
        *([(Span(texts.alerts.noted(notes)),)] if notes else []),
    )
    ticker = texts.alerts.ticker(symbol_of(coin), order.mint)
    return Message(
        kind=MessageKind.CLIP,
        title=texts.alerts.highlight_title(video.seconds, ticker),
        link=site_clip_url(order.mint, highlight_id),
        lines=lines,
        tone=Tone.GOOD,
        video=video,
        spoiler=spoiler,
        buttons=((Button(texts.alerts.DELETE, _job(Verb.DELETE_CLIP, job)),),),
    )


def _shown_of(order: ClipOrder, result: ClipResult) -> list[Line]:
    """Which seconds they are, where that is not plain, and why they are fewer than were wanted."""
    lines: list[Line] = [] if order.is_ahead else [_past_seconds(order, result)]
    if _is_short(order, result):
        why = texts.clips.why_short(result, order.seconds, is_ahead=order.is_ahead)
        lines.append((Span(why),))
    return lines


def _is_short(order: ClipOrder, result: ClipResult) -> bool:
    """It says so, and why: no note need say it again."""
    is_less = not order.is_ahead and result.seconds < order.seconds - _LESS_SECONDS
    return is_less or result.status is ClipStatus.PARTIAL


def _past_seconds(order: ClipOrder, result: ClipResult) -> Line:
    window = order.window
    is_about = any(note.kind is NoteKind.ABOUT for note in result.notes)
    if abs(window.ends_at - order.asked_at) <= _JUST_NOW:
        return (Span(texts.clips.last(result.seconds, is_about=is_about)),)
    day = texts.units.day(window.begins_at, order.asked_at)
    begin = Span(
        day + texts.units.time_of_day(window.begins_at, with_zone=False),
        at=window.begins_at,
        style=TimeStyle.DAY if day else TimeStyle.SECOND,
    )
    end = Span(texts.units.time_of_day(window.ends_at), at=window.ends_at, style=TimeStyle.SECOND)
    of = texts.clips.FROM_ABOUT if is_about else texts.clips.FROM
    return (Span(of), begin, Span(texts.clips.TO), end)


def _clip_buttons(
    job: ClipJob, result: ClipResult, *, can_change: bool
) -> tuple[tuple[Button, ...], ...]:
    """Those that cut it anew, in the order of time and length; below them what it lacks, and what
    ends it."""
    recuts = tuple(Button(label, _job(verb, job)) for label, verb in _RECUTS)
    rest: tuple[Button, ...] = (
        _again(job),
        Button(texts.alerts.DELETE, _job(Verb.DELETE_CLIP, job)),
    )
    if result.end is CaptureEnd.RECORDING_BEHIND:
        rest = (Button(texts.alerts.LATER_PART, _job(Verb.CLIP_REST, job)), *rest)
    return (recuts, rest) if can_change else (rest,)


_RECUTS = (
    (texts.alerts.EARLIER, Verb.CLIP_EARLIER),
    (texts.alerts.LATER, Verb.CLIP_LATER),
    (texts.alerts.LONGER, Verb.CLIP_LONGER),
    (texts.alerts.SHORTER, Verb.CLIP_SHORTER),
)


def deleted_clip(undo: UndoName | None) -> Message:
    """In the place of a clip that somebody deleted; `undo` brings it back while it can."""
    row = () if undo is None else (Button(texts.undo.UNDO, undo.action),)
    return Message(
        kind=MessageKind.CLIP,
        lines=((Span(texts.undo.CLIP_DELETED),),),
        buttons=(row,) if row else (),
    )


def failed_clip(job: ClipJob, coin: Coin | None) -> Message:
    """Why there is no clip."""
    order, why, link = job.order, texts.clips.why_no_clip(job.error), watch_url(job.order.mint)
    buttons: tuple[Button, ...] = (_again(job),)
    if order.highlight_id is not None:
        why, link = (
            texts.clips.why_no_highlight(job.error),
            site_clip_url(order.mint, order.highlight_id),
        )
        buttons = (*buttons, Button(texts.alerts.OPEN, url=link))
    return Message(
        title=coin_name(coin, order.mint),
        link=link,
        lines=((Span(why),),),
        tone=Tone.BAD,
        buttons=(buttons,),
    )


def _again(job: ClipJob) -> Button:
    return Button(texts.alerts.AGAIN, _job(Verb.CLIP_AGAIN, job))


def _job(verb: Verb, job: ClipJob) -> str:
    return Action(verb, str(job.id)).encode()
