"""What the command line and chats say of a clip: its phases, its end, why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipProgress,
    ClipResult,
    NoteKind,
    Phase,
    Window,
)
from bot.texts import common, units

_PHASES = {
    Phase.ASKING: "asking pump.fun",
    Phase.JOINING: "joining the stream",
    Phase.WAITING: "waiting for video",
    Phase.SETTLING: "syncing video and sound",
    Phase.RECONNECTING: "connection lost, reconnecting",
    Phase.WRITING: "saving the clip",
    Phase.CATCHING_UP: "waiting for pump.fun's recording to catch up",
}


def progress(now: ClipProgress, seconds: float) -> str:
    """What is happening to a clip of `seconds`."""
    if now.phase is Phase.RECORDING:
        return f"recording {now.done_seconds:.0f} of {seconds:g} s"
    if now.phase is Phase.CATCHING_UP:
        done = min(now.done_seconds, seconds)
        return f"{_PHASES[now.phase]}, {done:.0f} of {seconds:g} s"
    if now.phase is Phase.JOINING and now.attempt > 1:
        return f"joining the stream, attempt {now.attempt}"
    return _PHASES[now.phase]


_ENDS = {
    CaptureEnd.PUBLISHER_GONE: "the creator left the stream",
    CaptureEnd.PICTURE_STOPPED: "the creator's video stopped",
    CaptureEnd.ROOM_CLOSED: "the stream ended",
    CaptureEnd.REMOVED: "pump.fun removed Mintcast from the stream",
    CaptureEnd.REPLACED: "another viewer took Mintcast's place in the stream",
    CaptureEnd.CONNECTION_LOST: "the connection was lost",
    CaptureEnd.STOPPED: "you stopped it",
    CaptureEnd.FAULT: "encoding failed",
    CaptureEnd.VIDEO_FAULT: "the video could no longer be recorded",
    CaptureEnd.UNDECODABLE: "most of the video couldn't be decoded",
    CaptureEnd.RECORDING_BEHIND: "pump.fun's recording has no more yet",
    CaptureEnd.RECORDING_HOLE: "pump.fun's recording lacks the rest",
    CaptureEnd.SEGMENTS_LOST: "pump.fun didn't send the rest of its recording",
}


def partial(result: ClipResult, wanted: float) -> str:
    """Why a clip is shorter than asked."""
    if result.end is CaptureEnd.UNDECODABLE:
        return "This clip shows little: most of the stream's video couldn't be decoded."
    return only(result.seconds, wanted, _ENDS[result.end] if result.end else "it ended early")


def only(seconds: float, wanted: float, why: str) -> str:
    """A clip of `seconds`, where more was wanted; `why` is a clause."""
    return f"Only {round(seconds, 1):g} of {wanted:g} s: {why}."


def ended(end: CaptureEnd) -> str:
    """Why a clip ended early, as a note."""
    if end is CaptureEnd.UNDECODABLE:
        return _ENDS[end]
    return f"it ended early: {_ENDS[end]}"


_SOON = "Try again in a minute."
_CLIP_FAILURES = {
    ClipFailure.NO_PUBLISHER: f"The stream is on, but the creator isn't connected. {_SOON}",
    ClipFailure.NO_MEDIA: f"The creator is connected, but sends no video or sound yet. {_SOON}",
    ClipFailure.CANNOT_JOIN: f"The stream's video server didn't let Mintcast in. {_SOON}",
    ClipFailure.TOKEN_REFUSED: (
        f"The stream's video server refused pump.fun's token, and a new one too. {_SOON}"
    ),
    ClipFailure.TOKEN_NOT_GIVEN: f"pump.fun gave no new token for the stream. {_SOON}",
    ClipFailure.ROOM_CLOSED: "The stream ended before anything was recorded.",
    ClipFailure.REMOVED: (
        f"pump.fun removed Mintcast from the stream before anything was recorded. {_SOON}"
    ),
    ClipFailure.REPLACED: (
        "Another viewer took Mintcast's place in the stream before anything was recorded."
        " Try again."
    ),
    ClipFailure.WORKER_DIED: "The recording process ended unexpectedly. Try again.",
    ClipFailure.WORKER_SILENT: "The recording process stopped responding. Try again.",
    ClipFailure.WORKER_MEMORY: (
        "Recording this stream takes more memory than a clip may use. Its video may be too large."
    ),
    ClipFailure.WORKER_PROCESSOR: (
        "Recording this stream takes more processor time than a clip may use."
    ),
    ClipFailure.DISK_FULL: "The disk is full, so the clip wasn't saved. Free some space first.",
    ClipFailure.NOT_WRITABLE: (
        "The clip can't be saved there. Choose a folder that exists and that you can write to."
    ),
    ClipFailure.FILE_EXISTS: "That file already exists. Choose another name.",
    ClipFailure.WRITE_FAILED: "The clip couldn't be saved. Try again.",
    ClipFailure.TOO_FEW_BYTES: "The clip can't be that small. Allow more bytes or fewer seconds.",
    ClipFailure.STOPPED: "Stopped before anything was recorded. No file was written.",
    ClipFailure.NOT_AT_HAND: "That part of the stream isn't available any more.",
    ClipFailure.RECORDING_UNREACHABLE: f"pump.fun's recordings can't be reached right now. {_SOON}",
    ClipFailure.VIDEO_H265: "This stream uses a video format that I can't record (H.265).",
    ClipFailure.VIDEO_FORMAT: "This stream uses a video format that I can't record.",
    ClipFailure.VIDEO_TOO_LARGE: "This stream's video is too large to record.",
    ClipFailure.VIDEO_UNDECODABLE: "This stream's video can't be decoded.",
    ClipFailure.VIDEO_NOT_RECEIVED: f"The stream's video server sends no video. {_SOON}",
}


def clip_failed(failure: ClipFailure, detail: str = "") -> str:
    """Why there is no clip. `detail`: an HTTP status, or what the worker said last, if anything."""
    sentence = _CLIP_FAILURES[failure]
    first = detail.strip().splitlines()[:1]
    return f"{sentence} ({common.shown(first[0])})" if first else sentence


def clip_note(note: ClipNote) -> str:
    """What came with a clip, for whoever runs the command and for the log."""
    amount = round(note.amount)
    match note.kind:
        case NoteKind.BEGAN_LATER:
            return f"only {units.span(note.amount)} were available"
        case NoteKind.PICTURE_HELD:
            return f"the video froze for {units.span(note.amount)}"
        case NoteKind.PICTURE_GAPS:
            return f"pump.fun's recording stops for up to {note.amount:.1f} s"
        case NoteKind.FRAMES_DROPPED:
            return f"{units.plural(amount, 'frame')} dropped, because this machine was too busy"
        case NoteKind.FRAMES_LOST:
            return f"{units.plural(amount, 'frame')} lost on the network"
        case NoteKind.FRAMES_UNDECODED:
            return f"{units.plural(amount, 'frame')} couldn't be decoded"
        case NoteKind.SOUNDS_MIXED:
            return f"{units.plural(amount, 'sound track')} mixed"
        case NoteKind.SOUNDS_LEFT_OUT:
            return f"{units.plural(amount, 'sound track')} left out, because there were too many"
        case _:
            return _NOTES[note.kind]


_NOTES = {
    NoteKind.NO_SOUND: "the stream had no sound",
    NoteKind.NO_PICTURE: "the stream had no video, so it has only sound",
    NoteKind.ABOUT: "its times are a guess, to a few seconds",
    NoteKind.SECOND_ENCODE: "it was encoded a second time to fit the size",
    NoteKind.RENAMED: "a file of that name already existed, so this one has a number",
    NoteKind.VIDEO_H265: "the stream's video format (H.265) can't be recorded",
    NoteKind.VIDEO_FORMAT: "the stream's video format can't be recorded",
    NoteKind.VIDEO_TOO_LARGE: "the stream's video is too large to record",
    NoteKind.VIDEO_UNDECODABLE: "the stream's video can't be decoded",
    NoteKind.VIDEO_NOT_RECEIVED: "the stream's video server sent no video",
}


def in_public(notes: Iterable[ClipNote]) -> tuple[str, ...]:
    """What the people who watch a clip in a chat may notice; numbers and causes are for the log."""
    told = (_IN_PUBLIC.get(note.kind, clip_note(note)) for note in notes)
    return tuple(dict.fromkeys(filter(None, told)))


def losses(notes: Iterable[ClipNote]) -> str:
    """The frames that a clip lacks, for the service's state; empty if none."""
    return "; ".join(clip_note(one) for one in notes if _IN_PUBLIC.get(one.kind) == _STUTTERS)


