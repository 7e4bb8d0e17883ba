"""Components V2, selects and modals, with the real discord.py on the other side."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.discord import Channel, FakeDiscord, Member
from tests.fakes.discord.conftest import PNG, Bot

V2 = 1 << 15
TEXT = {"type": 10, "content": "x"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no flag": ({"components": [TEXT]}, "needs the flag"),
    "content": ({"flags": V2, "content": "x", "components": [TEXT]}, "no content"),
    "too many": ({"flags": V2, "components": [TEXT] * 40 + [TEXT]}, "40"),
    "too long": ({"flags": V2, "components": [{"type": 10, "content": "x" * 2001}] * 2}, "4000"),
    "no file": (
        {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://a.png"}}]},
        "not attached",
    ),
}


class Panel(discord.ui.LayoutView):
    """A container with a picture, a select and a button that asks with a form."""

    chosen: tuple[str, ...] = ()
    told = ""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        gallery = discord.ui.MediaGallery[Any]()
        gallery.add_item(media="attachment://a.png")
        select = discord.ui.Select[Any](
            custom_id="night", options=[discord.SelectOption(label=one) for one in ("on", "off")]
        )
        button = discord.ui.Button[Any](label="Ask", custom_id="ask")
        select.callback = self.choose  # type: ignore[method-assign]
        button.callback = self.ask  # type: ignore[method-assign]
        rows = (discord.ui.ActionRow[Any](one) for one in (select, button))
        self.add_item(discord.ui.Container[Any](discord.ui.TextDisplay("Hello"), gallery, *rows))

    async def choose(self, interaction: discord.Interaction) -> None:
        data: dict[str, Any] = {**(interaction.data or {})}
        self.chosen = tuple(data["values"])
        await interaction.response.defer()

    async def ask(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form(self))


class Form(discord.ui.Modal, title="Which one?"):
    """A text, and a choice below a label."""

    name = discord.ui.TextInput[Any](label="Name", custom_id="name")
    size = discord.ui.Label[Any](
        text="Size",
        component=discord.ui.Select[Any](
            custom_id="size", options=[discord.SelectOption(label=one) for one in ("S", "L")]
        ),
    )

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.panel = panel

    async def on_submit(self, interaction: discord.Interaction) -> None:
        select = self.size.component
        assert isinstance(select, discord.ui.Select)
        self.panel.told = f"{self.name.value} {select.values[0]}"
        await interaction.response.send_message("thanks", ephemeral=True)


@pytest.fixture
async def panel(bot: Bot, here: Channel) -> Panel:
    """Posted."""
    channel, view = bot.get_channel(here.id), Panel()
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=view, file=discord.File(io.BytesIO(PNG), "a.png"))
    return view


async def test_a_message_of_new_components_shows_its_file(
    panel: Panel, here: Channel, fake: FakeDiscord
) -> None:
    (message,) = here.messages
    (container,) = message.components
    assert message.flags & V2
    assert container["components"][1]["items"][0]["media"]["url"] == message.attachments[0].url
    assert [one["custom_id"] for one in (*message.buttons, *message.selects)] == ["ask", "night"]
    assert fake.rejected == []


async def test_a_choice_is_told_once_it_is_one_of_those_offered(
    panel: Panel, here: Channel, al: Member
) -> None:
    with pytest.raises(AssertionError, match="not all among"):
        await al.choose(here.messages[0], "night", ["never"])
    asked = await al.choose(here.messages[0], "night", ["off"])
    assert asked.deferred
    assert panel.chosen == ("off",)


async def test_a_form_is_filled_in(panel: Panel, here: Channel, al: Member) -> None:
    asked = await al.press(here.messages[0], label="Ask")
    assert asked.modal is not None
    assert asked.modal["title"] == "Which one?"
    answered = await al.user.submit(asked, {"name": "Minty", "size": ["L"]})
    assert answered.answer.content == "thanks"
    assert panel.told == "Minty L"


@pytest.mark.parametrize("kind", WRONG)
async def test_wrong_components_are_refused_and_noted(
    raw: aiohttp.ClientSession, fake: FakeDiscord, here: Channel, kind: str
) -> None:
    body, why = WRONG[kind]
    async with raw.post(f"{fake.api_url}/channels/{here.id}/messages", json=body) as answer:
        assert answer.status == 400
    assert why in fake.rejected[0]
    assert here.messages == []
