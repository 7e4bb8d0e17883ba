"""`/clip`: which seconds of a stream it means, and what it says where these are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.commands.clip_window import RequestedWindow
from bot.errors import PumpfunError
from bot.kit.tasks import background
from bot.model import (
    Action,
    Broadcast,
    ClipOrder,
    MessageKind,
    Reason,
    StreamState,
    Tone,
    Window,
)
from tests.commands.harness import BEN, CommandHarness
from tests.fakes.buttons import buttons
from tests.fakes.chat import FakeReply
from tests.pumpfun.samples import MINT, OTHER_MINT

HOUR = timedelta(hours=1)
NOTHING = "There's nothing to look back on yet."


@pytest.fixture
async def live(harness: CommandHarness) -> CommandHarness:
    """A followed coin is on air for an hour, and its last minute is ready to clip."""
    await on_air(harness, MINT)
    return harness


async def on_air(harness: CommandHarness, mint: str, seconds: float | None = 60.0) -> int:
    began = harness.clock.now() - HOUR
    await harness.follow(mint)
    stream_id = await harness.go_live(mint, first_seen_at=began, started_at=began)
    if seconds is not None:
        harness.lookback.seconds[mint] = seconds
    return stream_id


async def end(harness: CommandHarness, stream_id: int, seconds: float = 0.0) -> datetime:
    """It was last seen now, and was over for a capture so many seconds later; when that was."""
    now = harness.clock.now()
    async with harness.store.write() as unit:
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        ended = Broadcast(
            StreamState.ENDED, stream.broadcast.first_seen_at, now, site_id=1, ended_at=now
        )
        await unit.streams.update(stream_id, ended)
    over = now + timedelta(seconds=seconds)
    harness.lookback.over[stream.mint] = over
    return over


async def asked(harness: CommandHarness, job_id: int = 1) -> ClipOrder:
    return (await harness.job(job_id)).order


async def nothing_is_asked(harness: CommandHarness) -> bool:
    async with harness.store.read() as unit:
        return await unit.jobs.get(1) is None


# Of a stream that is on


@pytest.mark.parametrize(
    ("words", "seconds", "ago"),
    [
        ("", 30, 0),
        ("45s", 45, 0),
        ("last 20s", 20, 0),
        ("10s 0s ago", 10, 0),
        ("20s 15s", 20, 15),
        ("20s 15s ago", 20, 15),
        ("ago=15s 20s", 20, 15),
        ("30s ago", 30, 30),
        ("10s 0:50 ago", 10, 50),
    ],
)
async def test_a_clip_is_what_just_happened_or_what_did_a_while_ago(
    live: CommandHarness, words: str, seconds: float, ago: float
) -> None:
    now = live.clock.now()
    await live.say(f"/clip {words}")
    order = await asked(live)
    assert order.window == Window.before(now - timedelta(seconds=ago), seconds)
    assert (order.asked_at, order.seconds, order.is_ahead) == (now, seconds, False)
    assert order.stream_id == 1


async def test_the_window_is_that_of_the_moment_at_which_it_was_asked_for(
    live: CommandHarness,
) -> None:
    """However long it then takes to find out what it is about."""
    live.pumpfun.slow.add(OTHER_MINT)
    live.lookback.seconds[OTHER_MINT] = 60.0
    now = live.clock.now()
    request, _ = live.request()
    async with background(live.service.run(request, f"/clip {OTHER_MINT} 10s"), "asking") as asking:
        await live.clock.advance(7)
        await asking
    order = await asked(live)
    assert (order.window, order.asked_at) == (Window.before(now, 10), now)


async def test_where_nothing_is_at_hand_the_next_seconds_are_recorded(
    live: CommandHarness,
) -> None:
    live.lookback.seconds.clear()
    reply = await live.say("/clip 20s")
    order = await asked(live)
    assert (order.window, order.is_ahead) == (Window.after(live.clock.now(), 20), True)
    assert reply.text == "$MINTY · Recording the next 20 s · ready in about 30 s"


@pytest.mark.parametrize(("at_hand", "is_ahead"), [(4.0, True), (5.0, False), (12.0, False)])
async def test_a_part_of_it_is_taken_where_that_is_worth_a_clip(
    live: CommandHarness, at_hand: float, is_ahead: bool
) -> None:
    """The job asks for all of it: what cuts it says how much that was."""
    live.lookback.seconds[MINT] = at_hand
    now = live.clock.now()
    await live.say("/clip 30s")
    window = Window.after(now, 30) if is_ahead else Window.before(now, 30)
    assert (await asked(live)).window == window


@pytest.mark.parametrize(
    ("words", "at_hand", "refusal"),
    [
        ("10s 30s ago", None, f"{NOTHING} /clip 10s records the next 10 s."),
        ("90s 5m ago", None, f"{NOTHING} /clip 90s records the next 1 min 30 s."),
        ("10s 2m ago", 60.0, "Only the last 60 s are available."),
        ("10s 38s ago", 41.7, "Only the last 41 s are available."),
        ("10s 2h ago", 60.0, "The stream began only 1 h ago."),
        ("10s 99999999999h ago", 60.0, "The stream began only 1 h ago."),
    ],
)
async def test_what_lies_too_far_back_is_refused_with_how_far_one_can_go(
    live: CommandHarness, words: str, at_hand: float | None, refusal: str
) -> None:
    live.lookback.seconds.clear()
    if at_hand is not None:
        live.lookback.seconds[MINT] = at_hand
    reply = await live.say(f"/clip {words}")
    assert reply.text == refusal
    assert reply.last.tone is Tone.BAD
    assert await nothing_is_asked(live)
    await live.say("/clip 10s")
    assert (await asked(live)).seconds == 10, "no cool-down began"


DOWN = "pump.fun's recordings can't be reached right now"


@pytest.mark.parametrize(
    ("at_hand", "is_over", "refusal"),
    [
        (None, False, f"{DOWN}. Try again in a minute. /clip 10s records the next 10 s."),
        (60.0, False, f"{DOWN}, so only the last 60 s are available. Try again in a minute."),
        (None, True, f"{DOWN}. Try again in a minute."),
    ],
)
async def test_what_nobody_could_look_for_is_not_said_to_be_missing(
    live: CommandHarness, at_hand: float | None, is_over: bool, refusal: str
) -> None:
    live.lookback.outage = PumpfunError(Reason.UNREACHABLE)
    if is_over:
        await end(live, 1)
    live.lookback.seconds.clear()
    if at_hand is not None:
        live.lookback.seconds[MINT] = at_hand
    reply = await live.say(f"/clip {MINT} 10s 2m ago")
    assert reply.text == refusal
    assert await nothing_is_asked(live)


async def test_where_the_last_seconds_cannot_be_looked_for_the_next_are_recorded(
    live: CommandHarness,
) -> None:
    live.lookback.outage = PumpfunError(Reason.TIMEOUT)
    live.lookback.seconds.clear()
    await live.say("/clip 20s")
    assert (await asked(live)).is_ahead


async def test_of_what_lies_a_while_back_a_part_is_better_than_nothing(
    live: CommandHarness,
) -> None:
    now = live.clock.now()
    await live.say("/clip 30s 40s ago")
    assert (await asked(live)).window == Window.before(now - timedelta(seconds=40), 30)


async def test_a_refusal_speaks_of_options_where_there_are_options(live: CommandHarness) -> None:
    live.lookback.seconds.clear()
    reply = await live.say("/clip 10s 30s ago", by_options=True)
    assert "/clip duration:10s records the next 10 s." in reply.text


async def test_what_lies_in_a_hole_is_blamed_on_nobody(live: CommandHarness) -> None:
    """The creator was away, which no recording of pump.fun's has to do with."""
    live.lookback.over[MINT] = live.clock.now()
    await live.clock.advance(60)
    live.watch.live(MINT)
    reply = await live.say("/clip 10s 20s ago")
    assert reply.text == "That moment isn't available. Try a little earlier or later."


