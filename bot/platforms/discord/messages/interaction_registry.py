"""Interactions that can still be answered, in this process or after a restart.

One is known again by the text "<its id>/<its token>", which a delivery carries.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import discord

from bot.kit.bounded_dict import BoundedDict
from bot.kit.files import Files
from bot.kit.timing.clock import Clock
from bot.platforms.discord.addresses import address_of, is_outside
from bot.platforms.discord.connection.client_port import ClientPort
from bot.platforms.discord.messages.interaction_response import InteractionResponse
from bot.platforms.discord.messages.webhook import Webhook

_log = logging.getLogger(__name__)

_REMEMBERED = 4096
_REPLY_TO = re.compile(r"(\d{1,20})/([^/\s]+)")


class InteractionRegistry:
    """Of one platform. `on_rival` is called, once, when another program is found to answer with
    the same token."""

    def __init__(
        self,
        client_port: ClientPort,
        clock: Clock,
        files: Files,
        *,
        on_rival: Callable[[], None] = lambda: None,
    ) -> None:
        self.has_rival = False
        self._client_port = client_port
        self._clock = clock
        self._files = files
        self._on_rival = on_rival
        self._by_name: BoundedDict[str, InteractionResponse] = BoundedDict(_REMEMBERED)
        self._by_message: BoundedDict[str, InteractionResponse] = BoundedDict(_REMEMBERED)

    def of(
        self, interaction: discord.Interaction[Any], *, seen: bool = False
    ) -> InteractionResponse:
        """The response to an interaction that has just come in. `seen`: what a press does is seen
        on its message. Where the bot is no member that is changed by an open interaction alone,
        and the press is one."""
        reply_to = f"{interaction.id}/{interaction.token}"
        known = self._by_name.get(reply_to)
        if known is not None:
            return known
        response = self._add(reply_to, timedelta(0), is_answered=False)
        address = address_of(interaction)
        if seen and interaction.message is not None and address and is_outside(address):
            response.pressed_id = str(interaction.message.id)
            if self.showing(response.pressed_id) is None:
                self._by_message.put(response.pressed_id, response)
        return response

    def find(self, reply_to: str | None) -> InteractionResponse | None:
        """The response of that name; None if it is none, or no longer open."""
        response = self.named(reply_to)
        return response if response is not None and response.is_open else None

    def named(self, reply_to: str | None) -> InteractionResponse | None:
        """The same, open or not."""
        named = _REPLY_TO.fullmatch(reply_to or "")
        if reply_to is None or named is None:
            return None
        response = self._by_name.get(reply_to)
        if response is None:
            age = self._clock.age(discord.utils.snowflake_time(int(named[1]))).least
            response = self._add(reply_to, age, is_answered=True)
        return response

    def showing(self, message_id: str) -> InteractionResponse | None:
        """The response that can change that message: which showed it, or pressed its button."""
        response = self._by_message.get(message_id)
        return response if response is not None and response.can_change(message_id) else None

    def _add(self, reply_to: str, age: timedelta, *, is_answered: bool) -> InteractionResponse:
        interaction_id, _, token = reply_to.partition("/")
        response = InteractionResponse(
            Webhook(self._client_port, self._files, interaction_id, token),
            self._clock,
            reply_to,
            age,
            is_answered=is_answered,
            on_shown=self._by_message.put,
            on_rival=self._met_rival,
        )
        self._by_name.put(reply_to, response)
        return response

    def _met_rival(self) -> None:
        """Another program has answered an interaction of ours."""
        if not self.has_rival:
            self.has_rival = True
            _log.error("another program uses this Discord token, and answers in our place")
            self._on_rival()
