"""What commands leave behind: a channel's row comes with what is first stored about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot import texts
from bot.commands import Limits, Readiness
from bot.model import JobState, Preference, Scope, Target
from tests.commands.harness import ADA, BEN, ELSEWHERE, HERE, CommandHarness
from tests.fakes.chat import channel
from tests.pumpfun.samples import MINT, OTHER_MINT

UNKNOWN_MINT = "11111111111111111111111111111112"
HIDDEN = channel("moderators-only")


async def targets(harness: CommandHarness, place: str = HERE.place) -> tuple[Target, ...]:
    async with harness.store.read() as unit:
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
async def test_what_is_only_asked_or_refused_leaves_no_trace(
    harness: CommandHarness, text: str
) -> None:
    await harness.say(text)
    assert await targets(harness) == ()
    assert await harness.service.places("fake") == ()


async def test_a_button_of_another_place_leaves_no_trace(harness: CommandHarness) -> None:
    for action in ("cancel:1", "again:1", f"subscribe:{UNKNOWN_MINT}", f"live:{MINT}"):
        await harness.press(action)
    assert await targets(harness) == ()


async def test_who_may_not_subscribe_leaves_no_trace(harness: CommandHarness) -> None:
    for text in (f"/subscribe {MINT}", "/settings at-end leave"):
        await harness.say(text, manages=False)
    assert await targets(harness) == ()


async def test_where_nothing_can_be_posted_nothing_is_kept_or_told(harness: CommandHarness) -> None:
    async def cannot() -> Readiness:
        return Readiness(missing=("Send Messages",))

    await harness.follow(MINT)
    request, reply = harness.request(where=HIDDEN)
    await harness.service.run(replace(request, readiness=cannot), f"/subscribe {MINT}")
    assert "Send Messages" in reply.text
    assert [one.address for one in await targets(harness)] == [HERE]
    await harness.service.left("fake", HERE.place)
    await harness.service.returned("fake", HERE.place, lambda _: False)
    assert "moderators-only" not in (await harness.say("/subscriptions", who=BEN)).text


async def test_a_clip_that_is_refused_keeps_no_channel(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.say("/clip")
    refused = await harness.say("/clip", where=ELSEWHERE)
    assert "again in" in refused.text
    assert [one.address for one in await targets(harness)] == [HERE]


async def test_a_first_clip_keeps_the_channel_that_gets_it(harness: CommandHarness) -> None:
    await harness.follow(where=ELSEWHERE)
    await harness.go_live()
    await harness.say("/clip")
    job = await harness.job()
    (there, here) = await targets(harness)
    assert (here.address, there.address) == (HERE, ELSEWHERE)
    assert job.state is JobState.QUEUED
    assert (job.order.target_id, job.order.place_id) == (here.id, there.place_id)


async def test_first_commands_at_the_same_time_make_one_row(harness: CommandHarness) -> None:
    await harness.follow(where=channel("general", "300"))
    await harness.go_live()
    await asyncio.gather(
        harness.say(f"/subscribe {MINT}"),
        harness.say(f"/clip {MINT}", who=BEN),
        harness.say(f"/subscribe {OTHER_MINT}"),
        harness.say("/settings at-end leave"),
        harness.say("/settings clip-by managers place"),
        harness.say("/subscribe nonsense"),
    )
    (here,) = await targets(harness)
    async with harness.store.read() as unit:
        followed = await unit.subscriptions.of_target(here.id)
        chosen = await unit.preferences.of(here.id)
    assert {one.mint for one in followed} == {MINT, OTHER_MINT}
    assert {name: one.scope for name, one in chosen.items()} == {
        Preference.AT_END: Scope.TARGET,
        Preference.CLIP_BY: Scope.PLACE,
    }
    assert (await harness.job()).order.target_id == here.id


# A channel of a known place, about which nothing is kept


async def test_there_the_places_coins_are_listed_found_and_suggested(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    await harness.go_live()
    assert "Minty coin" in (await harness.say("/subscriptions", where=ELSEWHERE)).text
    assert "Minty coin" in (await harness.say("/live", where=ELSEWHERE)).text
    assert "Minty coin" in (await harness.say("/history", where=ELSEWHERE)).text
    assert "Minty coin" in (await harness.say("/test minty", where=ELSEWHERE)).text
    (suggested,) = await harness.service.suggest(ELSEWHERE, "/live min", 25)
    assert suggested.value == MINT
    assert [one.address for one in await targets(harness)] == [HERE]


async def test_there_what_the_place_chose_holds(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.say("/settings clip-by managers place")
    await harness.say("/settings role 777 place")
    refused = await harness.say("/clip", who=BEN, where=ELSEWHERE, manages=False)
    assert "can make clips" in refused.text
    shown = await harness.say("/test", where=ELSEWHERE)
    assert texts.alerts.test_note(mentions=True) in shown.text


async def test_there_what_is_asked_of_pumpfun_counts_for_the_place(harness: CommandHarness) -> None:
    harness.service = harness.fresh(Limits(questions_a_minute=4))
    await harness.say(f"/live {MINT}")  # the coin, and whether it is live
    await harness.say(f"/live {OTHER_MINT}", where=ELSEWHERE)
    asked = len(harness.watch.looked)
    await harness.say(f"/live {MINT}", where=HIDDEN)
    assert len(harness.watch.looked) == asked
    await harness.say(f"/live {MINT}", where=channel("general", "200"))
    assert len(harness.watch.looked) == asked + 1


async def test_warnings_there_name_what_cannot_post_but_nothing_that_is_unused(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    for where in (HERE, HIDDEN):
        target = await harness.target(where)
        async with harness.store.write() as unit:
            await unit.places.disable(target.id, "forbidden", harness.clock.now())
    reply = await harness.say("/help", where=ELSEWHERE)
    assert "moderators-only" not in reply.text
    reply = await harness.say("/unsubscribe all", where=ELSEWHERE)
    assert "general" in reply.text
    assert "moderators-only" not in reply.text
    assert "moderators-only" not in (await harness.say("/subscriptions", who=ADA)).text
