from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alerts import Fault
from bot.commands import Limits
from bot.errors import PumpfunError
from bot.model import (
    CoinMarks,
    Delivery,
    DeliveryState,
    Reason,
    StreamState,
    Subscription,
    Tone,
)
from bot.store import Unit
from tests.commands.harness import BEN, ELSEWHERE, FAR_AWAY, HERE, THIRD_MINT, CommandHarness
from tests.fakes.chat import channel
from tests.pumpfun.samples import MINT, OTHER_MINT, WALLET

LINK = f"https://pump.fun/coin/{MINT}"


async def followed(harness: CommandHarness) -> tuple[Subscription, ...]:
    target = await harness.target()
    async with harness.store.read() as unit:
        return await unit.subscriptions.of_target(target.id)


async def owed(harness: CommandHarness, state: DeliveryState = DeliveryState.DUE) -> int:
    async with harness.store.read() as unit:
        return (await unit.deliveries.counts()).get(state, 0)


async def claimed(harness: CommandHarness, unit: Unit) -> Delivery:
    """The only one that is owed."""
    (delivery,) = await unit.deliveries.claim("fake", "worker", 1, harness.clock.now())
    return delivery


@pytest.mark.parametrize(
    "text", [f"/subscribe {MINT}", f"subscribe@mintcast {LINK}", f"/SUBSCRIBE <{LINK}>"]
)
async def test_a_coin_is_followed_by_its_address_or_its_link(
    harness: CommandHarness, text: str
) -> None:
    reply = await harness.say(text)
    (subscription,) = await followed(harness)
    assert subscription.mint == MINT
    assert subscription.person_name == "Ada"
    assert subscription.checked_at == harness.clock.now()
    assert reply.last.title == "Following Minty coin ($MINTY)"
    assert "Offline; I'll post within seconds of it going live" in reply.text
    assert "(up to 2 min for unlisted streams)" in reply.text
    assert reply.last.tone is Tone.GOOD
    assert harness.watch.looked == [MINT]


async def test_many_coins_are_answered_by_one_table(harness: CommandHarness) -> None:
    await harness.follow(OTHER_MINT)
    harness.watch.live(MINT)
    reply = await harness.say(
        f"/subscribe {MINT} {OTHER_MINT}, {WALLET} hello! https://evil.example/{MINT} {MINT}"
    )
    assert len(reply.shown) == 1
    lines = reply.text.splitlines()
    assert lines[0] == "Following Minty coin ($MINTY)"
    assert "Minty coin ($MINTY): live; the alert comes now" in lines
    assert "Other one ($OTHER): offline; already followed" in lines
    assert any("“hello!” isn't a coin's address" in line for line in lines)
    assert any("doesn't lead to pump.fun" in line for line in lines)
    assert any("knows no coin" in line and WALLET in line for line in lines)
    assert len(lines) == 6
    assert {one.mint for one in await followed(harness)} == {MINT, OTHER_MINT}


async def test_a_coin_that_was_announced_is_owed_its_alert_in_the_same_breath(
    harness: CommandHarness,
) -> None:
    await harness.go_live(MINT)
    with harness.notifier.listening("deliveries") as hint:
        reply = await harness.say(f"/subscribe {MINT}")
    assert hint.is_set()
    assert await owed(harness) == 1
    assert "Live; the alert comes now." in reply.text
    assert not harness.watch.looked  # it is being watched


@pytest.mark.parametrize(("minutes", "is_silent"), [(14, False), (16, True)])
async def test_a_stream_that_began_long_ago_is_announced_without_a_sound(
    harness: CommandHarness, minutes: float, is_silent: bool
) -> None:
    await harness.go_live(MINT, started_at=harness.clock.now() - timedelta(minutes=minutes))
    await harness.say(f"/subscribe {MINT}")
    (delivery,) = await harness.show_all()
    assert delivery.silent is is_silent


