"""What commands leave behind: a channel's row comes with what is first stored about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot import texts
from bot.commands import Limits, Readiness
from bot.model import JobState, Preference, Scope, Target
from tests.commands.harness import ADA, BEN, ELSEWHERE, HERE, Room
from tests.fakes.chat import channel
from tests.pumpfun.samples import MINT, OTHER_MINT

UNKNOWN_MINT = "11111111111111111111111111111112"
HIDDEN = channel("moderators-only")


async def targets(room: Room, place: str = HERE.place) -> tuple[Target, ...]:
    async with room.store.read() as unit:
        return await unit.places.targets_at("fake", place)


@pytest.mark.parametrize(
    "text",
    [
        "/subscribe",
        "/subscribe nonsense",
        f"/subscribe {UNKNOWN_MINT}",
        f"/unsubscribe {MINT}",
        "/unsubscribe all",
        "/subscriptions",
        "/live",
        f"/live {MINT}",
        "/clip",
        f"/clip {MINT}",
        f"/clip 1h {MINT}",
        f"/clip {UNKNOWN_MINT}",
        "/history",
        f"/history {MINT}",
        "/test",
        f"/test {MINT}",
        "/resume",
        "/settings",
        f"/settings {MINT}",
        "/settings nonsense yes",
        f"/settings at-end leave {MINT}",
        "/settings notices there",
        "/help",
        "/nonsense",
    ],
)
async def test_what_is_only_asked_or_refused_leaves_no_trace(room: Room, text: str) -> None:
    await room.say(text)
    assert await targets(room) == ()
    assert await room.commands.places("fake") == ()


async def test_a_button_of_another_place_leaves_no_trace(room: Room) -> None:
    for action in ("cancel:1", "again:1", f"subscribe:{UNKNOWN_MINT}", f"live:{MINT}"):
        await room.press(action)
    assert await targets(room) == ()


async def test_who_may_not_subscribe_leaves_no_trace(room: Room) -> None:
    for text in (f"/subscribe {MINT}", "/settings at-end leave"):
        await room.say(text, manages=False)
    assert await targets(room) == ()


async def test_where_nothing_can_be_posted_nothing_is_kept_or_told(room: Room) -> None:
    async def cannot() -> Readiness:
        return Readiness(missing=("Send Messages",))

    await room.follow(MINT)
    request, reply = room.request(where=HIDDEN)
    await room.commands.run(replace(request, readiness=cannot), f"/subscribe {MINT}")
    assert "Send Messages" in reply.text
    assert [one.address for one in await targets(room)] == [HERE]
    await room.commands.left("fake", HERE.place)
    await room.commands.returned("fake", HERE.place, lambda _: False)
    assert "moderators-only" not in (await room.say("/subscriptions", who=BEN)).text


async def test_a_clip_that_is_refused_keeps_no_channel(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await room.say("/clip")
    refused = await room.say("/clip", where=ELSEWHERE)
    assert "again in" in refused.text
    assert [one.address for one in await targets(room)] == [HERE]


async def test_a_first_clip_keeps_the_channel_that_gets_it(room: Room) -> None:
    await room.follow(where=ELSEWHERE)
    await room.go_live()
    await room.say("/clip")
    job = await room.job()
    (there, here) = await targets(room)
    assert (here.address, there.address) == (HERE, ELSEWHERE)
    assert job.state is JobState.QUEUED
    assert (job.order.target_id, job.order.place_id) == (here.id, there.place_id)


async def test_first_commands_at_the_same_time_make_one_row(room: Room) -> None:
    await room.follow(where=channel("general", "300"))
    await room.go_live()
    await asyncio.gather(
        room.say(f"/subscribe {MINT}"),
        room.say(f"/clip {MINT}", who=BEN),
        room.say(f"/subscribe {OTHER_MINT}"),
        room.say("/settings at-end leave"),
        room.say("/settings clip-by managers place"),
        room.say("/subscribe nonsense"),
    )
    (here,) = await targets(room)
    async with room.store.read() as unit:
        followed = await unit.subscriptions.of_target(here.id)
        chosen = await unit.preferences.of(here.id)
    assert {one.mint for one in followed} == {MINT, OTHER_MINT}
    assert {name: one.scope for name, one in chosen.items()} == {
        Preference.AT_END: Scope.TARGET,
        Preference.CLIP_BY: Scope.PLACE,
    }
    assert (await room.job()).order.target_id == here.id


# A channel of a known place, about which nothing is kept


async def test_there_the_places_coins_are_listed_found_and_suggested(room: Room) -> None:
    await room.follow()
    await room.go_live()
    assert "Minty coin" in (await room.say("/subscriptions", where=ELSEWHERE)).text
    assert "Minty coin" in (await room.say("/live", where=ELSEWHERE)).text
    assert "Minty coin" in (await room.say("/history", where=ELSEWHERE)).text
    assert "Minty coin" in (await room.say("/test minty", where=ELSEWHERE)).text
    (suggested,) = await room.commands.suggest(ELSEWHERE, "/live min", 25)
    assert suggested.value == MINT
    assert [one.address for one in await targets(room)] == [HERE]


async def test_there_what_the_place_chose_holds(room: Room) -> None:
    await room.follow()
    await room.go_live()
    await room.say("/settings clip-by managers place")
    await room.say("/settings role 777 place")
    refused = await room.say("/clip", who=BEN, where=ELSEWHERE, manages=False)
    assert "may make clips" in refused.text
    shown = await room.say("/test", where=ELSEWHERE)
    assert texts.alerts.test_note(mentions=True) in shown.text


async def test_there_what_is_asked_of_pumpfun_counts_for_the_place(room: Room) -> None:
    room.commands = room.fresh(Limits(questions_a_minute=4))
    await room.say(f"/live {MINT}")  # the coin, and whether it is live
    await room.say(f"/live {OTHER_MINT}", where=ELSEWHERE)
    asked = len(room.watch.looked)
    await room.say(f"/live {MINT}", where=HIDDEN)
    assert len(room.watch.looked) == asked
    await room.say(f"/live {MINT}", where=channel("general", "200"))
    assert len(room.watch.looked) == asked + 1


async def test_warnings_there_name_what_cannot_post_but_nothing_that_is_unused(
    room: Room,
) -> None:
    await room.follow()
    for where in (HERE, HIDDEN):
        target = await room.target(where)
        async with room.store.write() as unit:
            await unit.places.disable(target.id, "forbidden", room.clock.now())
    reply = await room.say("/help", where=ELSEWHERE)
    assert "moderators-only" not in reply.text
    reply = await room.say("/unsubscribe all", where=ELSEWHERE)
    assert "general" in reply.text
    assert "moderators-only" not in reply.text
    assert "moderators-only" not in (await room.say("/subscriptions", who=ADA)).text
