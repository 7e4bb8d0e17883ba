"""What the command line and chats say of a recording: its phases, its end, why there is none."""

from __future__ import annotations

from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipProgress,
    ClipResult,
    NoteKind,
    Phase,
)
from bot.texts import common

_PHASES = {
    Phase.ASKING: "asking pump.fun",
    Phase.JOINING: "joining the stream",
    Phase.WAITING: "waiting for the first picture",
    Phase.SETTLING: "putting picture and sound in step",
    Phase.RECONNECTING: "connection lost, trying again",
    Phase.WRITING: "writing the file",
}


def progress(now: ClipProgress, seconds: float) -> str:
    """What is happening to a clip of `seconds`."""
    if now.phase is Phase.RECORDING:
        return f"recording, {now.done_seconds:.0f} of {seconds:g} s"
    if now.phase is Phase.JOINING and now.attempt > 1:
        return f"joining the stream, entrance {now.attempt}"
    return _PHASES[now.phase]


_ENDS = {
    CaptureEnd.PUBLISHER_GONE: "the creator left the stream",
    CaptureEnd.PICTURE_STOPPED: "the creator's picture stopped",
    CaptureEnd.ROOM_CLOSED: "the stream was ended",
    CaptureEnd.REMOVED: "pump.fun removed us from the stream",
    CaptureEnd.REPLACED: "another viewer took our place in the stream",
    CaptureEnd.CONNECTION_LOST: "the connection was lost and did not come back",
    CaptureEnd.STOPPED: "you stopped it",
    CaptureEnd.FAULT: "encoding it failed on this machine",
    CaptureEnd.VIDEO_FAULT: "its video could no longer be recorded",
    CaptureEnd.UNDECODABLE: "most of its video could not be decoded",
}


def partial(result: ClipResult, wanted: float) -> str:
    """Why a clip is shorter than asked."""
    if result.end is CaptureEnd.UNDECODABLE:
        return "This clip shows little, because most of the stream's video could not be decoded."
    why = _ENDS[result.end] if result.end is not None else "it ended early"
    return f"This is {result.seconds:.1f} of {wanted:g} s, because {why}."


def ended(end: CaptureEnd) -> str:
    """Why a clip ended early, as a note."""
    if end is CaptureEnd.UNDECODABLE:
        return _ENDS[end]
    return f"it ended early: {_ENDS[end]}"


_NOTHING_COMES = (
    "The creator has connected, but sends neither picture nor sound; please try again in a minute."
)
_AGAIN = "please try again"
_CLIP_FAILURES = {
    ClipFailure.NO_PUBLISHER: (
        "The stream is on, but the creator sends nothing yet (nobody is publishing in its room);"
        " please try again in a minute."
    ),
    ClipFailure.NO_MEDIA: _NOTHING_COMES,
    ClipFailure.CANNOT_JOIN: f"The stream's video server did not let us in; {_AGAIN} in a minute.",
    ClipFailure.TOKEN_REFUSED: (
        "The stream's video server refused the token that pump.fun gave us, and a fresh one too;"
        f" {_AGAIN} in a minute."
    ),
    ClipFailure.TOKEN_NOT_GIVEN: (
        f"pump.fun did not give us a new token for the stream; {_AGAIN} in a minute."
    ),
    ClipFailure.ROOM_CLOSED: "The stream was ended before there was anything to record.",
    ClipFailure.REMOVED: "pump.fun removed us from the stream before there was anything to record.",
    ClipFailure.REPLACED: (
        "Another viewer took our place in the stream before there was anything to record;"
        f" {_AGAIN}."
    ),
    ClipFailure.WORKER_DIED: f"The process that records ended unexpectedly; {_AGAIN}.",
    ClipFailure.WORKER_SILENT: f"The process that records no longer answered; {_AGAIN}.",
    ClipFailure.WORKER_MEMORY: (
        "Recording this stream takes more memory than one clip may use; its picture may be too"
        " large."
    ),
    ClipFailure.WORKER_PROCESSOR: (
        "Recording this stream takes more processor time than one clip may use."
    ),
    ClipFailure.DISK_FULL: "The disk is full, so the clip could not be written.",
    ClipFailure.NOT_WRITABLE: (
        "The clip could not be written there; choose a folder that exists and is yours to write to."
    ),
    ClipFailure.FILE_EXISTS: "That file exists already; choose another name.",
    ClipFailure.WRITE_FAILED: "The clip could not be written; nothing is left of it.",
    ClipFailure.TOO_FEW_BYTES: "The clip cannot be so small; allow more bytes or fewer seconds.",
    ClipFailure.STOPPED: "Stopped before there was anything to keep; no file was written.",
    ClipFailure.VIDEO_H265: "This stream uses a video format that I can't record (H.265).",
    ClipFailure.VIDEO_FORMAT: "This stream uses a video format that I can't record.",
    ClipFailure.VIDEO_TOO_LARGE: "This stream's picture is too large to record.",
    ClipFailure.VIDEO_UNDECODABLE: "This stream's video can't be decoded.",
    ClipFailure.VIDEO_NOT_RECEIVED: (
        f"The stream's video server doesn't send us its video; {_AGAIN} in a minute."
    ),
}


def clip_failed(failure: ClipFailure, detail: str = "") -> str:
    """Why there is no clip. `detail`: an HTTP status, or what the worker said last, if anything."""
    sentence = _CLIP_FAILURES[failure]
    first = detail.strip().splitlines()[:1]
    return f"{sentence} ({common.shown(first[0])})" if first else sentence


def clip_note(note: ClipNote) -> str:
    """What a viewer of a clip may notice."""
    match note.kind:
        case NoteKind.PICTURE_HELD:
            return f"no new picture came for {note.amount:g} s, so the last one is held"
        case NoteKind.FRAMES_DROPPED:
            return f"{_frames(note)} dropped, because this machine was too busy"
        case NoteKind.FRAMES_LOST:
            return f"{_frames(note)} lost on the way"
        case NoteKind.FRAMES_UNDECODED:
            return f"{_frames(note)} received but could not be decoded"
        case NoteKind.ONE_SOUND:
            return f"only one of the stream's {note.amount:.0f} sounds is in it"
        case _:
            return _NOTES[note.kind]


_NOTES = {
    NoteKind.NO_SOUND: "the stream had no sound",
    NoteKind.NO_PICTURE: "the stream had no picture, so this is sound only",
    NoteKind.SECOND_ENCODE: "it was encoded a second time to fit the size",
    NoteKind.RENAMED: "a file of that name appeared meanwhile, so this one has a number",
    NoteKind.VIDEO_H265: "the stream's video format (H.265) can't be recorded",
    NoteKind.VIDEO_FORMAT: "the stream's video format can't be recorded",
    NoteKind.VIDEO_TOO_LARGE: "the stream's picture is too large to record",
    NoteKind.VIDEO_UNDECODABLE: "the stream's video can't be decoded",
    NoteKind.VIDEO_NOT_RECEIVED: "the stream's video server didn't send us its video",
}


def _frames(note: ClipNote) -> str:
    return "1 frame was" if note.amount == 1 else f"{note.amount:.0f} frames were"