# Of one that has just begun


async def begun(
    harness: CommandHarness, seconds: float, started_at: datetime | None = None
) -> datetime:
    """A stream that is on for so long; when it began."""
    began = harness.clock.now() - timedelta(seconds=seconds)
    await harness.follow()
    await harness.go_live(first_seen_at=began, started_at=started_at or began)
    harness.lookback.seconds[MINT] = 60.0  # of an earlier one, too
    return began


async def test_a_window_begins_no_sooner_than_its_stream(harness: CommandHarness) -> None:
    began = await begun(harness, 10)
    await harness.say("/clip 30s")
    order = await asked(harness)
    assert (order.window, order.seconds) == (Window(began, harness.clock.now()), 30)


@pytest.mark.parametrize("seconds", [0.0, 2.0, 4.9])
async def test_of_a_stream_that_began_a_moment_ago_the_next_seconds_are_recorded(
    harness: CommandHarness, seconds: float
) -> None:
    await begun(harness, seconds)
    await harness.say("/clip 30s")
    assert (await asked(harness)).window == Window.after(harness.clock.now(), 30)


@pytest.mark.parametrize("seconds", [40, 40.4])
async def test_what_was_before_the_stream_is_refused(
    harness: CommandHarness, seconds: float
) -> None:
    """All of it, or but for what is too little for a clip."""
    await begun(harness, seconds)
    assert (await harness.say("/clip 10s 40s ago")).text == "The stream began only 40 s ago."
    assert await nothing_is_asked(harness)


