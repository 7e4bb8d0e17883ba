from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import texts
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipProgress,
    ClipResult,
    ClipStatus,
    NoteKind,
    Phase,
    VideoFault,
)


@pytest.mark.parametrize("failure", ClipFailure)
def test_every_failure_is_one_or_two_whole_sentences(failure: ClipFailure) -> None:
    sentence = texts.clip_results.clip_failed(failure)
    assert sentence[0].isupper() or sentence.startswith(("pump.fun ", "pump.fun's "))
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "-" not in sentence or failure.value not in sentence


def test_failures_that_ask_for_different_things_read_differently() -> None:
    assert len({texts.clip_results.clip_failed(failure) for failure in ClipFailure}) == len(
        ClipFailure
    )


def test_a_failure_shows_the_first_line_of_its_detail_and_no_more() -> None:
    told = texts.clip_results.clip_failed(ClipFailure.WORKER_DIED, "SIGKILL\nTraceback\n  secrets")
    assert told.endswith(" (SIGKILL)")
    assert texts.clip_results.clip_failed(ClipFailure.CANNOT_JOIN, "503").endswith(" (503)")
    assert "(" not in texts.clip_results.clip_failed(ClipFailure.WORKER_DIED, " \n ")


@given(st.sampled_from(ClipFailure), st.text())
@settings(deadline=None)
def test_a_failure_is_one_line_whatever_was_printed(failure: ClipFailure, detail: str) -> None:
    assert texts.clip_results.clip_failed(failure, detail).isprintable()


@pytest.mark.parametrize("end", [end for end in CaptureEnd if end is not CaptureEnd.UNDECODABLE])
def test_every_early_end_says_why(end: CaptureEnd) -> None:
    result = ClipResult(ClipStatus.PARTIAL, seconds=4.04, end=end)
    why = texts.clip_results.ended(end).removeprefix("it ended early: ")
    assert texts.clip_results.partial(result, 30.0) == f"Only 4 of 30 s: {why}."
    assert all(
        texts.clip_results.ended(other) != texts.clip_results.ended(end)
        for other in CaptureEnd
        if other is not end
    )


def test_a_clip_whose_video_could_not_be_decoded_is_not_called_short() -> None:
    result = ClipResult(ClipStatus.PARTIAL, seconds=30.0, end=CaptureEnd.UNDECODABLE)
    why = texts.clip_results.ended(CaptureEnd.UNDECODABLE)
    assert why == "most of the video couldn't be decoded"
    assert texts.clip_results.partial(result, 30.0).startswith("This clip shows little")


@pytest.mark.parametrize("fault", VideoFault)
def test_every_fault_of_a_video_is_a_failure_and_a_note(fault: VideoFault) -> None:
    assert texts.clip_results.clip_failed(ClipFailure(fault.value))
    assert texts.clip_results.clip_note(ClipNote(NoteKind(fault.value)))


def test_a_format_that_cannot_be_recorded_is_named() -> None:
    told = "This stream uses a video format that I can't record (H.265)."
    assert texts.clip_results.clip_failed(ClipFailure.VIDEO_H265) == told


@pytest.mark.parametrize("kind", NoteKind)
def test_every_note_is_a_line_of_its_own(kind: NoteKind) -> None:
    note = texts.clip_results.clip_note(ClipNote(kind, 3.0))
    assert not note[0].isupper()
    assert not note.endswith(".")
    others = [
        texts.clip_results.clip_note(ClipNote(other, 3.0))
        for other in NoteKind
        if other is not kind
    ]
    assert note not in others


def test_notes_tell_their_amounts() -> None:
    assert "2.5 s" in texts.clip_results.clip_note(ClipNote(NoteKind.PICTURE_HELD, 2.5))
    assert "12 frames" in texts.clip_results.clip_note(ClipNote(NoteKind.FRAMES_DROPPED, 12))
    assert "5 sound tracks" in texts.clip_results.clip_note(ClipNote(NoteKind.SOUNDS_MIXED, 5))
    assert "24 sound tracks" in texts.clip_results.clip_note(ClipNote(NoteKind.SOUNDS_LEFT_OUT, 24))


def test_a_caption_tells_what_can_be_seen_and_no_numbers_of_the_machine() -> None:
    notes = (
        ClipNote(NoteKind.PICTURE_HELD, 2.5),
        ClipNote(NoteKind.FRAMES_DROPPED, 27),
        ClipNote(NoteKind.FRAMES_LOST, 3),
        ClipNote(NoteKind.FRAMES_UNDECODED, 1),
        ClipNote(NoteKind.SECOND_ENCODE),
        ClipNote(NoteKind.RENAMED),
        ClipNote(NoteKind.SOUNDS_MIXED, 5),
        ClipNote(NoteKind.NO_SOUND),
    )
    told = ("the video froze for 2.5 s", "may stutter", "the stream had no sound")
    assert texts.clip_results.in_public(notes) == told


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_words(phase: Phase) -> None:
    words = [
        texts.clip_results.progress(ClipProgress(other), 30)
        for other in Phase
        if other is not phase
    ]
    assert texts.clip_results.progress(ClipProgress(phase), 30) not in words


def test_progress_counts_seconds_and_attempts() -> None:
    recording = ClipProgress(Phase.RECORDING, 11.6)
    assert texts.clip_results.progress(recording, 30.0) == "recording 12 of 30 s"
    behind = ClipProgress(Phase.CATCHING_UP, 17.6)
    words = "waiting for pump.fun's recording to catch up, 18 of 30 s"
    assert texts.clip_results.progress(behind, 30.0) == words
    joining = ClipProgress(Phase.JOINING, attempt=2)
    assert texts.clip_results.progress(joining, 30.0).endswith("attempt 2")
