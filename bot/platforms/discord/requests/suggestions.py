"""What Discord offers while somebody types a command. It waits for that for three seconds, and asks
anew with the next letter: what fails is worth no second try, and no traceback."""

from __future__ import annotations

import logging
from typing import Any

from discord import app_commands

from bot.alerts import SendError
from bot.kit.leadership import without_lease
from bot.platforms.discord.addresses import Interaction
from bot.platforms.discord.connection.api_requests import ask

_log = logging.getLogger(__name__)


class SlashCommand(app_commands.Command[Any, ..., None]):
    """A command of ours. Its suggestions are found and told as one request to Discord, which is not
    begun after more time than `ask` gives it; a defect in finding them stays one."""

    async def _invoke_autocomplete(
        self, interaction: Interaction, name: str, namespace: app_commands.Namespace
    ) -> None:
        """What discord.py does about one (2.7.1). Its tree would log an error for whatever is
        raised here: an answer that comes too late (10062), or an option that Discord still shows
        after an update."""
        told = super()._invoke_autocomplete(interaction, name, namespace)
        try:
            with without_lease():  # what people ask for, every node may do
                await ask(told, is_webhook=True)
        except SendError as error:
            _log.info("nothing was suggested for /%s: %s", self.name, error)
