"""Subscribing by slash command."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.model import Subscription
from tests.cogs.harness import Harness, text_of
from tests.pumpfun.samples import MINT, OTHER_MINT

NO_SENDING = discord.PermissionOverwrite(send_messages=False, embed_links=False)
NO_PINGS = discord.PermissionOverwrite(mention_everyone=False)


async def rows(harness: Harness) -> dict[str, list[Subscription]]:
    """All subscriptions, by the channel's id."""
    found: dict[str, list[Subscription]] = {}
    async with harness.commands.store.read() as unit:
        for target_id in range(1, 6):
            target = await unit.places.by_id(target_id)
            if target is not None:
                subscribed = await unit.subscriptions.of_target(target_id)
                found[target.address.channel] = list(subscribed)
    return found


async def test_a_manager_subscribes_and_only_they_see_the_answer(harness: Harness) -> None:
    result = await harness.say("subscribe", mint=MINT)
    assert result.ephemeral
    assert "MINTY" in text_of(result)
    found = await rows(harness)
    assert [one.mint for one in found[str(harness.here.id)]] == [MINT]


async def test_the_place_and_the_channel_are_known_by_name(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    async with harness.commands.store.read() as unit:
        target = await unit.places.by_id(1)
    assert target is not None
    address = target.address
    assert (address.platform, target.sender) == ("discord", "discord")
    assert (address.place, address.place_name) == (str(harness.guild.id), "Minters")
    assert (address.channel, address.channel_name) == (str(harness.here.id), "general")


async def test_several_coins_are_taken_at_once(harness: Harness) -> None:
    result = await harness.say("subscribe", mint=f"{MINT}, {OTHER_MINT}")
    assert "OTHER" in text_of(result)
    assert len((await rows(harness))[str(harness.here.id)]) == 2


async def test_another_channel_gets_the_alerts(harness: Harness) -> None:
    news = harness.guild.create_news_channel("news")
    await harness.say("subscribe", mint=MINT, channel=news)
    found = await rows(harness)
    assert [one.mint for one in found[str(news.id)]] == [MINT]


async def test_a_forum_itself_takes_no_alerts(harness: Harness) -> None:
    forum = harness.guild.create_forum_channel("talk")
    result = await harness.say("subscribe", mint=MINT, channel=forum)
    assert result.ephemeral
    assert "Choose one of its posts" in text_of(result)
    assert str(forum.id) not in await rows(harness)


async def test_everyone_is_no_role_to_mention(harness: Harness) -> None:
    result = await harness.say("subscribe", mint=MINT, role=harness.guild.default_role)
    assert "don't mention everyone" in text_of(result)
    assert await rows(harness) == {}


async def test_what_is_missing_in_a_channel_is_named(harness: Harness) -> None:
    shut = harness.guild.create_text_channel(
        "shut", overwrites={harness.guild.default_role: NO_SENDING}
    )
    result = await harness.say("subscribe", mint=MINT, channel=shut)
    assert result.ephemeral
    assert "Send Messages" in text_of(result)
    assert "Embed Links" in text_of(result)
    assert "View Channel" not in text_of(result)


async def test_a_role_that_nobody_can_mention_is_named(harness: Harness) -> None:
    pingers = harness.guild.create_role("Pingers")
    quiet = harness.guild.create_text_channel(
        "quiet", overwrites={harness.guild.default_role: NO_PINGS}
    )
    result = await harness.say("subscribe", mint=MINT, role=pingers, channel=quiet)
    assert "Pingers" in text_of(result)
    assert MINT in [one.mint for each in (await rows(harness)).values() for one in each]


async def test_a_member_does_not_even_see_what_managers_use(harness: Harness) -> None:
    with pytest.raises(simcord.SetupError):
        await harness.say("subscribe", who=harness.ben, mint=MINT)


async def test_who_may_is_changed_in_the_servers_own_settings(harness: Harness) -> None:
    (command,) = [
        each for each in await harness.bot.tree.fetch_commands() if each.name == "subscribe"
    ]
    harness.guild.set_command_permissions(command, {harness.ben: True})
    await harness.say("subscribe", who=harness.ben, mint=MINT)
    assert [one.mint for one in (await rows(harness))[str(harness.here.id)]] == [MINT]


async def test_unsubscribing_takes_symbols_and_all(harness: Harness) -> None:
    await harness.say("subscribe", mint=f"{MINT} {OTHER_MINT}")
    assert "MINTY" in text_of(await harness.say("unsubscribe", mint="$MINTY"))
    await harness.say("unsubscribe", mint="all")
    assert (await rows(harness))[str(harness.here.id)] == []


async def test_coins_are_offered_by_symbol_while_somebody_types(harness: Harness) -> None:
    await harness.say("subscribe", mint=f"{MINT} {OTHER_MINT}")
    offered = await harness.ada.autocomplete(harness.here, "unsubscribe", "mint", "mint")
    assert [one["value"] for one in offered] == [MINT]
    assert "MINTY" in offered[0]["name"]
    offered = await harness.ada.autocomplete(harness.here, "unsubscribe", "mint", f"{MINT} oth")
    assert [one["value"] for one in offered] == [f"{MINT} {OTHER_MINT}"]
    offered = await harness.ada.autocomplete(harness.here, "unsubscribe", "mint", "al")
    assert offered[0]["value"] == "all"


async def test_nothing_is_asked_of_pumpfun_while_somebody_types(harness: Harness) -> None:
    await harness.ada.autocomplete(harness.here, "subscribe", "mint", MINT[:6])
    assert harness.commands.pumpfun.asked == []
    assert harness.commands.watch.looked == []


async def test_all_that_is_followed_is_told_to_a_member_alone(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    result = await harness.say("subscriptions", who=harness.ben)
    assert result.ephemeral
    assert "MINTY" in text_of(result)


async def test_a_test_alert_is_shown_to_the_manager_alone(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    result = await harness.say("test", mint=MINT)
    assert result.ephemeral
    assert "MINTY" in text_of(result)


async def test_resume_tells_where_nothing_was_stopped(harness: Harness) -> None:
    assert text_of(await harness.say("resume")) == "Nothing is paused here."
