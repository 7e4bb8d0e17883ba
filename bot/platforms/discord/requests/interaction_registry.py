"""Interactions that can still be answered, in this process or after a restart.

One is known again by the text "<its id>/<its token>", which a delivery carries.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord

from bot.kit.bounded_dict import Recent
from bot.platforms.discord.connection.client_port import ClientPort
from bot.platforms.discord.requests.interaction_response import InteractionResponse

if TYPE_CHECKING:
    from bot.kit.files import Files
    from bot.kit.rate_limits import RateLimits
    from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

_REMEMBERED = 4096
_REPLY_TO = re.compile(r"(\d{1,20})/([^/\s]+)")


class InteractionRegistry:
    """Of one platform. `on_rival` is called, once, when another program is found to answer with
    the same token; `lanes` are for what has to be posted instead of answered."""

    def __init__(
        self,
        client_port: ClientPort,
        clock: Clock,
        files: Files,
        lanes: RateLimits | None = None,
        *,
        on_rival: Callable[[], None] = lambda: None,
    ) -> None:
        self.client_port = client_port
        self.clock = clock
        self.files = files
        self.lanes = lanes
        self.has_rival = False
        self._on_rival = on_rival
        self._by_name: Recent[InteractionResponse] = Recent(_REMEMBERED)
        self._by_message: Recent[InteractionResponse] = Recent(_REMEMBERED)

    def of(self, interaction: discord.Interaction[Any]) -> InteractionResponse:
        """The door of an interaction that has just come in."""
        name = f"{interaction.id}/{interaction.token}"
        known = self._by_name.get(name)
        if known is not None:
            return known
        return self._keep(InteractionResponse(self, name, timedelta(0), is_answered=False))

    def find(self, reply_to: str | None) -> InteractionResponse | None:
        """The door of that name; None if it is none, or no longer open."""
        named = _REPLY_TO.fullmatch(reply_to or "")
        if reply_to is None or named is None:
            return None
        response = self._by_name.get(reply_to)
        if response is None:
            age = self.clock.age(discord.utils.snowflake_time(int(named[1]))).least
            response = self._keep(InteractionResponse(self, reply_to, age, is_answered=True))
        return response if response.is_open else None

    def showing(self, message_id: str) -> InteractionResponse | None:
        """The open door through which that message was shown."""
        response = self._by_message.get(message_id)
        return response if response is not None and response.is_open else None

    def note(self, message_id: str, response: InteractionResponse) -> None:
        """That message was shown through that door."""
        self._by_message.put(message_id, response)

    def met_rival(self) -> None:
        """Somebody else has answered an interaction of ours."""
        if not self.has_rival:
            self.has_rival = True
            _log.error("another program uses this Discord token, and answers in our place")
            self._on_rival()

    def _keep(self, response: InteractionResponse) -> InteractionResponse:
        self._by_name.put(response.reply_to, response)
        return response
