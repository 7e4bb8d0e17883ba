"""What is said of clip jobs in a chat: why there is no clip, why it is short, how the part is."""

from __future__ import annotations

from bot.model import CaptureEnd, ClipFailure, ClipResult, JobFault, Reason
from bot.texts import basic

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
        return f"There is no clip. {basic.pumpfun_failed(Reason(reason))}"
    if code in frozenset(JobFault):
        return _FAULTS[JobFault(code)]
    if code in frozenset(ClipFailure):
        failure = ClipFailure(code)
        return _IN_A_CHAT.get(failure) or basic.clip_failed(failure)
    return f"The clip could not be made; {_AGAIN}."


def why_short(result: ClipResult, wanted: float) -> str:
    """Why a partial clip is shorter than the `wanted` seconds."""
    if result.end is CaptureEnd.STOPPED:  # nobody in the chat did: a cancelled job keeps nothing
        return f"This is {result.seconds:.1f} of {wanted:g} s, because the bot was stopped."
    return basic.partial(result, wanted)


# The parts `clips` and `disk` of the service's health


def at_work(recording: int, waiting: int) -> str:
    """How busy it is."""
    return f"{recording} recording, {waiting} waiting"


def disk_free(free: int) -> str:
    """So many bytes are left where clips are kept."""
    return f"{free / (1 << 30):.1f} GiB free"


def disk_full(free: int) -> str:
    """Too little is left, though every clip went that may go."""
    return f"only {disk_free(free)}, less than the settings ask for, so no clip can be made"


def folder_fails(detail: str) -> str:
    """The folder of clips cannot be read or written; `detail` is the system's word for it."""
    return f"the folder of clips cannot be used: {detail}"
