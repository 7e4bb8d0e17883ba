"""`/clip`: which coin, who may, how often; the row that it makes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import Limits
from bot.errors import PumpfunError
from bot.model import Action, JobState, MessageKind, Person, Reason, StreamState, Window
from tests.commands.harness import ADA, BEN, ELSEWHERE, FAR_AWAY, THIRD_MINT, CommandHarness
from tests.fakes.buttons import labels
from tests.fakes.chat import FakeCaller, FakeReply, channel
from tests.pumpfun.samples import MINT, OTHER_MINT


async def jobs(harness: CommandHarness) -> list[int]:
    found = []
    async with harness.store.read() as unit:
        for number in range(1, 60):
            job = await unit.jobs.get(number)
            if job is not None:
                found.append(job.id)
    return found


@pytest.fixture
async def live(harness: CommandHarness) -> CommandHarness:
    """One followed coin is live."""
    await harness.follow()
    await harness.go_live()
    harness.watch.live(MINT)
    return harness


async def test_a_clip_is_a_row_and_its_answer_a_promise(live: CommandHarness) -> None:
    with live.notifier.listening("jobs") as hint:
        reply = await live.say("/clip 20s", manages=False)
    assert hint.is_set()
    job = await live.job()
    order = job.order
    assert job.state is JobState.QUEUED
    assert (order.mint, order.window) == (MINT, Window.after(order.asked_at, 20.0))
    assert (order.person, order.max_bytes, order.reply_to) == (ADA, 10 << 20, "m1")
    assert order.target_id == (await live.target()).id
    assert reply.last.kind is MessageKind.PROGRESS
    assert reply.text == "$MINTY · Recording the next 20 s · ready in about 30 s"
    assert reply.last.progress == 0.0
    assert reply.button("Cancel").action == f"cancel:{job.id}"


async def test_without_a_length_it_is_the_default(live: CommandHarness) -> None:
    await live.say("/clip")
    assert (await live.job()).order.window.seconds == 30.0


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("5m", "A clip can be at most 2 min long, not 5 min."),
        ("0s", "A clip must be at least 1 s long"),
        ("0.0004s", "A clip must be at least 1 s long"),
        ("0.99s", "A clip must be at least 1 s long"),
        ("Soon", "No coin followed here is called “Soon”."),
        (f"{MINT} {OTHER_MINT}", "one coin at a time"),
        ("https://evil.example/x", "doesn't lead to pump.fun"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_leaves_no_row(
    live: CommandHarness, words: str, part: str
) -> None:
    assert part in (await live.say(f"/clip {words}")).text
    assert not await jobs(live)


# Which coin


async def test_the_coin_that_is_named_goes_first(live: CommandHarness) -> None:
    live.watch.live(THIRD_MINT)
    await live.say(f"/clip {THIRD_MINT} 10s")
    assert (await live.job()).order.mint == THIRD_MINT
    async with live.store.read() as unit:  # its clip has a name, though nobody follows it
        assert await unit.coins.get(THIRD_MINT) == live.pumpfun.coins[THIRD_MINT]


async def test_then_the_alert_that_is_answered(live: CommandHarness) -> None:
    await live.follow(OTHER_MINT)
    await live.go_live(OTHER_MINT)
    await live.show_all()
    await live.say("/clip", message_id="alert-2")
    assert (await live.job()).order.mint == OTHER_MINT


async def test_a_message_of_another_channel_is_no_alert_of_this_one(live: CommandHarness) -> None:
    await live.follow(OTHER_MINT, ELSEWHERE)
    await live.go_live(OTHER_MINT)
    await live.show_all()
    reply = await live.say("/clip", message_id="alert-2")
    assert "Which one?" in reply.text


async def test_of_several_live_coins_buttons_ask_for_the_same_clip(live: CommandHarness) -> None:
    await live.follow(OTHER_MINT, ELSEWHERE)
    await live.go_live(OTHER_MINT)
    reply = await live.say("/clip 45s")
    assert "Which one?" in reply.last.title
    assert not await jobs(live)
    await live.press(reply.button("$OTHER").action)
    order = (await live.job()).order
    assert (order.mint, order.window.seconds) == (OTHER_MINT, 45.0)


@pytest.mark.parametrize("is_at_hand", [True, False])
async def test_where_none_is_live_the_question_does_not_call_them_live(
    harness: CommandHarness, is_at_hand: bool
) -> None:
    for mint in (MINT, OTHER_MINT):
        await harness.follow(mint)
        await harness.go_live(mint, StreamState.GRACE)
        if is_at_hand:
            harness.lookback.seconds[mint] = 60.0
    reply = await harness.say("/clip 20s")
    assert reply.last.title == "No followed coin is live right now. Which one do you mean?"
    assert sorted(labels(reply.last)) == ["$MINTY", "$OTHER"]


async def test_a_button_of_an_alert_asks_for_a_clip_of_the_default_length(
    live: CommandHarness,
) -> None:
    await live.press(f"clip:{MINT}", manages=False)
    assert (await live.job()).order.window.seconds == 30.0


async def test_the_longest_button_has_room_for_what_was_asked(live: CommandHarness) -> None:
    await live.follow(OTHER_MINT)
    await live.go_live(OTHER_MINT)
    reply = await live.say("/clip 119.99s")
    action = Action.decode(reply.button("$OTHER").action)
    assert action is not None
    assert action.argument.startswith(f"{OTHER_MINT} ~")


async def test_a_paused_coin_counts_where_nothing_else_is_on(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    await harness.go_live(MINT, StreamState.GRACE)
    reply = await harness.say("/clip")
    assert "Minty coin ($MINTY) is offline" in reply.text
    await harness.go_live(OTHER_MINT)
    await harness.say("/clip")
    assert (await harness.job()).order.mint == OTHER_MINT


async def test_nothing_live_is_said_with_what_to_do(harness: CommandHarness) -> None:
    await harness.follow(THIRD_MINT, FAR_AWAY)
    await harness.go_live(THIRD_MINT)
    reply = await harness.say("/clip")
    assert "No followed coin is live right now. Name one: /clip" in reply.text


async def test_a_coin_that_is_not_live_gives_no_clip(harness: CommandHarness) -> None:
    reply = await harness.say(f"/clip {MINT}")
    assert "is offline, so there's nothing to record" in reply.text
    assert not await jobs(harness)


async def test_whether_it_is_live_may_be_unknown_and_the_recorder_finds_out(
    harness: CommandHarness,
) -> None:
    harness.watch.errors[MINT] = PumpfunError(Reason.TIMEOUT)
    await harness.say(f"/clip {MINT}")
    assert await jobs(harness) == [1]


# Who may, and how often


async def test_where_only_managers_may_clip_others_are_told(live: CommandHarness) -> None:
    await live.say("/settings clip-by managers place")
    assert "Only managers can make clips" in (await live.say("/clip", manages=False)).text
    reply = await live.press(f"clip:{MINT}", manages=False)
    assert "Only managers can make clips" in reply.text
    assert not await jobs(live)
    await live.say("/clip")
    assert await jobs(live) == [1]


async def test_where_everyone_may_clip_again_a_channel_overrides_its_place(
    live: CommandHarness,
) -> None:
    await live.say("/settings clip-by managers place")
    await live.say("/settings clip-by everyone")
    await live.say("/clip", manages=False)
    assert await jobs(live) == [1]


async def test_a_person_waits_between_clips_wherever_they_are(live: CommandHarness) -> None:
    await live.follow(MINT, FAR_AWAY)
    await live.say("/clip")
    await live.clock.advance(25)
    reply = await live.say("/clip", where=FAR_AWAY)
    assert reply.text == "You asked for a clip a moment ago. Try again in 35 s."
    await live.clock.advance(35)
    await live.say("/clip", where=FAR_AWAY)
    assert len(await jobs(live)) == 2


async def test_a_place_waits_between_clips_and_other_places_do_not(live: CommandHarness) -> None:
    await live.follow(MINT, FAR_AWAY)
    await live.say("/clip")
    reply = await live.say("/clip 10s", who=BEN)
    assert "Someone here asked for a clip a moment ago. Try again in 20 s." in reply.text
    await live.say("/clip 10s", who=BEN, where=FAR_AWAY)
    assert len(await jobs(live)) == 2
    await live.clock.advance(20)
    await live.say("/clip 10s", who=Person("9"), where=ELSEWHERE)
    assert len(await jobs(live)) == 3


async def test_a_refused_clip_does_not_begin_a_pause(live: CommandHarness) -> None:
    await live.say("/clip")
    await live.clock.advance(19)
    await live.say("/clip", who=BEN)
    await live.clock.advance(1)
    reply = await live.say("/clip", who=BEN)
    assert reply.last.kind is MessageKind.PROGRESS


async def test_a_request_that_comes_twice_counts_once(live: CommandHarness) -> None:
    first = await live.say("/clip", request_id="same")
    again = await live.say("/clip", request_id="same")
    assert len(await jobs(live)) == 1
    assert again.last == first.last


async def test_the_same_window_asked_in_two_places_is_one_recording(live: CommandHarness) -> None:
    await live.follow(MINT, FAR_AWAY)
    await live.say("/clip 20s")
    reply = await live.say("/clip 20s", who=BEN, where=FAR_AWAY)
    assert (await live.job(2)).leader_id == 1
    assert reply.text == "$MINTY · Recording the next 20 s · ready in about 30 s"
    async with live.store.read() as unit:
        assert await unit.jobs.waiting() == 1


async def test_twenty_requests_at_once_in_one_place_make_one_clip(live: CommandHarness) -> None:
    replies = await asyncio.gather(
        *(live.say("/clip", who=Person(f"p{number}")) for number in range(20))
    )
    assert len(await jobs(live)) == 1
    refused = [reply for reply in replies if "Try again in 20 s" in reply.text]
    assert len(refused) == 19


async def test_requests_at_once_in_thirty_places_fill_the_queue_and_no_more(
    live: CommandHarness,
) -> None:
    places = [channel("general", f"place-{number}") for number in range(30)]
    replies = await asyncio.gather(
        *(
            live.say(f"/clip {MINT} {10 + number}s", who=Person(f"p{number}"), where=place)
            for number, place in enumerate(places)
        )
    )
    full = [r for r in replies if "20 clips are already waiting" in r.text]
    assert len(full) == 10
    assert len(await jobs(live)) == 20
    waiting = [r.text for r in replies if r not in full]
    assert sum("ready in about" in text for text in waiting) >= 1
    assert sum("19 clips before this one" in text for text in waiting) == 1


async def test_who_shares_a_recording_needs_no_room_in_the_queue(live: CommandHarness) -> None:
    live.service = live.fresh(Limits(most_waiting=1))
    await live.say(f"/clip {MINT} 20s")
    reply = await live.say(f"/clip {MINT} 20s", who=BEN, where=FAR_AWAY)
    assert "ready in about 30 s" in reply.text
    refused = await live.say(f"/clip {MINT} 21s", who=Person("9"), where=channel("x", "300"))
    assert "1 clip is already waiting" in refused.text
    await live.service.stop()


async def test_where_nothing_can_be_posted_no_clip_is_made(live: CommandHarness) -> None:
    target = await live.target()
    async with live.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", live.clock.now())
    reply = await live.say("/clip")
    assert "I can't post here, so I didn't make a clip." in reply.text
    assert "I lack permission" in reply.text
    assert not await jobs(live)


async def test_a_smaller_upload_makes_a_smaller_clip(live: CommandHarness) -> None:
    reply = FakeReply("x")
    request = replace(live.request()[0], reply=reply, caller=FakeCaller(), upload_limit=1 << 20)
    await live.service.run(request, "/clip")
    assert (await live.job()).order.max_bytes == 1 << 20


@pytest.mark.parametrize("step", [-45.0, -86_400.0])
async def test_nobody_waits_longer_because_the_clock_was_set_back(
    live: CommandHarness, step: float
) -> None:
    await live.say("/clip")
    live.clock.set(step)
    await live.clock.advance(25)
    assert "Try again in 35 s" in (await live.say("/clip")).text
    await live.clock.advance(35)
    await live.say("/clip")
    assert len(await jobs(live)) == 2


async def test_a_clip_that_an_earlier_life_dated_in_the_future_makes_nobody_wait(
    live: CommandHarness,
) -> None:
    """Nor does it hide the next one, which does."""
    await live.say("/clip")
    first = await live.job()
    tomorrow = live.clock.now() + timedelta(days=1)
    async with live.store.write() as unit:
        order = replace(first.order, request_key="of tomorrow", asked_at=tomorrow)
        await unit.jobs.add(order, tomorrow)
    await live.say("/clip 10s")
    assert len(await jobs(live)) == 3
    assert "Try again in 1 min" in (await live.say("/clip 20s")).text