_STUTTERS = "may stutter"
_IN_PUBLIC = {
    NoteKind.FRAMES_DROPPED: _STUTTERS,
    NoteKind.FRAMES_LOST: _STUTTERS,
    NoteKind.FRAMES_UNDECODED: _STUTTERS,
    NoteKind.SOUNDS_MIXED: "",
    NoteKind.SOUNDS_LEFT_OUT: "some of the stream's voices are missing",
    NoteKind.SECOND_ENCODE: "",
    NoteKind.PICTURE_GAPS: _STUTTERS,
    NoteKind.ABOUT: "",
    NoteKind.RENAMED: "",
}


# `mintcast clip` of what was

_NOW_ON = "Leave out --ago, --from and --source to record from now on."
AGO_AND_FROM = "--ago and --from both say which moment. Leave one of them out."
RING_WITHOUT_WATCH = (
    "Only --watch keeps a ring. Add --watch, or look back with --ago or --source recording."
)
ROOM_OF_THE_PAST = (
    "The room has only what is still to come. Leave out --source to cut pump.fun's recording."
)
WATCH_AND_AGO = (
    "--watch saves what was just on, at each Enter. Leave out --watch to go back with --ago or"
    " --from."
)
WATCH_AND_SOURCE = "--watch saves from its own ring. Leave out --source, or --watch."
STILL_TO_COME = f"That moment is still to come. {_NOW_ON}"
NO_RECORDING = f"pump.fun has no recording of this stream, or none yet. {_NOW_ON}"
RECORDING_OFF = f"The settings turn pump.fun's recording off ([recording] enabled). {_NOW_ON}"
RECORDING_GONE = f"pump.fun no longer has the recording of this stream. {_NOW_ON}"
_REMEMBERED = "/clip in a chat also knows earlier recordings of streams that Mintcast followed."
NO_TEMPORARY_FOLDER = (
    "There is no folder for temporary files that can be written. Set TMPDIR to one, or free some"
    " space."
)


