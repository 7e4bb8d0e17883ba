"""“… is typing” and “… is sending a video” over a chat, for as long as something goes on."""

from __future__ import annotations

from telegram.constants import ChatAction

from bot.alerts import SendError
from bot.errors import LeaseLost
from bot.kit.timing.clock import Clock
from bot.model import Address
from bot.platforms.telegram.addresses import chat_id, thread_id
from bot.platforms.telegram.connection.api_requests import ClientPort, ask

TYPING = ChatAction.TYPING
VIDEO = ChatAction.UPLOAD_VIDEO

EVERY_SECONDS = 4.5
"""Telegram shows an action for five seconds."""

_MOST_SHOWN = 27


class ChatActions:
    """Of one token. They are not messages, so the rate limits do not count them; where one is
    refused, no more of them are sent for that work."""

    def __init__(self, client_port: ClientPort, clock: Clock) -> None:
        self._client_port = client_port
        self._clock = clock

    async def keep_showing(self, address: Address, action: ChatAction, wait: float = 0.0) -> None:
        """Until cancelled, from `wait` seconds on, and for two minutes at most: work that reports
        nothing for so long is not claimed to go on."""
        try:
            await self._clock.sleep(wait)
            for _ in range(_MOST_SHOWN):
                await self._show(address, action)
                await self._clock.sleep(EVERY_SECONDS)
        except (SendError, LeaseLost):
            return

    async def _show(self, address: Address, action: ChatAction) -> None:
        bot = self._client_port.client()
        shown = bot.send_chat_action(chat_id(address), action, message_thread_id=thread_id(address))
        await ask(shown, address)