async def test_the_sites_clock_may_be_ahead_of_ours(harness: CommandHarness) -> None:
    """A stream that would begin in a minute has begun: we saw it."""
    began = await begun(harness, 20, started_at=harness.clock.now() + timedelta(minutes=1))
    await harness.say("/clip 30s")
    assert (await asked(harness)).window.begins_at == began


# Of one that is over


async def test_of_a_stream_that_is_over_its_last_seconds_are_meant(live: CommandHarness) -> None:
    over = await end(live, 1, seconds=4.0)
    await live.clock.advance(60)
    await live.say("/clip 30s")
    order = await asked(live)
    assert (order.window, order.stream_id) == (Window.before(over, 30), 1)


async def test_a_while_ago_is_then_counted_from_its_end(live: CommandHarness) -> None:
    over = await end(live, 1)
    await live.clock.advance(60)
    await live.say("/clip 10s 20s ago")
    assert (await asked(live)).window == Window.before(over - timedelta(seconds=20), 10)
    reply = await live.say("/clip 10s 2m ago", who=BEN)
    assert reply.text == "Only the last 60 s are available."


@pytest.mark.parametrize("seconds", [40, 50.4])
async def test_what_was_before_one_that_is_over_is_refused_with_how_long_it_was(
    harness: CommandHarness, seconds: float
) -> None:
    await begun(harness, seconds)
    await end(harness, 1)
    await harness.clock.advance(3600)
    reply = await harness.say("/clip 10s 50s ago")
    assert reply.text == f"That stream lasted only {int(seconds)} s."


async def test_a_paused_stream_can_be_clipped_to_its_pause(harness: CommandHarness) -> None:
    began = harness.clock.now() - HOUR
    await harness.follow()
    await harness.go_live(state=StreamState.GRACE, first_seen_at=began, started_at=began)
    harness.lookback.seconds[MINT], paused = 60.0, harness.clock.now()
    harness.lookback.over[MINT] = paused
    await harness.clock.advance(5)
    await harness.say("/clip 30s")
    assert (await asked(harness)).window == Window.before(paused, 30)


