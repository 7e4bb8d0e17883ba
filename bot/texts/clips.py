"""What is said of clips: what `/clip` will record, how far it is, why there is none or a short one.
Names come in cleaned."""

from __future__ import annotations

from bot.model import CaptureEnd, ClipFailure, ClipResult, JobFault, Phase, Reason, Recut
from bot.texts import clip_results, common, units


def not_live_no_clip(name: str) -> str:
    """A clip of a coin that is not on air."""
    return f"{name} is offline, so there's nothing to record. Try again once it's live."


def stream_is_gone(name: str) -> str:
    """A clip of an earlier stream, whose alert was answered."""
    return f"That stream of {name} is over, and its recording is gone."


def nothing_at_hand(seconds: float, *, by_options: bool) -> str:
    """What lies back is gone. `seconds` is how long the clip was to be."""
    return f"There's nothing to look back on yet. {_of_the_next(seconds, by_options=by_options)}"


def _of_the_next(seconds: float, *, by_options: bool) -> str:
    option = "duration:" if by_options else ""
    return f"/clip {option}{seconds:g}s records the next {units.span(seconds)}."


def only_at_hand(seconds: float) -> str:
    """What lies further back is gone."""
    return f"Only the {units.last(seconds)} are available."


def recordings_unreachable(
    at_hand: float | None = None, seconds: float | None = None, *, by_options: bool = False
) -> str:
    """What is asked for may be there, and nobody can look. `at_hand` seconds can be had all the
    same; or the next `seconds`, which were asked for, of what is on air."""
    so = f", so only the {units.last(at_hand)} are available" if at_hand is not None else ""
    instead = f" {_of_the_next(seconds, by_options=by_options)}" if seconds is not None else ""
    return f"pump.fun's recordings can't be reached right now{so}. Try again in a minute.{instead}"


def hole_in_recording() -> str:
    """What is asked for lies between two parts of the site's recording."""
    return "pump.fun didn't record that moment. Try a little earlier or later."


def hole() -> str:
    """The same of what anybody has: the creator may have been away."""
    return "That moment isn't available. Try a little earlier or later."


def began_only(seconds: float) -> str:
    """What lies further back was before the stream."""
    return f"The stream began only {units.span(max(1, int(seconds)))} ago."


def lasted_only(seconds: float) -> str:
    """The same of one that is over."""
    return f"That stream lasted only {units.span(max(1, int(seconds)))}."


# What a clip shows

FROM = "From "
FROM_ABOUT = "From about "
TO = " to "


def last(seconds: float, *, is_about: bool = False) -> str:
    """It ends when it was asked for; or about then."""
    span = f"{max(1, round(seconds))} s"
    return f"About the last {span}" if is_about else f"Last {span}"


# The card of a clip that is being made: one line

APART = " · "
READY = "Ready "
READY_SOON = f"{APART}ready "
READY_ABOUT = f"{APART}ready about "
WAITING_FOR_VIDEO = "Waiting for video"
RECORDING_BEHIND = "pump.fun's recording runs a little behind"
UPLOADING = "Uploading"
FAILED = "The clip failed"
DONE = "Done."


def next_seconds(seconds: float) -> str:
    """Nothing of the past is at hand, so it is recorded from now on."""
    return f"Recording the next {units.span(seconds)}"


def in_about(seconds: float) -> str:
    """When it is ready."""
    return f"in about {units.span(seconds)}"


def in_queue(ahead: int) -> str:
    """Its place in the queue; `ahead` are before it."""
    return f"{units.plural(ahead, 'clip')} before this one" if ahead else "Next in the queue"


def recorded(phase: str | None, done: float, seconds: float) -> str:
    """How much of it is recorded, from then on when recording has begun."""
    if phase == Phase.WRITING:
        return "Saving the clip"
    how = "Reconnecting, recorded" if phase == Phase.RECONNECTING else "Recording"
    return f"{how} {min(done, seconds):.0f} of {seconds:g} s"


def is_late(*, has_failed: bool) -> str:
    """It cannot be posted, or not for a while; or why there is none cannot."""
    if has_failed:
        return "The clip failed. The reason follows as soon as it can be posted."
    return "Your clip is ready, but can't be posted right now. It follows as soon as it can."


