"""`/resume`: a channel that was stopped goes on."""

from __future__ import annotations

from bot.model import StreamState
from tests.commands.harness import ELSEWHERE, FAR_AWAY, THIRD_MINT, Room
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_resume_lets_post_again_what_is_owed(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await room.disable()
    assert not await room.show_all()
    with room.notifier.listening("deliveries") as hint:
        reply = await room.say("/resume")
    assert hint.is_set()
    assert reply.text == "I post here again; what is still owed comes now."
    assert len(await room.show_all()) == 1


async def test_resume_owes_what_went_live_meanwhile(room: Room) -> None:
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await room.follow(mint)
    await room.disable()
    await room.go_live(MINT)
    await room.go_live(OTHER_MINT, StreamState.STARTING)
    await room.say("/resume")
    (delivery,) = await room.show_all()
    assert not delivery.silent
    await room.say("/resume")
    assert not await room.show_all()


async def test_resume_where_nothing_was_stopped(room: Room) -> None:
    assert "nothing to resume" in (await room.say("/resume")).text


async def test_a_manager_is_told_of_other_channels_that_cannot_post(room: Room) -> None:
    await room.follow()
    await room.follow(where=ELSEWHERE)
    await room.disable(where=ELSEWHERE)
    assert "I cannot post in news; /subscriptions says why." in (await room.say("/test")).text
    assert "news" not in (await room.say("/live")).text
    assert "news" not in (await room.say("/test " + MINT, where=FAR_AWAY)).text
