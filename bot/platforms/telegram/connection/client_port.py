"""What leaves for Telegram needs of the connection."""

from __future__ import annotations

from typing import Protocol

import telegram


class ClientPort(Protocol):
    """The connection of one token.

    `sending` is the bot to ask with. It raises SendError where nothing may be sent: the token was
    refused, or another copy of the bot has taken over the updates.
    """

    def sending(self) -> telegram.Bot: ...