def is_uncertain() -> str:
    """The platform did not say whether it took it."""
    return "Uploaded, but not confirmed. If you don't see it, try again."


def not_posted(reason: str) -> str:
    """`reason` is a clause."""
    return f"Your clip is ready, but couldn't be posted: {reason}."


def cancelled() -> str:
    """Stopped by somebody here."""
    return "Clip cancelled."


def gone() -> str:
    """It was deleted, or its time was over, before anybody looked."""
    return "This clip is no longer kept."


def cool_down(seconds: float, *, own: bool) -> str:
    """Too soon. `own`: this person's own last clip, else somebody's in this place."""
    who = "You" if own else "Someone here"
    return f"{who} asked for a clip a moment ago. Try again in {units.wait(seconds)}."


def queue_full(count: int) -> str:
    """As many wait as may."""
    return f"{_are(count)} already waiting. Try again in a few minutes."


def queue_full_here(count: int) -> str:
    """As many of one place do."""
    return f"{_are(count)} already waiting here. Try again when one is done."


def queue_full_of_you(count: int) -> str:
    """As many of one person do, in all places."""
    yours = units.plural(count, "of your clips is", "of your clips are")
    return f"{yours} already waiting. Try again when one is done."


def queue_full_of_unnamed(count: int) -> str:
    """As many of anonymous administrators and channels do, in all places."""
    return (
        f"{_are(count)} already waiting for anonymous admins and channels. Ask from your own"
        " account, or try again in a few minutes."
    )


def _are(count: int) -> str:
    return units.plural(count, "clip is", "clips are")


def no_such_clip() -> str:
    """A job's id that is unknown here, or no longer known."""
    return "That clip is no longer kept here. Run /clip for a new one."


def nothing_to_cancel() -> str:
    """It is over."""
    return "Too late: that clip is already done or cancelled."


def nothing_to_delete() -> str:
    """There is no file, or not yet."""
    return "There's no clip to delete."


# A clip that is cut anew

RECUT_SOON = "Ready in a few seconds."
_LEAST_MOVE = 0.5


def recut(how: Recut, by: float, seconds: float) -> str:
    """What was done, in passing: it was moved `by` so many seconds, or is `seconds` long now; that,
    too, where there was next to nothing that it could be moved to."""
    match how:
        case Recut.EARLIER if by >= _LEAST_MOVE:
            return f"Moved {by:.0f} s earlier."
        case Recut.LATER if by >= _LEAST_MOVE:
            return f"Moved {by:.0f} s later."
        case _:
            return f"Now {units.span(round(seconds))} long."


def recut_bound(how: Recut, longest: float) -> str:
    """It is as long already as a clip may be, or as short."""
    if how is Recut.LONGER:
        return f"A clip can be at most {units.span(longest)} long."
    return "This clip is as short as it gets."


def nothing_beyond(how: Recut) -> str:
    """What would be shown is not at hand."""
    if how is Recut.LATER:
        return "Nothing later is kept."
    if how is Recut.SHORTER:
        return "Too little of this clip is kept to cut it shorter."
    return "Nothing earlier is kept."


def no_longer_changeable() -> str:
    """What it would be cut of is gone."""
    return "This clip can no longer be changed."


def deleted_meanwhile() -> str:
    """While it was being changed."""
    return "Someone deleted the clip before it was changed."


def recut_under_way() -> str:
    """Another change of the same clip."""
    return "The last change is still being made. Try again in a moment."


# Why there is no clip, or a short one

_PUMPFUN = "pumpfun:"
_TELL = "Tell the bot's operator."

_NOT_MADE = "The clip couldn't be made. Try again."

_FAULTS = {
    JobFault.BROKEN_OFF: "Something went wrong while the clip was made. Try again.",
    JobFault.EMPTY: "No clip: it would have shown nothing. Try again.",
    JobFault.OFFLINE: "No clip: the coin is offline.",
    JobFault.INTERRUPTED: "The bot restarted before this clip was done. Try again.",
    JobFault.REFUSED: "The change couldn't be posted here, so the clip stays as it is.",
}

