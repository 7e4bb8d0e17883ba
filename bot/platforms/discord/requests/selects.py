"""Our selects, known by their `custom_id` alone, as our buttons are."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord.ui.select import BaseSelect

from bot.model import PICKED
from bot.platforms.discord.addresses import Interaction
from bot.platforms.discord.messages.custom_ids import SELECT_TEMPLATE
from bot.platforms.discord.requests.dispatcher import RequestOptions


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
        options = RequestOptions(
            posts=True,
            in_place=True,
            role=value if isinstance(value, discord.Role) else None,
            picked=None if isinstance(value, str | discord.Role) else value,
        )
        interaction.client.dispatcher.press(interaction, f"{self._action}{word}", options)
