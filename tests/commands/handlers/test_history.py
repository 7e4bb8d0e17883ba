"""`/history`: what was posted, and what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import DeliveryState, Priority
from tests.commands.harness import ELSEWHERE, FAR_AWAY, CommandHarness
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_history_tells_when_how_fast_and_what_became(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.clock.advance(2.5)
    await harness.show_all()
    reply = await harness.say(f"/history {MINT}", manages=False)
    assert reply.last.title == "Latest posts about Minty coin ($MINTY)"
    (line,) = reply.last.lines
    assert "".join(span.text for span in line) == "12:00 UTC · alert: posted 2 s after going live"
    assert line[0].at is not None


async def test_history_tells_why_something_was_not_posted(harness: CommandHarness) -> None:
    await harness.follow()
    stream_id = await harness.go_live()
    async with harness.store.write() as unit:
        await unit.deliveries.drop_unsent(stream_id, "ended-first", harness.clock.now())
    reply = await harness.say("/history")
    assert "alert Minty coin ($MINTY): not posted: the stream ended" in reply.text


async def test_trouble_with_a_later_change_is_a_sentence_of_its_own(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    stream_id = await harness.go_live()
    await harness.clock.advance(2)
    await harness.show_all()
    now = harness.clock.now()
    async with harness.store.write() as unit:
        await unit.deliveries.raise_wanted(stream_id, now, Priority.CHANGE)
        (d,) = await unit.deliveries.claim("fake", "test", 1, now)
    posted = "alert Minty coin ($MINTY): posted 2 s after going live"
    assert (await harness.say("/history")).text.endswith(posted), "while it is being changed"
    async with harness.store.write() as unit:
        await unit.deliveries.put_off(d, now + timedelta(seconds=600), "not-yet")
    trouble = "Its last update failed: old messages can be edited only now and then."
    assert (await harness.say("/history")).text.endswith(f"{posted}. {trouble}")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeliveryState.DUE, "on its way: the chat service had a problem"),
        (DeliveryState.UNCERTAIN, "unconfirmed: Mintcast stopped while sending it"),
        (DeliveryState.DEAD, "not posted: it couldn't be sent in time"),
    ],
)
async def test_each_state_of_a_delivery_has_its_words(
    harness: CommandHarness, state: DeliveryState, words: str
) -> None:
    await harness.follow()
    await harness.go_live()
    now = harness.clock.now()
    async with harness.store.write() as unit:
        (d,) = await unit.deliveries.claim("fake", "test", 1, now)
        if state is DeliveryState.DUE:
            await unit.deliveries.put_off(d, now + timedelta(seconds=9), "server-error")
        else:
            await unit.deliveries.mark_sending(d, now)
            mark = unit.deliveries.mark_uncertain
            if state is DeliveryState.DEAD:
                mark = unit.deliveries.mark_dead
            await mark(d, "crash" if state is DeliveryState.UNCERTAIN else "too-late", now)
    assert words in (await harness.say(f"/history {MINT}")).text


async def test_history_is_of_this_place_alone_and_names_other_channels(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT, ELSEWHERE)
    await harness.follow(MINT, FAR_AWAY)
    await harness.go_live()
    await harness.show_all()
    reply = await harness.say(f"/history {MINT}")
    assert len(reply.last.lines) == 1
    assert "alert in news: posted" in reply.text


async def test_history_without_posts_says_so(harness: CommandHarness) -> None:
    assert "No posts here yet." in (await harness.say("/history")).text
    reply = await harness.say(f"/history {MINT}")
    assert "No posts about 4F21…pump yet." in reply.text


async def test_history_of_the_alert_that_is_answered(harness: CommandHarness) -> None:
    for mint in (MINT, OTHER_MINT):
        await harness.follow(mint)
        await harness.go_live(mint)
    await harness.show_all()
    reply = await harness.say("/history", message_id="alert-2")
    assert "about Other one ($OTHER)" in reply.last.title