@pytest.mark.parametrize(("minutes", "is_silent"), [(14, False), (16, True)])
@pytest.mark.parametrize("ahead", [-20, 20])
async def test_where_this_machine_s_clock_is_wrong_the_site_s_tells_how_late_it_is(
    harness: CommandHarness, ahead: float, minutes: float, *, is_silent: bool
) -> None:
    harness.watch.site_time = site_time = harness.clock.now() - timedelta(minutes=ahead)
    await harness.go_live(MINT, started_at=site_time - timedelta(minutes=minutes))
    await harness.say(f"/subscribe {MINT}")
    (delivery,) = await harness.show_all()
    assert delivery.silent is is_silent


async def test_a_stream_that_is_not_announced_yet_owes_nothing_yet(harness: CommandHarness) -> None:
    await harness.go_live(MINT, StreamState.STARTING)
    reply = await harness.say(f"/subscribe {MINT}")
    assert await owed(harness) == 0
    assert "Starting; the alert comes once there is video" in reply.text


async def test_a_paused_stream_is_told_as_paused(harness: CommandHarness) -> None:
    await harness.go_live(MINT, StreamState.GRACE)
    reply = await harness.say(f"/subscribe {MINT}")
    assert "Paused, may return; the alert comes now." in reply.text
    assert await owed(harness) == 1


async def test_a_second_subscription_of_the_same_coin_owes_nothing_more(
    harness: CommandHarness,
) -> None:
    await harness.go_live(MINT)
    await harness.say(f"/subscribe {MINT}")
    reply = await harness.say(f"/subscribe {MINT}", who=BEN)
    assert await owed(harness) == 1
    assert reply.text.splitlines() == ["Already following Minty coin ($MINTY)", "Live."]
    assert (await followed(harness))[0].person_id == "7"


async def test_who_comes_back_in_the_same_stream_gets_no_second_alert(
    harness: CommandHarness,
) -> None:
    await harness.go_live(MINT)
    await harness.say(f"/subscribe {MINT}")
    await harness.show_all()
    await harness.say(f"/unsubscribe {MINT}")
    reply = await harness.say(f"/subscribe {MINT}")
    assert "its alert is already here" in reply.text
    assert not await harness.show_all()


async def test_who_comes_back_in_a_stream_that_paused_is_not_told_that_it_is_live(
    harness: CommandHarness,
) -> None:
    await harness.go_live(MINT, StreamState.GRACE)
    await harness.say(f"/subscribe {MINT}")
    await harness.show_all()
    await harness.say(f"/unsubscribe {MINT}")
    reply = await harness.say(f"/subscribe {MINT}")
    assert "Paused, may return; its alert is already here." in reply.text


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("skip", "its quiet hours leave this alert out"),
        ("digest", "the list at the end of quiet hours will name it"),
        ("silent", "the alert comes now"),
    ],
)
async def test_no_alert_is_promised_for_now_that_the_night_keeps_back(
    harness: CommandHarness, mode: str, sentence: str
) -> None:
    await harness.say(f"/settings night 00:00-23:59 UTC {mode}")
    await harness.go_live(MINT)
    assert f"Live; {sentence}." in (await harness.say(f"/subscribe {MINT}")).text
    harness.watch.live(OTHER_MINT)
    assert f"Live; {sentence}." in (await harness.say(f"/subscribe {OTHER_MINT}")).text
    harness.watch.starting(THIRD_MINT)
    told = (await harness.say(f"/subscribe {THIRD_MINT}")).text
    assert f"Starting; {sentence.replace('now', 'once there is video')}." in told


async def test_who_comes_back_after_the_night_left_the_alert_out_is_not_told_that_it_is_here(
    harness: CommandHarness,
) -> None:
    await harness.go_live(MINT)
    await harness.say(f"/subscribe {MINT}")
    async with harness.store.write() as unit:
        delivery = await claimed(harness, unit)
        await unit.deliveries.mark_dead(delivery, "night-skip", harness.clock.now())
    await harness.say(f"/unsubscribe {MINT}")
    reply = await harness.say(f"/subscribe {MINT}")
    assert "Live; I'll post an alert for its next stream." in reply.text


