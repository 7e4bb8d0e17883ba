"""`/resume`: a channel that was stopped goes on."""

from __future__ import annotations

from bot.model import StreamState
from tests.commands.harness import ELSEWHERE, FAR_AWAY, THIRD_MINT, CommandHarness
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_resume_lets_post_again_what_is_owed(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.disable()
    assert not await harness.show_all()
    with harness.notifier.listening("deliveries") as hint:
        reply = await harness.say("/resume")
    assert hint.is_set()
    assert reply.text == "I'm posting here again. Anything still pending comes now."
    assert len(await harness.show_all()) == 1


async def test_resume_owes_what_went_live_meanwhile(harness: CommandHarness) -> None:
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await harness.follow(mint)
    await harness.disable()
    await harness.go_live(MINT)
    await harness.go_live(OTHER_MINT, StreamState.STARTING)
    await harness.say("/resume")
    (delivery,) = await harness.show_all()
    assert not delivery.silent
    await harness.say("/resume")
    assert not await harness.show_all()


async def test_what_has_waited_for_hours_is_owed_as_of_now(harness: CommandHarness) -> None:
    """Owed before the channel was stopped, it would be too late by itself."""
    await harness.follow()
    await harness.go_live()
    await harness.disable()
    await harness.clock.advance(7 * 3600)
    await harness.say("/resume")
    (delivery,) = await harness.show_all()
    assert delivery.created_at == harness.clock.now()
    assert delivery.silent


async def test_resume_where_nothing_was_stopped(harness: CommandHarness) -> None:
    assert (await harness.say("/resume")).text == "Nothing is paused here."


async def test_a_manager_is_told_of_other_channels_that_cannot_post(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    await harness.follow(where=ELSEWHERE)
    await harness.disable(where=ELSEWHERE)
    assert "I can't post in news. /subscriptions says why." in (await harness.say("/test")).text
    assert "news" not in (await harness.say("/live")).text
    assert "news" not in (await harness.say("/test " + MINT, where=FAR_AWAY)).text
