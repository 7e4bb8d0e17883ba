"""What is said of clips: what `/clip` will record, how far it is, why there is none or a short one,
and how the parts that make them are. Names come in cleaned."""

from __future__ import annotations

from bot.model import CaptureEnd, ClipFailure, ClipProgress, ClipResult, JobFault, Phase, Reason
from bot.texts import common, recording, units


def not_live_no_clip(name: str) -> str:
    """A clip of a coin that is not on air."""
    return f"{name} is not live right now, so there is nothing to record; /live says when it is."


def title(name: str, seconds: float) -> str:
    """What a progress message is about."""
    return f"Clip of {name}, {units.span(seconds)}"


def from_now_on(seconds: float) -> str:
    """What is recorded: there is no instant replay yet."""
    return (
        f"I record from now on, for {units.span(seconds)}: there is no instant replay yet, so what"
        f" was on before is not at hand. It takes about {units.span(seconds + _AROUND)}, and then"
        " the clip follows here."
    )


_AROUND = 10.0
"""Seconds for joining a stream and writing the file."""


def not_at_hand(ago: float) -> str:
    """A look back was asked for."""
    return f"What was on {units.span(ago)} ago cannot be had any more, so this begins now."


def in_queue(ahead: int) -> str:
    """Its place in the queue; `ahead` are before it."""
    if ahead == 0:
        return "Next in the queue."
    return f"In the queue: {'1 clip is' if ahead == 1 else f'{ahead} clips are'} before this one."


def shares_recording() -> str:
    """The same window was asked for by somebody else."""
    return "The same clip is being made already, so this is one recording for both."


def phase(phase: str | None, done_seconds: float, seconds: float) -> str:
    """What is happening to it."""
    if phase not in frozenset(Phase):
        return "Starting."
    now = ClipProgress(Phase(phase), done_seconds)
    if now.phase is Phase.RECORDING:
        return f"Recording: {max(0.0, seconds - done_seconds):.0f} of {seconds:g} s left."
    words = recording.progress(now, seconds)
    return f"{words[0].upper()}{words[1:]}."


def uploading() -> str:
    """It is made, and on its way here."""
    return "Uploading."


def is_late() -> str:
    """It cannot be posted, or not for a while."""
    return "Done, but it could not be posted yet; the clip follows as soon as that is possible."


def is_uncertain() -> str:
    """The platform did not say whether it took it."""
    return (
        "Done, but the chat did not say whether it took the clip; if it is not below, please ask"
        " for it again."
    )


def not_posted(reason: str) -> str:
    """`reason` is a clause."""
    return f"Done, but the clip could not be posted, because {reason}."


def done() -> str:
    """The delivery brings it."""
    return "Done: the clip follows below."


def is_short() -> str:
    """Part of it; the delivery says why."""
    return "Done, though it is shorter than asked; the clip follows below, and says why."


def failed() -> str:
    """The delivery says why."""
    return "No clip came of it; the reason follows below."


def cancelled() -> str:
    """Stopped by somebody here."""
    return "Cancelled; nothing was kept."


def gone() -> str:
    """It was deleted, or its time was over, before anybody looked."""
    return "This clip is no longer kept."


def cool_down(seconds: float, *, own: bool) -> str:
    """Too soon. `own`: this person's own last clip, else somebody's in this place."""
    whose = "You asked for a clip a moment ago" if own else "A clip was asked for here a moment ago"
    return f"{whose}; please try again in {units.wait(seconds)}."


def queue_full(count: int) -> str:
    """As many wait as may."""
    waiting = "1 clip is" if count == 1 else f"{count} clips are"
    return f"{waiting} waiting already; please try again in a few minutes."


def queue_full_here(count: int) -> str:
    """As many of one place do."""
    waiting = "1 clip is" if count == 1 else f"{count} clips are"
    return f"{waiting} already waiting here. Try again when one is done."