# Where the sentence of the command line would tell a person in a chat what only the operator sees.
_IN_A_CHAT = {
    ClipFailure.DISK_FULL: f"There's no room left for clips. {_TELL}",
    ClipFailure.NOT_WRITABLE: f"The clip can't be saved. {_TELL}",
    ClipFailure.FILE_EXISTS: "The clip couldn't be saved under its name. Try again.",
    ClipFailure.TOO_FEW_BYTES: "The clip is too large to upload here. Ask for a shorter one.",
    ClipFailure.STOPPED: "The bot stopped before anything was recorded. Try again.",
}


def why_no_clip(error: str | None) -> str:
    """The sentence for a failed job's `error`; a code of a newer Mintcast has a plain one."""
    code = error or ""
    if code.startswith(_PUMPFUN) and (reason := code.removeprefix(_PUMPFUN)) in frozenset(Reason):
        return f"No clip. {common.pumpfun_failed(Reason(reason))}"
    if code in frozenset(JobFault):
        return _FAULTS[JobFault(code)]
    if code in frozenset(ClipFailure):
        failure = ClipFailure(code)
        return _IN_A_CHAT.get(failure) or clip_results.clip_failed(failure)
    return _NOT_MADE


def why_short(result: ClipResult, wanted: float, *, is_ahead: bool = True) -> str:
    """Why a partial clip is shorter than the `wanted` seconds, as its viewers are told. One that is
    not `is_ahead` is of the past, of which there is no more than there is."""
    if result.end is None and not is_ahead:
        return f"Only {max(1, round(result.seconds))} s were available, so it's shorter."
    if result.end in _SHORT_BY_US:
        return clip_results.only(result.seconds, wanted, _SHORT_BY_US[result.end])
    return clip_results.partial(result, wanted)


_SHORT_BY_US = {
    CaptureEnd.STOPPED: "the bot was stopped",  # nobody in the chat did: who cancels gets nothing
    CaptureEnd.FAULT: "the recording broke off",  # the log says why
}


# Highlights: what pump.fun's viewers have cut

OLDER_ON_SITE = "Older ones are on pump.fun."
NEWER = "◀ Newer"
OLDER = "Older ▶"


def highlights_title(name: str) -> str:
    """Over the list."""
    return f"Highlights of {name}"


def highlights_of_which() -> str:
    """Several coins could be meant."""
    return "Highlights of which coin?"


def highlight_length(seconds: float) -> str:
    """How long one is."""
    return f"{max(1, round(seconds))} s"


def post_highlight(number: int) -> str:
    """What a press of its button does; its number in the list."""
    return f"Post {number}"


def no_highlights_title(name: str) -> str:
    """The list is empty."""
    return f"No highlights of {name} yet"


def no_highlights() -> str:
    """What to do instead."""
    return "Highlights are short clips that viewers make on pump.fun. /clip makes one of your own."


def highlight_is_gone() -> str:
    """A button of an old list."""
    return "pump.fun no longer lists that highlight. Run /clips for the current ones."


def highlight_is_there(*, is_posted: bool) -> str:
    """Its button was pressed again."""
    if is_posted:
        return "That highlight was posted here a moment ago."
    return "That highlight is already on its way."


_UNUSABLE = "pump.fun's video can't be posted here. Open it on pump.fun instead."
_NO_HIGHLIGHT = {
    f"{_PUMPFUN}{Reason.NOT_FOUND}": "pump.fun no longer has this highlight.",
    f"{_PUMPFUN}{Reason.TOO_LARGE}": "This highlight is too large. Open it on pump.fun instead.",
    ClipFailure.TOO_FEW_BYTES: "This highlight is too large to upload here. Open it on pump.fun.",
    **dict.fromkeys(
        (
            f"{_PUMPFUN}{Reason.NOT_ALLOWED}",
            f"{_PUMPFUN}{Reason.NOT_A_VIDEO}",
            f"{_PUMPFUN}{Reason.WRONG_SHAPE}",
            ClipFailure.NO_MEDIA,
            ClipFailure.VIDEO_FORMAT,
            ClipFailure.VIDEO_H265,
            ClipFailure.VIDEO_TOO_LARGE,
            ClipFailure.WORKER_DIED,
        ),
        _UNUSABLE,
    ),
}


def why_no_highlight(error: str | None) -> str:
    """The same for one of these, of which nothing is recorded."""
    return _NO_HIGHLIGHT.get(error or "") or why_no_clip(error)