async def test_who_comes_back_in_the_night_is_told_of_the_list_that_names_it(
    harness: CommandHarness,
) -> None:
    await harness.say("/settings night 00:00-23:59 UTC digest")
    await harness.go_live(MINT)
    await harness.say(f"/subscribe {MINT}")
    async with harness.store.write() as unit:
        d = await claimed(harness, unit)
        await unit.deliveries.leave_to("digest:1", d, "night-digest", harness.clock.now())
    await harness.say(f"/unsubscribe {MINT}")
    reply = await harness.say(f"/subscribe {MINT}")
    assert "Live; the list at the end of quiet hours will name it." in reply.text


async def test_of_an_alert_in_doubt_it_is_said_that_it_may_be_here(harness: CommandHarness) -> None:
    await harness.go_live(MINT)
    await harness.say(f"/subscribe {MINT}")
    async with harness.store.write() as unit:
        d = await claimed(harness, unit)
        await unit.deliveries.mark_uncertain(d, "crash", harness.clock.now())
    await harness.say(f"/unsubscribe {MINT}")
    reply = await harness.say(f"/subscribe {MINT}")
    assert "Live; its alert may be already here." in reply.text


async def test_a_coin_that_starts_is_told_so(harness: CommandHarness) -> None:
    harness.watch.starting(MINT)
    assert "Starting; the alert comes" in (await harness.say(f"/subscribe {MINT}")).text


@pytest.mark.parametrize("symptom", ["error", "slow"])
async def test_without_an_answer_of_pumpfun_it_is_saved_and_said_to_be_unchecked(
    harness: CommandHarness, symptom: str
) -> None:
    if symptom == "error":
        harness.pumpfun.errors[MINT] = harness.watch.errors[MINT] = PumpfunError(
            Reason.SERVER_ERROR
        )
        reply = await harness.say(f"/subscribe {MINT}")
    else:
        harness.pumpfun.slow.add(MINT)
        harness.watch.slow.add(MINT)
        request, reply = harness.request()
        task = asyncio.create_task(harness.service.run(request, f"/subscribe {MINT}"))
        await harness.clock.advance(7.1)
        await task
    assert "Saved; pump.fun isn't responding" in reply.text
    (subscription,) = await followed(harness)
    assert subscription.checked_at is None
    async with harness.store.read() as unit:
        assert await unit.subscriptions.unchecked() == (MINT,)


async def test_a_coin_that_is_known_but_not_seen_is_saved_as_such(harness: CommandHarness) -> None:
    harness.watch.errors[MINT] = PumpfunError(Reason.TIMEOUT)
    reply = await harness.say(f"/subscribe {MINT}")
    assert "can't say yet whether it's live" in reply.text
    assert (await followed(harness))[0].checked_at is not None


async def test_one_slow_coin_does_not_hold_up_the_others(harness: CommandHarness) -> None:
    harness.pumpfun.slow.add(MINT)
    request, reply = harness.request()
    task = asyncio.create_task(harness.service.run(request, f"/subscribe {MINT} {OTHER_MINT}"))
    await harness.clock.advance(6.1)
    await task
    assert len(await followed(harness)) == 2
    assert reply.last.title == "Following 2 coins"
    assert "Other one ($OTHER): offline" in reply.text


async def test_a_wallet_is_refused_and_not_saved(harness: CommandHarness) -> None:
    reply = await harness.say(f"/subscribe {WALLET}")
    assert not await followed(harness)
    assert not reply.last.title
    assert "It may be a wallet" in reply.text
    assert reply.last.tone is Tone.BAD


async def test_no_coin_at_all_is_asked_for(harness: CommandHarness) -> None:
    reply = await harness.say("/subscribe")
    assert "No coin given" in reply.text