async def test_a_stream_of_which_nothing_is_left_is_offline(live: CommandHarness) -> None:
    await end(live, 1)
    live.lookback.seconds.clear()
    reply = await live.say(f"/clip {MINT}")
    assert "Minty coin ($MINTY) is offline, so there's nothing to record." in reply.text
    assert "is offline" in (await live.say("/clip")).text, "it has just ended: the site may have it"
    await live.clock.advance(2 * HOUR.total_seconds())
    assert "No followed coin is live" in (await live.say("/clip")).text
    assert await nothing_is_asked(live)


async def test_what_a_capture_sees_on_air_needs_no_question(live: CommandHarness) -> None:
    """Of a coin that nobody follows, too."""
    live.pumpfun.know(OTHER_MINT, "OTHER")
    live.lookback.seconds[OTHER_MINT] = 60.0
    await live.say(f"/clip {OTHER_MINT} 10s")
    assert not live.watch.looked
    order = await asked(live)
    assert (order.mint, order.stream_id, order.is_ahead) == (OTHER_MINT, None, False)


@pytest.mark.parametrize("is_over", [True, False])
async def test_where_a_capture_sees_nothing_any_more_pumpfun_is_asked_whether_it_is_over(
    live: CommandHarness, is_over: bool
) -> None:
    """Who looks now and then has not seen that yet; or else the capture broke off."""
    live.lookback.over[MINT] = live.clock.now()
    await live.clock.advance(6)
    if not is_over:
        live.watch.live(MINT)
    await live.say("/clip 30s")
    assert live.watch.looked == [MINT]
    end = live.lookback.over[MINT] if is_over else live.clock.now()
    assert (await asked(live)).window == Window.before(end, 30)


# Answers to alerts, buttons


async def test_an_answer_to_an_alert_means_its_stream_and_that_streams_end(
    live: CommandHarness,
) -> None:
    await live.show_all()
    over = await end(live, 1)
    await live.say("/clip 20s", message_id="alert-1")
    assert (await asked(live)).window == Window.before(over, 20)


async def test_where_that_coin_is_on_again_its_earlier_stream_is_still_meant(
    live: CommandHarness,
) -> None:
    await live.show_all()
    over = await end(live, 1)
    await live.clock.advance(30)
    del live.lookback.over[MINT]
    live.lookback.seconds[MINT] = 50.0
    await live.go_live()
    await live.say("/clip 10s", message_id="alert-1")
    order = await asked(live)
    assert (order.window, order.stream_id) == (Window.before(over, 10), 1)
    live.lookback.seconds[MINT] = 20.0
    reply = await live.say("/clip 10s", message_id="alert-1", who=BEN)
    assert reply.text == "That stream of Minty coin ($MINTY) is over, and its recording is gone."


async def test_a_button_of_an_alert_asks_for_the_last_seconds(live: CommandHarness) -> None:
    now = live.clock.now()
    await live.press(f"clip:{MINT}", manages=False)
    assert (await asked(live)).window == Window.before(now, 30)


async def test_again_asks_for_the_last_seconds_now(live: CommandHarness) -> None:
    """As many as were wanted, however few there were."""
    live.lookback.seconds[MINT] = 12.0
    await live.say("/clip 30s 5s ago")
    live.lookback.seconds[MINT] = 60.0
    await live.clock.advance(61)
    await live.press("again:1")
    assert (await asked(live, 2)).window == Window.before(live.clock.now(), 30)


# Several coins


async def choice(harness: CommandHarness, text: str) -> FakeReply:
    await on_air(harness, OTHER_MINT)
    reply = await harness.say(text)
    assert "Which one?" in reply.last.title
    assert await nothing_is_asked(harness)
    return reply


@pytest.mark.parametrize(("text", "ago"), [("/clip 20s", 0), ("/clip 20s 15s ago", 15)])
async def test_a_choice_is_of_the_window_at_which_the_question_was_asked(
    live: CommandHarness, text: str, ago: float
) -> None:
    then = live.clock.now()
    reply = await choice(live, text)
    await live.clock.advance(8)
    await live.press(reply.button("$OTHER").action)
    order = await asked(live)
    assert order.mint == OTHER_MINT
    assert order.window == Window.before(then - timedelta(seconds=ago), 20)
    assert order.asked_at == live.clock.now()


