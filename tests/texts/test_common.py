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
    Live,
    NoteKind,
    Phase,
    SettingsProblem,
    Starting,
    StreamSnapshot,
    VideoFault,
)

STREAM = StreamSnapshot("mint", 7)


@pytest.mark.parametrize("failure", ClipFailure)
def test_every_failure_is_one_or_two_whole_sentences(failure: ClipFailure) -> None:
    sentence = texts.common.clip_failed(failure)
    assert sentence[0].isupper() or sentence.startswith("pump.fun ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "-" not in sentence or failure.value not in sentence


def test_failures_that_ask_for_different_things_read_differently() -> None:
    assert len({texts.common.clip_failed(failure) for failure in ClipFailure}) == len(ClipFailure)


def test_a_failure_shows_the_first_line_of_its_detail_and_no_more() -> None:
    told = texts.common.clip_failed(ClipFailure.WORKER_DIED, "SIGKILL\nTraceback\n  secrets")
    assert told.endswith(" (SIGKILL)")
    assert texts.common.clip_failed(ClipFailure.CANNOT_JOIN, "503").endswith(" (503)")
    assert "(" not in texts.common.clip_failed(ClipFailure.WORKER_DIED, " \n ")


@given(st.sampled_from(ClipFailure), st.text())
@settings(deadline=None)
def test_a_failure_is_one_line_whatever_was_printed(failure: ClipFailure, detail: str) -> None:
    assert texts.common.clip_failed(failure, detail).isprintable()


@pytest.mark.parametrize("end", [end for end in CaptureEnd if end is not CaptureEnd.UNDECODABLE])
def test_every_early_end_says_why(end: CaptureEnd) -> None:
    result = ClipResult(ClipStatus.PARTIAL, seconds=4.04, end=end)
    why = texts.common.ended(end).removeprefix("it ended early: ")
    assert texts.common.partial(result, 30.0) == f"This is 4.0 of 30 s, because {why}."
    assert all(
        texts.common.ended(other) != texts.common.ended(end)
        for other in CaptureEnd
        if other is not end
    )


def test_a_clip_whose_video_could_not_be_decoded_is_not_called_short() -> None:
    result = ClipResult(ClipStatus.PARTIAL, seconds=30.0, end=CaptureEnd.UNDECODABLE)
    why = texts.common.ended(CaptureEnd.UNDECODABLE)
    assert why == "most of its video could not be decoded"
    assert texts.common.partial(result, 30.0).startswith("This clip shows little")


@pytest.mark.parametrize("fault", VideoFault)
def test_every_fault_of_a_video_is_a_failure_and_a_note(fault: VideoFault) -> None:
    assert texts.common.clip_failed(ClipFailure(fault.value))
    assert texts.common.clip_note(ClipNote(NoteKind(fault.value)))


def test_a_format_that_cannot_be_recorded_is_named() -> None:
    told = "This stream uses a video format that I can't record (H.265)."
    assert texts.common.clip_failed(ClipFailure.VIDEO_H265) == told


@pytest.mark.parametrize("kind", NoteKind)
def test_every_note_is_a_line_of_its_own(kind: NoteKind) -> None:
    note = texts.common.clip_note(ClipNote(kind, 3.0))
    assert not note[0].isupper()
    assert not note.endswith(".")
    others = [
        texts.common.clip_note(ClipNote(other, 3.0)) for other in NoteKind if other is not kind
    ]
    assert note not in others


def test_notes_tell_their_amounts() -> None:
    assert "2.5 s" in texts.common.clip_note(ClipNote(NoteKind.PICTURE_HELD, 2.5))
    assert "12 frames" in texts.common.clip_note(ClipNote(NoteKind.FRAMES_DROPPED, 12))


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_words(phase: Phase) -> None:
    words = [
        texts.common.progress(ClipProgress(other), 30) for other in Phase if other is not phase
    ]
    assert texts.common.progress(ClipProgress(phase), 30) not in words


def test_progress_counts_seconds_and_entrances() -> None:
    assert (
        texts.common.progress(ClipProgress(Phase.RECORDING, 11.6), 30.0) == "recording, 12 of 30 s"
    )
    assert texts.common.progress(ClipProgress(Phase.JOINING, attempt=2), 30.0).endswith(
        "entrance 2"
    )


@pytest.mark.parametrize(
    ("text", "seconds", "part"),
    [
        ("soon", None, "“soon” is not a length"),
        ("5h", 18_000.0, "at most 2 min long; you asked for 5 h"),
        ("0", 0.0, "longer than 0 s"),
        ("--jsno", None, "not an option"),
        ("-5", None, "“-5” is not a length"),
        ("9" * 400, None, "is not a length"),
    ],
)
def test_a_duration_is_refused_for_what_is_wrong_with_it(
    text: str, seconds: float | None, part: str
) -> None:
    sentence = texts.common.duration_refused(text, 120.0, seconds)
    assert part in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 160


def test_too_few_bytes_are_told_with_what_is_needed() -> None:
    sentence = texts.common.too_few_bytes(30, 317_440)
    assert "30 s" in sentence
    assert "310 KB (317440 bytes)" in sentence


def test_settings_are_refused_line_by_line() -> None:
    told = texts.common.settings_refused(
        (SettingsProblem("a.b", "is odd"), SettingsProblem("c", "too"))
    )
    assert told.splitlines()[1:] == ["  a.b: is odd", "  c: too"]


def test_the_states_of_a_coin_read_differently() -> None:
    told = {
        texts.common.state_of(Live(STREAM), "Minty"),
        texts.common.state_of(Starting(STREAM), "Minty"),
        texts.common.offline("Minty"),
    }
    assert len(told) == 3
    assert all(line.startswith("Minty is ") and line.endswith(".") for line in told)


@given(st.text(max_size=400))
@settings(deadline=None)
def test_an_address_from_outside_is_one_line_without_marks(url: str) -> None:
    shown = texts.common.shown_url(url)
    assert not any(char.isspace() for char in shown)
    assert shown.isprintable()
