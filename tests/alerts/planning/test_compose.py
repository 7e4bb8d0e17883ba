"""What alerts, clips, digests and notices look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.planning.compose import (
    AlertFacts,
    NightRow,
    alert,
    clip_message,
    coin_name,
    digest,
    disabled_notice,
    failed_clip,
    no_coin_notice,
    plainer,
)
from bot.model import (
    Address,
    Broadcast,
    Button,
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
    StoredPicture,
    StoredVideo,
    StreamState,
    Target,
    TimeStyle,
    Tone,
    Window,
)

MINT = "9BB6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump"
OTHER_MINT = "7AA6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump"
NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
COIN = Coin(MINT, "PUFF", "Puffer Fish")
ON_AIR = Broadcast(
    StreamState.LIVE,
    first_seen_at=NOW - timedelta(minutes=4),
    last_seen_at=NOW,
    site_id=7,
    started_at=NOW - timedelta(minutes=5),
    announced_at=NOW,
    title="Puffing all day",
    viewers=1234,
    peak_viewers=2345,
)
PICTURE = StoredPicture("p-1.jpg", 640, 360)
FACTS = AlertFacts(MINT, ON_AIR, COIN, PICTURE, role="42")

HOSTILE = "\u202e@everyone https://evil.com <@&1>\n/stop" + "\u0300" * 50 + "x" * 5000


def buttons(message: Message) -> list[Button]:
    return [button for row in message.buttons for button in row]


def lines(message: Message) -> list[str]:
    return message.text.splitlines()[1:]


@pytest.mark.parametrize("state", StreamState)
def test_every_card_leads_to_the_coin_and_says_in_short_what_stays_true(state: StreamState) -> None:
    card = alert(AlertFacts(MINT, replace(ON_AIR, state=state), COIN), NOW)
    assert card.link == f"https://pump.fun/coin/{MINT}"
    assert card.preview == "Puffer Fish ($PUFF) went live"


def test_a_live_coin_shows_title_viewers_start_and_what_can_be_done() -> None:
    card = alert(FACTS, NOW)
    assert (card.kind, card.tone, card.picture, card.role) == (
        MessageKind.ALERT,
        Tone.LIVE,
        PICTURE,
        "42",
    )
    assert card.title == "🔴 Puffer Fish ($PUFF) is live"
    assert lines(card) == ["Puffing all day", "👀 1,234 viewers", "Started 14:25 UTC", MINT]
    watch, clip, copy = buttons(card)
    assert (watch.label, watch.url) == ("Watch", f"https://pump.fun/coin/{MINT}")
    assert (clip.label, clip.action) == ("Clip 30s", f"clip:{MINT}")
    assert (copy.label, copy.copy) == ("Copy address", MINT)
    assert any(span.at == ON_AIR.began_at for line in card.lines for span in line)


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(ON_AIR, title="", viewers=None)
    card = alert(AlertFacts(MINT, bare), NOW + timedelta(days=1))
    assert card.title == "🔴 9BB6…pump is live"
    assert lines(card) == ["Started 23 Nov, 14:25 UTC", MINT]
    assert (card.picture, card.role, card.silent) == (None, None, False)


def test_a_stream_without_media_says_so() -> None:
    card = alert(replace(FACTS, broadcast=replace(ON_AIR, state=StreamState.STARTING)), NOW)
    assert "Connected, no video yet." in card.text
    assert card.title.endswith("is live")


def test_in_grace_it_is_paused_and_may_return() -> None:
    paused = replace(ON_AIR, state=StreamState.GRACE, paused_at=NOW)
    card = alert(replace(FACTS, broadcast=paused), NOW)
    assert card.tone is Tone.PAUSED
    assert card.title == "⏸️ Puffer Fish ($PUFF) has paused"
    assert "Stream interrupted; waiting for the creator to return." in card.text
    assert "Last seen 14:30 UTC" in card.text
    assert [button.label for button in buttons(card)] == ["Watch", "Copy address"]


def test_at_the_end_it_says_how_long_it_was_and_how_many_watched() -> None:
    over = replace(
        ON_AIR,
        state=StreamState.ENDED,
        last_seen_at=ON_AIR.began_at + timedelta(hours=1, minutes=12),
        ended_at=NOW + timedelta(hours=2),
    )
    card = alert(replace(FACTS, broadcast=over), NOW)
    assert card.tone is Tone.ENDED
    assert card.title == "⚫ Puffer Fish ($PUFF) was live"
    assert "Live for 1 h 12 min, until 15:37 UTC" in card.text
    assert "Peak: 2,345 viewers" in card.text
    assert [button.label for button in buttons(card)] == ["Open on pump.fun", "Copy address"]
    assert card.picture is PICTURE


def test_a_test_looks_like_the_real_one_is_marked_and_pings_nobody() -> None:
    real, test = alert(FACTS, NOW), alert(replace(FACTS, test=True), NOW)
    assert (test.role, test.silent) == (None, True)
    assert test.title == f"🧪 Test: {real.title}"
    assert test.lines[:-1] == real.lines
    assert "Just a test" in test.text
    assert "without the mention that a real alert has" in test.text
    same = replace(test, title=real.title, lines=real.lines, role=real.role, silent=real.silent)
    assert same == real


@pytest.mark.parametrize("test", [False, True])
@pytest.mark.parametrize("state", list(StreamState))
def test_hostile_names_and_titles_are_inert(state: StreamState, test: bool) -> None:
    coin = Coin(MINT, HOSTILE, HOSTILE)
    broadcast = replace(ON_AIR, state=state, title=HOSTILE)
    text = alert(AlertFacts(MINT, broadcast, coin, test=test), NOW).text
    assert "@everyone" not in text
    assert "https://" not in text
    assert "\u202e" not in text
    assert "<@" not in text
    assert " /stop" not in text
    assert max(len(line) for line in text.splitlines()) <= 200
    assert len(text) < 600


@pytest.mark.parametrize(
    ("coin", "name"),
    [
        (None, "9BB6…pump"),
        (Coin(MINT), "9BB6…pump"),
        (Coin(MINT, "PUFF"), "$PUFF"),
        (Coin(MINT, "$PUFF", ""), "$PUFF"),
        (Coin(MINT, "", "Puffer"), "Puffer"),
        (Coin(MINT, "puff", "PUFF"), "$puff"),
        (Coin(MINT, "\u200b", "\u3164"), "9BB6…pump"),
    ],
)
def test_a_coin_is_called_by_what_is_known(coin: Coin | None, name: str) -> None:
    assert coin_name(coin, MINT) == name


# Clips

WINDOW = Window.before(NOW, 30)
JOB = ClipJob(
    id=5,
    order=ClipOrder("r1", 1, 1, MINT, Person("p", "Ann @here"), 30, WINDOW, 10 << 20, NOW),
    state=JobState.DONE,
)
VIDEO = StoredVideo("clip-1.mp4", 29.96, 3 << 20, 1280, 720)
WHOLE = ClipResult(ClipStatus.COMPLETE, seconds=29.96)


def test_a_clip_says_who_asked_and_which_coin_it_shows() -> None:
    clip = clip_message(JOB, COIN, VIDEO, WHOLE)
    assert (clip.kind, clip.tone, clip.video) == (MessageKind.CLIP, Tone.GOOD, VIDEO)
    assert clip.title == "🎬 30 s of $PUFF"
    assert lines(clip) == ["Clipped by Ann \uff20here", "Puffer Fish ($PUFF)", "Last 30 s"]
    assert [button.action for button in buttons(clip)] == ["again:5", "delete:5"]


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


def test_a_clip_of_the_next_seconds_needs_no_word_of_when_it_was() -> None:
    clip = clip_message(showing(Window.after(NOW, 30).moved(4)), COIN, VIDEO, WHOLE)
    assert len(clip.lines) == 2


@pytest.mark.parametrize("status", [ClipStatus.PARTIAL, ClipStatus.COMPLETE])
def test_where_less_of_the_past_was_at_hand_that_is_why_it_is_shorter(status: ClipStatus) -> None:
    """However the window was told to whoever cut it, and where it ended before the last moment."""
    job = showing(Window.before(NOW - timedelta(seconds=0.4), 12))
    clip = clip_message(job, COIN, VIDEO, ClipResult(status, seconds=12.2))
    assert lines(clip)[2:] == ["Last 12 s", "Only 12 s were at hand, so it's shorter."]


def test_a_group_of_pictures_less_is_not_worth_a_word() -> None:
    clip = clip_message(JOB, COIN, VIDEO, ClipResult(ClipStatus.COMPLETE, seconds=29.4))
    assert lines(clip)[2:] == ["Last 29 s"]


def test_a_clip_that_could_not_be_made_says_why() -> None:
    failed = failed_clip(replace(JOB, state=JobState.FAILED, error="no-media"), COIN)
    assert failed.tone is Tone.BAD
    assert "sends no video or sound" in failed.text
    assert [button.action for button in buttons(failed)] == ["again:5"]


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


def test_an_alert_whose_picture_is_refused_says_nothing_of_it() -> None:
    card = alert(FACTS, NOW)
    less = plainer(card, too_large=True)
    assert less == replace(card, picture=None)
    assert less is not None
    assert plainer(less, too_large=True) is None


# Digests and notices


def test_a_digest_tells_who_was_live_and_who_still_is() -> None:
    over = replace(
        ON_AIR, state=StreamState.ENDED, last_seen_at=ON_AIR.began_at + timedelta(minutes=40)
    )
    on_air = replace(ON_AIR, peak_viewers=None)
    rows = [NightRow(MINT, over, COIN), NightRow(OTHER_MINT, on_air, None)]
    message = digest(rows)
    assert message.title == "🌙 Overnight: 2 streams"
    assert lines(message) == [
        "Puffer Fish ($PUFF): 40 min, peak 2,345 viewers",
        "7AA6…pump: 5 min (still live)",
    ]


def test_a_long_digest_is_cut() -> None:
    message = digest([NightRow(MINT, ON_AIR, COIN)] * 25)
    assert len(message.lines) == 21
    assert message.text.endswith("and 5 more")


def test_notices_say_what_to_do() -> None:
    address = Address("fake", "place", "c1", "Place", "general @everyone")
    text = disabled_notice(Target(3, 1, "fake", address, "forbidden"), "forbidden").text
    assert "general \uff20everyone" in text
    assert "I lack permission to post" in text
    assert "/resume" in text
    assert MINT in no_coin_notice(MINT).text
