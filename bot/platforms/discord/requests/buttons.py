"""Our buttons and selects, known by their `custom_id` alone: they work after a restart, and for
ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import discord
from discord.ext import commands
from discord.ui.select import BaseSelect

from bot import texts
from bot.model import IN_PLACE, PICKED, REPLACING, Action, Verb
from bot.platforms.discord.addresses import Interaction
from bot.platforms.discord.messages.custom_ids import SELECT_TEMPLATE, TEMPLATE
from bot.platforms.discord.requests.dispatcher import RequestOptions

_PUBLIC = frozenset({Verb.CLIP, Verb.CLIP_AGAIN, Verb.CLIP_REST, Verb.HIGHLIGHT, Verb.LIVE})
_POSTS = frozenset({Verb.SUBSCRIBE, Verb.SETTINGS, Verb.PANEL, Verb.CHOOSE})


class ActionButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button of ours. The action of a press is checked like a command's."""

    def __init__(self, item: discord.ui.Button[Any], action: str) -> None:
        super().__init__(item)
        self._action = action

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["action"])

    async def callback(self, interaction: Interaction) -> None:
        options = _options(interaction, self._action)
        interaction.client.dispatcher.press(interaction, self._action, options)


class ActionSelect(discord.ui.DynamicItem[BaseSelect[Any]], template=SELECT_TEMPLATE):
    """A select of ours. What is chosen stands behind the action; of what was picked from the
    server's own roles and channels, only that it was."""

    def __init__(self, item: BaseSelect[Any], action: str) -> None:
        super().__init__(item)
        self._action = action

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, BaseSelect)
        return cls(item, match["action"])

    async def callback(self, interaction: Interaction) -> None:
        value = next(iter(self.item.values), None)
        word = "" if value is None else value if isinstance(value, str) else PICKED
        action = f"{self._action}{word}"
        options = replace(
            _options(interaction, action),
            role=value if isinstance(value, discord.Role) else None,
            picked=None if isinstance(value, str | discord.Role) else value,
        )
        interaction.client.dispatcher.press(interaction, action, options)


def _options(interaction: Interaction, text: str) -> RequestOptions:
    """What one person alone was shown is told to that one alone, but for what is made for all."""
    action, message = Action.decode(text), interaction.message
    verb = action.verb if action is not None else None
    is_private = verb is Verb.LIVE and message is not None and message.flags.ephemeral
    return RequestOptions(
        public=verb in _PUBLIC and not is_private,
        posts=verb in _POSTS,
        in_place=verb in REPLACING,
        seen=verb in IN_PLACE,
    )


def is_ours(custom_id: str) -> bool:
    """Whether it is the custom id of an `ActionButton`, or of an `ActionSelect`."""
    return any(re.fullmatch(one, custom_id) for one in (TEMPLATE, SELECT_TEMPLATE))


def add_buttons(client: commands.Bot) -> None:
    """Have the client know our buttons; a press of any other gets a sentence."""
    client.add_dynamic_items(ActionButton, ActionSelect)
    client.add_listener(_refuse_unknown, "on_interaction")


async def _refuse_unknown(interaction: Interaction) -> None:
    """A press of what we do not know (any more) gets a sentence."""
    if interaction.type is not discord.InteractionType.component:
        return
    data: Mapping[str, Any] = {**(interaction.data or {})}
    if not is_ours(str(data.get("custom_id", ""))):
        interaction.client.dispatcher.refuse(interaction, texts.commands.odd_button())
