"""What alerts, digests and notices look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.alerts.planning.compose import (
    AlertFacts,
    NightRow,
    alert,
    coin_name,
    digest,
    disabled_notice,
    no_coin_notice,
    plainer,
)
from bot.model import (
    Address,
    Broadcast,
    Coin,
    Message,
    MessageKind,
    StoredPicture,
    StreamState,
    Target,
    Tone,
)
from tests.fakes.buttons import buttons, labels

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
    assert labels(card) == ["Watch", "Copy address"]


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
    assert labels(card) == ["Open on pump.fun", "Copy address"]
    assert card.picture is PICTURE


def test_an_ended_one_leads_to_the_whole_of_it_where_pumpfun_has_that() -> None:
    name = "20261123_142501:7_20261123_142500"
    facts = replace(FACTS, whole_stream=name)
    ended = alert(replace(facts, broadcast=replace(ON_AIR, state=StreamState.ENDED)), NOW)
    assert labels(ended) == [
        "Whole stream",
        "Open on pump.fun",
        "Copy address",
    ]
    page = f"https://pump.fun/coin/{MINT}?clip=20261123_142501%3A7_20261123_142500"
    assert buttons(ended)[0].url == page
    for state in (StreamState.STARTING, StreamState.LIVE, StreamState.GRACE):
        card = alert(replace(facts, broadcast=replace(ON_AIR, state=state)), NOW)
        assert "Whole stream" not in labels(card)


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


# What a platform did not take


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
    paused = replace(on_air, state=StreamState.GRACE)
    rows = [
        NightRow(MINT, over, COIN),
        NightRow(OTHER_MINT, on_air, None),
        NightRow(OTHER_MINT, paused, None),
    ]
    message = digest(rows)
    assert message.title == "🌙 Overnight: 3 streams"
    assert lines(message) == [
        "Puffer Fish ($PUFF): 40 min, peak 2,345 viewers",
        "7AA6…pump: 5 min (still live)",
        "7AA6…pump: 5 min (paused)",
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
    part = Address("discord", "7", "8", "Place", "news")
    text = disabled_notice(Target(3, 1, "fake", part, "target-gone"), "target-gone").text
    assert "it no longer exists. Subscriptions are kept. To remove its coins, name them" in text
    assert "/resume" not in text
    whole = Address("telegram", "-7", "-7", "Group", "Group")
    text = disabled_notice(Target(3, 1, "fake", whole, "target-gone"), "target-gone").text
    assert "Subscriptions are kept. If it's back, run /resume there." in text
    assert MINT in no_coin_notice(MINT).text