async def test_who_chooses_too_late_gets_the_next_seconds_or_is_told(live: CommandHarness) -> None:
    last, ago = await choice(live, "/clip 20s"), await live.say("/clip 20s 15s ago")
    await live.clock.advance(300)
    reply = await live.press(ago.button("$OTHER").action, who=BEN)
    assert reply.text == "Only the last 60 s are available."
    live.watch.live(OTHER_MINT)
    await live.press(last.button("$OTHER").action)
    assert (await asked(live)).window == Window.after(live.clock.now(), 20)


@pytest.mark.parametrize("words", ["119.99s 1h20m ago", "1.00012s", "1.00012s 1h20m ago"])
async def test_the_longest_choice_fits_a_button(live: CommandHarness, words: str) -> None:
    reply = await choice(live, f"/clip {words}")
    action = Action.decode(reply.button("$OTHER").action)
    assert action is not None
    assert len(reply.button("$OTHER").action) <= 64


def made_up(asked: int, ago: int) -> str:
    """A wish for 20 s."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=asked / 10)
    return RequestedWindow(20.0, at, ago).encoded()


async def test_a_choice_of_one_that_is_over_counts_from_its_end(live: CommandHarness) -> None:
    reply = await choice(live, "/clip 10s 20s ago")
    over = await end(live, 1)
    await live.clock.advance(30)
    (button,) = [one for one in buttons(reply.last) if "$OTHER" not in one.label]
    await live.press(button.action)
    assert (await asked(live)).window == Window.before(over - timedelta(seconds=20), 10)


@pytest.mark.parametrize("word", [made_up(1 << 34, 0), made_up(27_000_000_000, 0), made_up(0, 0)])
async def test_an_instant_that_somebody_made_up_gives_no_more_than_typing_does(
    live: CommandHarness, word: str
) -> None:
    now = live.clock.now()
    await live.press(f"clip:{MINT} {word}")
    order = await asked(live)
    assert order.window in (Window.before(now, 20), Window.after(now, 20))


async def test_where_nothing_is_on_what_is_still_at_hand_counts(live: CommandHarness) -> None:
    await on_air(live, OTHER_MINT, seconds=None)
    for stream_id in (1, 2):
        await end(live, stream_id)
    await live.clock.advance(20)
    await live.say("/clip 10s")
    assert (await asked(live)).mint == MINT


# What is shown of it


async def test_what_is_there_at_once_is_shown_without_a_card(live: CommandHarness) -> None:
    reply = await live.say("/clip 10s")
    await live.clock.advance(1.9)
    assert not reply.shown
    await live.clock.advance(0.2)
    assert reply.last.kind is MessageKind.PROGRESS
    assert reply.text == "$MINTY · Ready in about 4 s"
    assert reply.button("Cancel").action == "cancel:1"


async def test_what_takes_longer_has_a_card_at_once(live: CommandHarness) -> None:
    live.lookback.in_seconds = 14.0
    reply = await live.say("/clip 10s")
    assert reply.last.kind is MessageKind.PROGRESS


async def test_looking_back_again_and_again_is_asked_too_much(live: CommandHarness) -> None:
    """Each is a question to pump.fun, whatever comes of it; what is at hand is none."""
    live.lookback.seconds.clear()
    answers = [(await live.say("/clip 10s 5m ago")).text for _ in range(100)]
    refused = [text for text in answers if "Try again in" in text]
    assert 0 < len(refused) < 100
    assert len(live.lookback.asked) == 100 - len(refused)
    live.lookback.seconds[MINT] = 60.0
    await live.say("/clip 10s")
    assert (await asked(live)).window.seconds == 10.0