async def test_more_coins_than_one_command_takes_are_refused_before_anything_is_asked(
    harness: CommandHarness,
) -> None:
    reply = await harness.say("/subscribe " + " ".join(f"word{i}" for i in range(21)))
    assert "at most 20 coins" in reply.text
    assert not harness.pumpfun.asked


async def test_a_place_that_asks_too_much_is_told_when_to_come_back(
    harness: CommandHarness,
) -> None:
    harness.service = harness.fresh(Limits(questions_a_minute=2))
    reply = await harness.say(f"/subscribe {MINT} {OTHER_MINT}")
    assert "can't say yet whether it's live" in reply.text  # saved, and looked at by the poll
    assert len(await followed(harness)) == 2
    reply = await harness.say(f"/subscribe {THIRD_MINT}")
    assert reply.text == "Too many requests here. Try again in 1 min."
    assert len(await followed(harness)) == 2


async def test_who_may_not_manage_may_not_subscribe(harness: CommandHarness) -> None:
    reply = await harness.say(f"/subscribe {MINT}", manages=False)
    assert "Ask one of them" in reply.text
    assert not await followed(harness)
    assert not harness.pumpfun.asked


async def test_the_same_coin_is_followed_in_each_channel_by_itself(harness: CommandHarness) -> None:
    await harness.say(f"/subscribe {MINT}")
    await harness.say(f"/subscribe {MINT}", where=ELSEWHERE)
    await harness.say(f"/subscribe {MINT}", where=FAR_AWAY)
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 3


async def test_in_a_disabled_channel_it_says_why_nothing_will_come(harness: CommandHarness) -> None:
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", harness.clock.now())
    reply = await harness.say(f"/subscribe {MINT}")
    assert await followed(harness)
    assert "I'm not posting here: I lack permission" in reply.text
    assert "/resume" in reply.text


async def test_the_names_of_the_target_are_kept_up_to_date(harness: CommandHarness) -> None:
    await harness.say(f"/subscribe {MINT}")
    await harness.say(f"/subscribe {OTHER_MINT}", where=replace(HERE, channel_name="renamed"))
    async with harness.store.read() as unit:
        target = await unit.places.find(HERE)
    assert target is not None
    assert target.address.channel_name == "renamed"


async def test_a_coins_name_is_made_harmless(harness: CommandHarness) -> None:
    harness.pumpfun.know(THIRD_MINT, "@everyone", "a\nb <@&1> https://evil.example/x \u202egnp")
    reply = await harness.say(f"/subscribe {THIRD_MINT}")
    assert len(reply.text.splitlines()) == 2
    assert "@everyone" not in reply.text
    assert "<@&" not in reply.text
    assert "https://" not in reply.text
    assert "\u202e" not in reply.text


async def test_buttons_show_an_alert_and_the_settings_of_the_one_new_coin(
    harness: CommandHarness,
) -> None:
    reply = await harness.say(f"/subscribe {MINT}")
    shown = await harness.press(reply.button("Preview alert").action)
    assert "Test" in shown.last.title
    shown = await harness.press(reply.button("Settings").action)
    assert shown.last.title == "Settings for Minty coin ($MINTY)"


