"""What is shown of clips."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.planning.clip_messages import clip_message, failed_clip
from bot.alerts.planning.compose import plainer
from bot.model import (
    CaptureEnd,
    ClipJob,
    ClipNote,
    ClipOrder,
    ClipResult,
    ClipStatus,
    Coin,
    JobState,
    Message,
    MessageKind,
    NoteKind,
    Person,
    StoredVideo,
    TimeStyle,
    Tone,
    Window,
)
from tests.fakes.buttons import actions, buttons

MINT = "9BB6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump"
NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
COIN = Coin(MINT, "PUFF", "Puffer Fish")
WINDOW = Window.before(NOW, 30)
JOB = ClipJob(
    id=5,
    order=ClipOrder("r1", 1, 1, MINT, Person("p", "Ann @here"), 30, WINDOW, 10 << 20, NOW),
    state=JobState.DONE,
)
VIDEO = StoredVideo("clip-1.mp4", 29.96, 3 << 20, 1280, 720)
WHOLE = ClipResult(ClipStatus.COMPLETE, seconds=29.96)


def lines(message: Message) -> list[str]:
    return message.text.splitlines()[1:]


def test_what_the_recording_did_not_show_yet_can_be_had_later() -> None:
    behind = CaptureEnd.RECORDING_BEHIND
    short = ClipResult(ClipStatus.PARTIAL, seconds=18.0, end=behind)
    clip = clip_message(JOB, COIN, VIDEO, short)
    assert "Only 18 of 30 s: pump.fun's recording has no more yet." in lines(clip)
    assert actions(clip) == ["rest:5", "again:5", "delete:5"]


def test_of_a_guessed_delay_the_times_are_about() -> None:
    guessed = ClipResult(ClipStatus.COMPLETE, seconds=30.0, notes=(ClipNote(NoteKind.ABOUT),))
    assert "About the last 30 s" in lines(clip_message(JOB, COIN, VIDEO, guessed))
    earlier = replace(JOB, order=replace(JOB.order, window=WINDOW.moved(-600)))
    assert "From about 14:19:30 to 14:20:00 UTC" in lines(
        clip_message(earlier, COIN, VIDEO, guessed)
    )


def test_a_clip_says_who_asked_and_which_coin_it_shows() -> None:
    clip = clip_message(JOB, COIN, VIDEO, WHOLE)
    assert (clip.kind, clip.tone, clip.video) == (MessageKind.CLIP, Tone.GOOD, VIDEO)
    assert clip.title == "🎬 30 s of $PUFF"
    assert lines(clip) == ["Clipped by Ann \uff20here", "Puffer Fish ($PUFF)", "Last 30 s"]
    assert actions(clip) == ["again:5", "delete:5"]


def test_a_clip_that_fell_short_says_why_and_what_may_be_noticed() -> None:
    notes = (ClipNote(NoteKind.PICTURE_HELD, 2.5), ClipNote(NoteKind.NO_SOUND))
    short = ClipResult(ClipStatus.PARTIAL, seconds=12.0, end=CaptureEnd.PUBLISHER_GONE, notes=notes)
    clip = clip_message(JOB, None, replace(VIDEO, seconds=12.0), short)
    assert clip.title == "🎬 12 s of 9BB6…pump"
    assert "Only 12 of 30 s: the creator left the stream." in clip.text
    assert "The video froze for 2.5 s; the stream had no sound." in clip.text


def test_what_the_machine_did_not_manage_is_not_told_in_public() -> None:
    notes = (
        ClipNote(NoteKind.FRAMES_DROPPED, 27),
        ClipNote(NoteKind.FRAMES_LOST, 3),
        ClipNote(NoteKind.SECOND_ENCODE),
    )
    broken = ClipResult(ClipStatus.PARTIAL, seconds=12.0, end=CaptureEnd.FAULT, notes=notes)
    clip = clip_message(JOB, COIN, VIDEO, broken)
    told = ["Last 12 s", "Only 12 of 30 s: the recording broke off.", "May stutter."]
    assert lines(clip)[2:] == told


def showing(window: Window) -> ClipJob:
    return replace(JOB, order=replace(JOB.order, window=window))


def test_a_clip_of_a_while_ago_says_from_when_to_when_it_is() -> None:
    clip = clip_message(showing(Window.before(NOW, 30).moved(-120)), COIN, VIDEO, WHOLE)
    (shown,) = clip.lines[2:]
    assert "".join(span.text for span in shown) == "From 14:27:30 to 14:28:00 UTC"
    times = [span for span in shown if span.at is not None]
    assert [span.at for span in times] == [
        NOW - timedelta(seconds=150),
        NOW - timedelta(seconds=120),
    ]
    assert all(span.style is TimeStyle.SECOND for span in times)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, "From 22 Nov, 14:29:30 to 14:30:00 UTC"),
        (365, "From 23 Nov 2025, 14:29:30 to 14:30:00 UTC"),
    ],
)
def test_a_clip_of_another_day_says_which(days: int, told: str) -> None:
    clip = clip_message(showing(Window.before(NOW, 30).moved(-86_400 * days)), COIN, VIDEO, WHOLE)
    (shown,) = clip.lines[2:]
    assert "".join(span.text for span in shown) == told
    styles = [span.style for span in shown if span.at is not None]
    assert styles == [TimeStyle.DAY, TimeStyle.SECOND]


def test_a_clip_of_the_next_seconds_needs_no_word_of_when_it_was() -> None:
    job = showing(Window.after(NOW, 30).moved(-0.4))
    clip = clip_message(replace(job, order=replace(job.order, is_ahead=True)), COIN, VIDEO, WHOLE)
    assert len(clip.lines) == 2


@pytest.mark.parametrize("status", [ClipStatus.PARTIAL, ClipStatus.COMPLETE])
def test_where_less_of_the_past_was_at_hand_that_is_why_it_is_shorter(status: ClipStatus) -> None:
    """However the window was told to whoever cut it, and where it ended before the last moment."""
    job = showing(Window.before(NOW - timedelta(seconds=0.4), 12))
    clip = clip_message(job, COIN, VIDEO, ClipResult(status, seconds=12.2))
    assert lines(clip)[2:] == ["Last 12 s", "Only 12 s were available, so it's shorter."]


def test_why_it_is_shorter_is_told_once() -> None:
    notes = (ClipNote(NoteKind.BEGAN_LATER, 12.2), ClipNote(NoteKind.FRAMES_LOST, 3))
    less = ClipResult(ClipStatus.COMPLETE, seconds=12.2, notes=notes)
    clip = clip_message(showing(Window.before(NOW, 12)), COIN, VIDEO, less)
    told = ["Last 12 s", "Only 12 s were available, so it's shorter.", "May stutter."]
    assert lines(clip)[2:] == told


def test_a_group_of_pictures_less_is_not_worth_a_word() -> None:
    clip = clip_message(JOB, COIN, VIDEO, ClipResult(ClipStatus.COMPLETE, seconds=29.4))
    assert lines(clip)[2:] == ["Last 29 s"]


def test_a_clip_that_could_not_be_made_says_why() -> None:
    failed = failed_clip(replace(JOB, state=JobState.FAILED, error="no-media"), COIN)
    assert failed.tone is Tone.BAD
    assert "sends no video or sound" in failed.text
    assert actions(failed) == ["again:5"]


def test_a_refused_file_leaves_the_words() -> None:
    clip = clip_message(JOB, COIN, VIDEO, WHOLE)
    words = plainer(clip, too_large=True)
    assert words is not None
    assert words.video is None
    assert words.kind is MessageKind.REPLY
    assert "3 MB is too large to upload here" in words.text
    refused = plainer(clip, too_large=False)
    assert refused is not None
    assert "couldn't be posted" in refused.text
    assert plainer(words, too_large=True) is None


def test_what_could_not_be_posted_cannot_be_cut_anew_but_asked_for_again() -> None:
    clip = clip_message(JOB, COIN, VIDEO, WHOLE, can_change=True)
    words = plainer(clip, too_large=True)
    assert words is not None
    assert actions(words) == ["again:5", "delete:5"]


# One of the site's own

HIGHLIGHT = replace(
    JOB, order=replace(JOB.order, highlight_id="20261123_142925:7_x-h-0-12000", seconds=12.0)
)
PAGE = f"https://pump.fun/coin/{MINT}?clip=20261123_142925%3A7_x-h-0-12000"
SHORT = StoredVideo("clip-1.mp4", 11.98, 3 << 20, 1280, 720)


def test_a_highlight_says_what_it_is_and_when_it_was() -> None:
    shown = clip_message(HIGHLIGHT, COIN, SHORT, WHOLE)
    assert (shown.kind, shown.video, shown.link) == (MessageKind.CLIP, SHORT, PAGE)
    assert shown.title == "🎬 Highlight of $PUFF · 12 s"
    assert lines(shown) == [
        "Shared by Ann \uff20here",
        "Puffer Fish ($PUFF)",
        "Streamed 14:29 UTC",
    ]
    assert actions(shown) == ["delete:5"]


def test_one_that_was_encoded_anew_says_what_a_viewer_may_notice() -> None:
    result = replace(WHOLE, seconds=3.0, notes=(ClipNote(NoteKind.NO_SOUND),))
    shown = clip_message(HIGHLIGHT, COIN, SHORT, result)
    assert len(lines(shown)) == 4
    assert "sound" in lines(shown)[-1]


def test_one_that_is_refused_can_be_opened_on_the_site() -> None:
    words = plainer(clip_message(HIGHLIGHT, COIN, SHORT, WHOLE), too_large=True)
    assert words is not None
    assert words.text.endswith("The video is 3 MB, too large to upload here. Open it on pump.fun.")
    assert [(one.url, one.action) for one in buttons(words)] == [(PAGE, ""), (None, "delete:5")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("pumpfun:not-found", "pump.fun no longer has this highlight."),
        ("pumpfun:too-large", "This highlight is too large. Open it on pump.fun instead."),
        ("pumpfun:not-a-video", "pump.fun's video can't be posted here."),
        ("no-media", "pump.fun's video can't be posted here."),
        ("worker-died", "pump.fun's video can't be posted here."),
        ("too-few-bytes", "This highlight is too large to upload here."),
        ("pumpfun:timeout", "No clip. pump.fun didn't answer in time."),
        ("disk-full", "There's no room left for clips."),
    ],
)
def test_one_that_could_not_be_had_says_why(error: str, said: str) -> None:
    failed = failed_clip(replace(HIGHLIGHT, state=JobState.FAILED, error=error), COIN)
    assert said in failed.text
    assert failed.link == PAGE
    assert [(one.url, one.action) for one in buttons(failed)] == [(None, "again:5"), (PAGE, "")]
