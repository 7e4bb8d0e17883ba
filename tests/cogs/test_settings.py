"""`/settings` with Discord's own options."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.model import Preference, Scope
from tests.cogs.harness import Harness, text_of
from tests.pumpfun.samples import MINT

NO_SENDING = discord.PermissionOverwrite(send_messages=False, embed_links=False)
NO_PINGS = discord.PermissionOverwrite(mention_everyone=False)


async def chosen(harness: Harness, mint: str | None = None) -> dict[Preference, tuple[str, Scope]]:
    async with harness.commands.store.read() as unit:
        found = await unit.preferences.of(1, mint)
    return {preference: (one.value, one.scope) for preference, one in found.items()}


def read(result: Any) -> str:
    """As a person reads it."""
    return text_of(result).replace("\\", "")


async def test_without_options_all_that_is_in_force_is_shown(harness: Harness) -> None:
    result = await harness.say("settings")
    assert result.ephemeral
    assert "nobody (default)" in text_of(result)


async def test_several_choices_are_made_at_once_and_told_in_one_answer(harness: Harness) -> None:
    role = harness.guild.create_role("Pingers")
    result = await harness.say(
        "settings",
        role=role,
        night="22:00-08:00",
        zone="berlin",
        at_night="digest",
        night_mention="yes",
        at_end="delete",
        clip_by="managers",
        updates="yes",
    )
    assert result.ephemeral
    assert len(result.followups) == 0
    assert await chosen(harness) == {
        Preference.ROLE: (str(role.id), Scope.TARGET),
        Preference.NIGHT: ("22:00-08:00", Scope.TARGET),
        Preference.TIME_ZONE: ("Europe/Berlin", Scope.TARGET),
        Preference.NIGHT_MODE: ("digest", Scope.TARGET),
        Preference.NIGHT_MENTION: ("yes", Scope.TARGET),
        Preference.AT_END: ("delete", Scope.TARGET),
        Preference.CLIP_BY: ("managers", Scope.TARGET),
        Preference.UPDATES: ("yes", Scope.TARGET),
    }
    assert "Europe/Berlin" in text_of(result)
    assert "managers" in text_of(result)


async def test_a_choice_counts_for_the_whole_server_or_for_one_coin(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    await harness.say("settings", at_end="leave", everywhere=True)
    await harness.say("settings", at_end="delete", mint=MINT)
    assert (await chosen(harness))[Preference.AT_END] == ("leave", Scope.PLACE)
    assert (await chosen(harness, MINT))[Preference.AT_END] == ("delete", Scope.SUBSCRIPTION)


async def test_a_choice_is_taken_back(harness: Harness) -> None:
    await harness.say("settings", at_end="leave")
    await harness.say("settings", reset="at-end default")
    assert Preference.AT_END not in await chosen(harness)


async def test_all_choices_are_taken_back_and_that_can_be_undone(harness: Harness) -> None:
    await harness.say("settings", at_end="leave", updates="yes")
    result = await harness.say("settings", reset="default")
    assert "Settings reset." in text_of(result)
    assert await chosen(harness) == {}
    await harness.ada.click(result.response, label="Undo")
    assert set(await chosen(harness)) == {Preference.AT_END, Preference.UPDATES}


async def test_what_is_chosen_with_a_reset_holds_after_it(harness: Harness) -> None:
    await harness.say("settings", at_end="leave", updates="yes")
    result = await harness.say("settings", reset="default", picture="coin")
    assert set(await chosen(harness)) == {Preference.PICTURE}
    await harness.ada.click(result.response, label="Undo")
    assert set(await chosen(harness)) == {
        Preference.AT_END,
        Preference.UPDATES,
        Preference.PICTURE,
    }


async def test_notices_go_to_another_channel(harness: Harness) -> None:
    office = harness.guild.create_text_channel("office")
    await harness.say("settings", notices=office, at_end="leave")
    async with harness.commands.store.read() as unit:
        targets = {one.address.channel: one for one in await unit.places.in_use(1)}
    there = targets[str(office.id)]
    found = await chosen(harness)
    assert found[Preference.NOTICES] == (str(there.id), Scope.PLACE)
    assert Preference.AT_END in found


async def test_what_cannot_be_read_is_told_beside_what_was_done(harness: Harness) -> None:
    result = await harness.say("settings", night="whenever", at_end="leave")
    assert "whenever" in text_of(result)
    assert (await chosen(harness))[Preference.AT_END] == ("leave", Scope.TARGET)


async def test_what_holds_for_all_that_was_chosen_is_told_once(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    async with harness.commands.store.write() as unit:
        (target,) = await unit.places.in_use(1)
        await unit.places.disable(target.id, "forbidden", harness.commands.clock.now())
    shown = read(await harness.say("settings", at_end="leave", updates="yes", picture="coin"))
    begun = [line.split(":")[0] for line in shown.splitlines()]
    labels = ["When it ends", "Keep up to date", "Picture"]
    assert begun == ["Changed", *(f"**{label}**" for label in labels), "I'm not posting here"]


async def test_everyone_is_no_role_to_mention(harness: Harness) -> None:
    result = await harness.say("settings", role=harness.guild.default_role)
    assert "don't mention everyone" in text_of(result)
    assert await chosen(harness) == {}


async def test_everyone_is_refused_beside_what_else_was_chosen(harness: Harness) -> None:
    result = await harness.say("settings", role=harness.guild.default_role, at_end="leave")
    assert "don't mention everyone" in text_of(result)
    assert list(await chosen(harness)) == [Preference.AT_END]


async def test_a_role_that_cannot_be_mentioned_is_named_at_once(harness: Harness) -> None:
    role = harness.guild.create_role("Pingers")
    quiet = harness.guild.create_text_channel(
        "quiet", overwrites={harness.guild.default_role: NO_PINGS}
    )
    result = await harness.say("settings", where=quiet, role=role)
    assert "I can't mention Pingers" in text_of(result)
    assert (await chosen(harness))[Preference.ROLE][0] == str(role.id)
    result = await harness.say("settings", where=quiet, at_end="leave")
    assert "Pingers" not in text_of(result)


async def test_a_role_is_chosen_only_where_alerts_can_be_posted(harness: Harness) -> None:
    role = harness.guild.create_role("Pingers", mentionable=True)
    shut = harness.guild.create_text_channel(
        "shut", overwrites={harness.guild.default_role: NO_SENDING}
    )
    result = await harness.say("settings", where=shut, role=role)
    assert "I need Send Messages and Embed Links in shut." in text_of(result)
    assert "run /settings again" in text_of(result)
    assert await chosen(harness) == {}
    await harness.say("settings", where=shut, role=role, everywhere=True)
    assert (await chosen(harness))[Preference.ROLE] == (str(role.id), Scope.PLACE)


async def test_notices_go_nowhere_where_nothing_can_be_posted(harness: Harness) -> None:
    shut = harness.guild.create_text_channel(
        "shut", overwrites={harness.guild.default_role: NO_SENDING}
    )
    result = await harness.say("settings", notices=shut, at_end="leave")
    assert "I need Send Messages and Embed Links in shut." in text_of(result)
    assert list(await chosen(harness)) == [Preference.AT_END]


async def test_roles_and_channels_are_named_as_discord_names_them(harness: Harness) -> None:
    role = harness.guild.create_role("Pingers", mentionable=True)
    office = harness.guild.create_text_channel("office")
    result = await harness.say("settings", role=role, notices=office)
    assert f"**Role**: <@&{role.id}> is mentioned (this channel)" in text_of(result)
    assert f"**Notices**: to <#{office.id}> (whole server)" in text_of(result)
    result = await harness.say("settings")
    assert f"<@&{role.id}> is mentioned" in text_of(result)
    assert f"to <#{office.id}> (" in text_of(result)


async def test_hints_say_how_options_are_filled_in(harness: Harness) -> None:
    shown = read(await harness.say("settings"))
    assert "/settings night:22:00-08:00 zone:Europe/Berlin at_night:silent" in shown
    assert "night 22" not in shown
    shown = read(await harness.say("settings", zone="Euroep/Berlin"))
    assert "/settings night:22" in shown
    shown = read(await harness.say("settings", night="8-8"))
    assert "/settings night:off" in shown
    await harness.say("subscribe", mint=MINT)
    shown = read(await harness.say("settings", mint=MINT, at_end="edit", everywhere=True))
    assert "either a coin or everywhere" in shown


async def test_help_explains_the_options_and_not_the_words(harness: Harness) -> None:
    shown = read(await harness.say("help", command="settings"))
    assert "fill in its options" in shown
    assert "change" not in shown.splitlines()[0]
    assert "role 123456789" not in shown
    shown = read(await harness.say("help", command="clip"))
    assert "duration:45s" in shown
    assert "/clip 45s" not in shown
    assert "[change]" not in read(await harness.say("help"))


@pytest.mark.parametrize("symbol", ["minty", " $MINTY"])
async def test_a_coin_is_known_by_its_symbol(harness: Harness, symbol: str) -> None:
    await harness.say("subscribe", mint=MINT)
    await harness.say("settings", mint=symbol, at_end="delete")
    assert (await chosen(harness, MINT))[Preference.AT_END] == ("delete", Scope.SUBSCRIPTION)
    assert "Settings for Minty" in read(await harness.say("settings", mint=symbol))


async def test_a_coin_that_is_not_known_is_not_taken_for_a_setting(harness: Harness) -> None:
    shown = read(await harness.say("settings", mint="role", at_end="delete"))
    assert "No coin followed here is called “role”" in shown
    assert "Use its address: /settings [mint]" in shown
    assert await chosen(harness) == {}


@pytest.mark.parametrize("text", ["ber", "22:00-08:00 ber"])
async def test_the_words_of_a_night_are_suggested(harness: Harness, text: str) -> None:
    offered = await harness.ada.autocomplete(harness.here, "settings", "night", text)
    kept = text.removesuffix("ber")
    assert f"{kept}Europe/Berlin" in [one["value"] for one in offered]
    offered = await harness.ada.autocomplete(harness.here, "settings", "zone", "tok")
    assert [one["value"] for one in offered] == ["Asia/Tokyo"]