async def test_unsubscribing_takes_off_what_is_named_and_tells_of_the_rest(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    reply = await harness.say(f"/unsubscribe $other {THIRD_MINT} Hello!")
    lines = reply.text.splitlines()
    assert lines == [
        "Unfollowed Other one ($OTHER)",
        "So11…1112 is not followed here.",
        "Hello! is not followed here.",
    ]
    assert [one.mint for one in await followed(harness)] == [MINT]


async def test_unsubscribing_from_all_names_how_many(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    await harness.follow(MINT, ELSEWHERE)
    reply = await harness.say("/unsubscribe ALL")
    assert reply.last.title == "Unfollowed 2 coins"
    assert "Minty coin ($MINTY)" in reply.text
    assert not await followed(harness)
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 1
    assert (await harness.say("/unsubscribe all")).text == "No coins are followed here."


async def test_unsubscribing_takes_so_many_words_and_no_more(harness: CommandHarness) -> None:
    reply = await harness.say("/unsubscribe " + "word " * 21)
    assert "at most 20 coins" in reply.text


async def test_unsubscribing_from_nothing_asks_what(harness: CommandHarness) -> None:
    reply = await harness.say("/unsubscribe")
    assert "Name a coin, or all" in reply.text


async def test_what_is_followed_in_a_channel_that_was_deleted_can_be_taken_off_elsewhere(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT, ELSEWHERE)
    reply = await harness.say(f"/unsubscribe {MINT}")
    assert "is not followed here" in reply.text, "who may post there can say so there"
    gone = await harness.target(ELSEWHERE)
    async with harness.store.write() as unit:
        await unit.places.disable(gone.id, Fault.TARGET_GONE, harness.clock.now())
    reply = await harness.say(f"/unsubscribe {MINT}")
    assert reply.last.title == "Unfollowed Minty coin ($MINTY)"
    assert "Minty coin ($MINTY): unfollowed in news (deleted)" in reply.text
    assert "news" not in (await harness.say("/subscriptions")).text


async def test_only_managers_unsubscribe(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    reply = await harness.say("/unsubscribe all", manages=False)
    assert "managers" in reply.text
    assert await followed(harness)


# As many as a place may follow


async def test_what_there_is_room_for_is_followed_and_the_rest_is_named(
    harness: CommandHarness,
) -> None:
    harness.service = harness.fresh(Limits(most_in_place=2))
    await harness.follow(MINT, ELSEWHERE)
    reply = await harness.say(f"/subscribe {OTHER_MINT} {THIRD_MINT}")
    lines = reply.text.splitlines()
    assert lines[0] == "Following Other one ($OTHER)"
    assert any(line.startswith("Other one ($OTHER): offline") for line in lines)
    assert "Third one ($THIRD): not followed" in lines
    assert lines[-1].startswith("The limit is 2 coins")
    assert lines[-1].endswith("/unsubscribe some to make room.")
    assert [one.mint for one in await followed(harness)] == [OTHER_MINT]
    assert "Following Minty" in (await harness.say(f"/subscribe {MINT}", where=FAR_AWAY)).text


async def test_a_place_that_is_full_is_told_so_and_keeps_what_it_has(
    harness: CommandHarness,
) -> None:
    for mint in (MINT, OTHER_MINT):
        await harness.follow(mint)
    harness.service = harness.fresh(Limits(most_in_place=1))
    reply = await harness.say(f"/subscribe {MINT} {THIRD_MINT}")
    assert reply.last.title == "Already following Minty coin ($MINTY)"
    assert reply.last.tone is Tone.BAD
    assert "already followed" in reply.text
    assert "Third one ($THIRD): not followed" in reply.text
    assert len(await followed(harness)) == 2
    await harness.say("/unsubscribe all")
    assert "Following Third one" in (await harness.say(f"/subscribe {THIRD_MINT}")).text


async def test_many_at_once_do_not_pass_the_limit_together(harness: CommandHarness) -> None:
    harness.service = harness.fresh(Limits(most_in_place=2))
    channels = [channel(f"c{n}") for n in range(6)]
    await asyncio.gather(*(harness.say(f"/subscribe {MINT}", where=one) for one in channels))
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 2


async def test_a_mark_that_a_subscription_brings_to_light_changes_the_alerts_of_others(
    harness: CommandHarness,
) -> None:
    await harness.follow(where=FAR_AWAY)
    await harness.go_live()
    (alert,) = await harness.show_all()
    coin = harness.pumpfun.coins[MINT]
    harness.pumpfun.coins[MINT] = replace(coin, marks=CoinMarks(nsfw=True))
    await harness.say(f"/subscribe {MINT}")
    async with harness.store.read() as unit:
        changed = await unit.deliveries.get(alert.id)
    assert changed is not None
    assert changed.wanted == 2