def ago_refused(text: str, longest: float | None = None) -> str:
    """Why `text` is no `--ago`; `longest`: the most seconds there are, where it is more."""
    if longest is not None:
        return f"--ago can be at most {units.span(longest)}."
    return f"“{common.shown(text)}” isn't how long ago something was. Try --ago 10m or --ago 1:30."


def instant_refused(text: str, *, lacks_zone: bool) -> str:
    """Why `text` is no `--from`. `lacks_zone`: it has a date, and no time zone."""
    if lacks_zone:
        return (
            f"“{common.shown(text)}” doesn't say its time zone. Add one, as in"
            " 2026-11-29T14:02:10Z or 2026-11-29T14:02:10+01:00."
        )
    return f"“{common.shown(text)}” isn't a time. Try 14:02:10, 14:02 or 2026-11-29T14:02:10+01:00."


def not_over_yet(left: float) -> str:
    """What was asked for ends in so many seconds."""
    wait = units.wait(left)
    return f"The last {wait} of that are still to come. Try again in {wait}, or ask for less."


def offline_recording(offline: str) -> str:
    """`offline` is the sentence that the coin is. Its recording may be there, and nobody says
    where."""
    where = "pump.fun says where a stream's recording is only while it's on."
    return f"{offline} {where} {_REMEMBERED}"


def recording_begins(at: datetime, now: datetime) -> str:
    """What was asked for was before it."""
    return (
        f"pump.fun's recording begins only at {units.local_time(at, now)}. Ask for something later."
        f" {_REMEMBERED}"
    )


def recording_reaches(at: datetime, now: datetime) -> str:
    """What was asked for is not in it yet, and does not come."""
    return (
        f"pump.fun's recording reaches only up to {units.local_time(at, now)}. Ask for something"
        " earlier, or try again in a minute."
    )


def shown(window: Window, now: datetime, guessed: float | None) -> str:
    """What a clip of a recording shows. `guessed`: so many seconds it is taken to be behind, None
    where that is known."""
    begin, end = units.local_time(window.begins_at, now), units.local_time(window.ends_at, now)
    about = (
        f" (about: pump.fun's recording is taken to run {guessed:g} s behind)"
        if guessed is not None
        else ""
    )
    return f"From {begin} to {end}{about}"


# `mintcast clip --watch`

CONNECTING = "Connecting to the stream …"
NOTHING_YET = "Nothing to save yet. Try again in a few seconds."
STREAM_OVER = "The stream is over."


def keeps_trying(sentence: str) -> str:
    """Why nothing comes, and what is done about it: what it says is to be tried again is tried."""
    why = sentence.replace(_SOON, "").removesuffix("Try again.").rstrip()
    return f"{' '.join(why.split())} Mintcast keeps trying; Ctrl-C ends it."


def watching(at_hand: float | None, seconds: float, *, by_enter: bool = True) -> str:
    """`at_hand` seconds of the past can be saved, None where that changes; a clip has `seconds`.
    Not `by_enter`: nobody can type."""
    key = "Enter" if by_enter else "SIGUSR1"
    keys = f"{key} saves the last {units.span(seconds)}, Ctrl-C ends."
    if at_hand is None or at_hand >= seconds:
        return f"Watching. {keys}"
    return f"Watching, {at_hand:.0f} s so far. {keys}"


def watch_folder_refused(path: str) -> str:
    """Each clip gets a name of its own."""
    return f"{path}: with --watch, --out must be a folder that exists."