def queue_full_of_you(count: int) -> str:
    """As many of one person do, in all places."""
    waiting = "1 of your clips is" if count == 1 else f"{count} of your clips are"
    return f"{waiting} already waiting. Try again when one is done."


def queue_full_of_unnamed(count: int) -> str:
    """As many of anonymous administrators and channels do, in all places."""
    waiting = "1 clip is" if count == 1 else f"{count} clips are"
    return (
        f"{waiting} already waiting for anonymous admins and channels. Ask from your own account,"
        " or try again in a few minutes."
    )


def no_such_clip() -> str:
    """A job's id that is unknown here, or no longer known."""
    return "That clip is no longer kept here. Run /clip for a new one."


def nothing_to_cancel() -> str:
    """It is over."""
    return "That clip is no longer being made."


def being_cancelled() -> str:
    """The answer to cancel."""
    return "I stop making that clip."


def deleted() -> str:
    """The answer to delete."""
    return "The clip is deleted; its message goes in a moment."


def deleted_before() -> str:
    """Somebody was quicker."""
    return "The clip was deleted already; if its message is still there, it goes in a moment."


def nothing_to_delete() -> str:
    """There is no file, or not yet."""
    return "There is no clip to delete (any more)."


# Why there is no clip, or a short one

_PUMPFUN = "pumpfun:"
_AGAIN = "please ask for it again"
_OPERATOR = "whoever runs this bot should look at its disk"

_FAULTS = {
    JobFault.OFFLINE: "There is no clip, because the coin is not live right now.",
    JobFault.INTERRUPTED: f"The bot was restarted before it could make this clip; {_AGAIN}.",
}

# Where the sentence of the command line would tell a person in a chat what only the operator sees.
_IN_A_CHAT = {
    ClipFailure.DISK_FULL: f"There is no room left to keep a clip; {_OPERATOR}.",
    ClipFailure.NOT_WRITABLE: f"The clip could not be written; {_OPERATOR}.",
    ClipFailure.FILE_EXISTS: f"The clip could not be written under its name; {_AGAIN}.",
    ClipFailure.TOO_FEW_BYTES: (
        "So long a clip does not fit what may be uploaded here; please ask for a shorter one."
    ),
    ClipFailure.STOPPED: f"The bot was stopped before there was anything to keep; {_AGAIN}.",
}


def why_no_clip(error: str | None) -> str:
    """The sentence for a failed job's `error`; a code of a newer Mintcast has a plain one."""
    code = error or ""
    if code.startswith(_PUMPFUN) and (reason := code.removeprefix(_PUMPFUN)) in frozenset(Reason):
        return f"There is no clip. {common.pumpfun_failed(Reason(reason))}"
    if code in frozenset(JobFault):
        return _FAULTS[JobFault(code)]
    if code in frozenset(ClipFailure):
        failure = ClipFailure(code)
        return _IN_A_CHAT.get(failure) or recording.clip_failed(failure)
    return f"The clip could not be made; {_AGAIN}."


def why_short(result: ClipResult, wanted: float) -> str:
    """Why a partial clip is shorter than the `wanted` seconds."""
    if result.end is CaptureEnd.STOPPED:  # nobody in the chat did: a cancelled job keeps nothing
        return f"This is {result.seconds:.1f} of {wanted:g} s, because the bot was stopped."
    return recording.partial(result, wanted)


# The parts `clips` and `disk` of the service's health


def at_work(recording: int, waiting: int) -> str:
    """How busy it is."""
    return f"{recording} recording, {waiting} waiting"


def disk_free(free: int) -> str:
    """So many bytes are left where clips are kept."""
    return f"{units.size(free)} free"


def disk_full(free: int) -> str:
    """Too little is left, though every clip went that may go."""
    return f"only {disk_free(free)}, less than the settings ask for, so no clip can be made"


def folder_fails(detail: str) -> str:
    """The folder of clips cannot be read or written; `detail` is the system's word for it."""
    return f"the folder of clips cannot be used: {detail}"
