"""Our buttons: whoever presses, whenever, in whichever process."""

from __future__ import annotations

from typing import Any

import discord
from base58 import b58encode

from bot.model import Action, JobState, Verb
from bot.platforms.discord.messages.custom_ids import custom_id
from tests.cogs.harness import Harness, build_platform, text_of
from tests.pumpfun.samples import MINT, OTHER_MINT


async def posted(harness: Harness, *custom_ids: str) -> Any:
    """A message of the bot's with those buttons, as an alert has them."""
    view = discord.ui.View(timeout=None)
    for number, one in enumerate(custom_ids):
        view.add_item(discord.ui.Button(label=f"button {number}", custom_id=one))
    channel = harness.bot.get_channel(harness.here.id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("an alert", view=view)
    view.stop()
    return message


def id_of(verb: Verb, argument: str = MINT, nonce: str = "") -> str:
    return custom_id(Action(verb, argument).encode(), nonce)


async def test_the_address_is_told_to_who_pressed_alone(harness: Harness) -> None:
    message = await posted(harness, id_of(Verb.COPY, nonce="abc_-9"))
    result = await harness.ben.click(message, label="button 0")
    assert result.ephemeral
    assert MINT in text_of(result)


async def test_a_clip_by_button_is_made_in_the_open(harness: Harness) -> None:
    await harness.commands.go_live()
    result = await harness.ben.click(await posted(harness, id_of(Verb.CLIP)), label="button 0")
    assert not result.ephemeral
    assert (await harness.commands.job()).state is JobState.QUEUED


async def test_of_many_coins_one_is_chosen_and_told_as_their_list_was(harness: Harness) -> None:
    mints = [b58encode(bytes([7, *[number] * 31])).decode() for number in range(5)]
    for number, mint in enumerate(mints):
        harness.commands.pumpfun.know(mint, f"C{number}")
        harness.commands.watch.live(mint)
    await harness.say("subscribe", mint=" ".join(mints))
    for mint in mints:
        await harness.commands.go_live(mint)
    for name, is_private in (("subscriptions", True), ("live", False)):
        shown = await harness.say(name)
        ((select,),) = [row["components"] for row in shown.response.components]
        assert select["placeholder"] == "Choose a coin"
        assert sorted(one["value"] for one in select["options"]) == sorted(mints)
        chosen = await harness.ada.select(shown.response, [mints[4]], custom_id=select["custom_id"])
        assert chosen.ephemeral is is_private
        assert "C4" in text_of(chosen)
        assert shown.response.components, "the list stays"


async def test_a_press_is_checked_as_a_command_is(harness: Harness) -> None:
    message = await posted(harness, id_of(Verb.SUBSCRIBE), id_of(Verb.SUBSCRIBE, OTHER_MINT))
    refused = await harness.ben.click(message, label="button 0")
    assert refused.ephemeral
    assert "Only managers" in text_of(refused)
    allowed = await harness.ada.click(message, label="button 1")
    assert "OTHER" in text_of(allowed)
    async with harness.commands.store.read() as unit:
        assert [one.mint for one in await unit.subscriptions.of_place(1)] == [OTHER_MINT]


async def test_a_button_works_after_a_restart(harness: Harness) -> None:
    message = await posted(harness, id_of(Verb.LIVE))
    again = build_platform(harness.commands, harness.health)
    await harness.env.restart_bot(again.build_client())
    result = await harness.ben.click(message, label="button 0")
    assert "is offline" in text_of(result)
    await again.close()


async def test_a_button_of_another_age_gets_a_sentence(harness: Harness) -> None:
    odd = ("clip_30", "mc:", "mc:nothing#we+know", f"mc:{'x' * 70}", "mc:dance:now")
    message = await posted(harness, *odd)
    for number in range(len(odd)):
        result = await harness.ben.click(message, label=f"button {number}")
        assert result.ephemeral
        assert "This button no longer works" in text_of(result)


async def test_only_the_owner_or_a_manager_deletes_a_clip(harness: Harness) -> None:
    await harness.commands.go_live()
    await harness.say("clip", who=harness.ben, mint=MINT)
    cleo = harness.guild.add_member(harness.env.create_user("cleo"))
    message = await posted(harness, id_of(Verb.CANCEL_CLIP, "1"))
    assert "who asked for this clip" in text_of(await cleo.click(message, label="button 0"))
    assert "who asked for this clip" not in text_of(
        await harness.ben.click(message, label="button 0")
    )


async def test_the_buttons_of_a_clip_that_is_forgotten_get_a_sentence(harness: Harness) -> None:
    verbs = (Verb.CANCEL_CLIP, Verb.DELETE_CLIP, Verb.CLIP_AGAIN)
    message = await posted(harness, *(id_of(verb, "7") for verb in verbs))
    for number in range(len(verbs)):
        result = await harness.ben.click(message, label=f"button {number}")
        assert result.ephemeral
        assert "no longer kept here" in text_of(result)
