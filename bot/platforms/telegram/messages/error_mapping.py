"""What Telegram's answers, and the failures to get one, mean for a delivery: one table. Pure.

Telegram has no codes but HTTP's: its sentences tell one refusal from another. They are those of
tdlib/telegram-bot-api (`Client.cpp`) and tdlib/td; what reads LIKE_THIS comes from its servers.

`BadRequest` and `TimedOut` are `NetworkError`s in python-telegram-bot, so they are matched first.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from http import HTTPStatus

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.alerts import Fault, SendError
from bot.model import Address
from bot.platforms.telegram.addresses import moved

# Else each RetryAfter warns that its seconds will be a timedelta one day.
os.environ.setdefault("PTB_TIMEDELTA", "1")

TABLE: tuple[tuple[re.Pattern[str], Fault], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), fault)
    for pattern, fault in (
        # The message to be edited
        (r"message is not modified", Fault.NOT_CHANGED),
        (r"message to (?:edit|delete) not found|MESSAGE_ID_INVALID", Fault.MESSAGE_GONE),
        (r"message can't be deleted|MESSAGE_DELETE_FORBIDDEN", Fault.TOO_OLD),
        (r"message can't be edited|MESSAGE_EDIT_TIME_EXPIRED", Fault.TOO_OLD),
        (r"MESSAGE_AUTHOR_REQUIRED", Fault.MESSAGE_GONE),
        # The message to be sent
        (r"(?:file|bytes) is too big|Request Entity Too Large", Fault.TOO_LARGE),
        (r"not enough rights to send (?!text)\w+(?: \w+)? to the chat", Fault.REFUSED),
        (r"CHAT_SEND_(?:MEDIA|PHOTOS|VIDEOS|DOCS|GIFS)_FORBIDDEN", Fault.REFUSED),
        # The chat
        (r"TOPIC_CLOSED|direct messages topic must be specified", Fault.TARGET_CLOSED),
        (r"message thread not found|TOPIC_(?:DELETED|ID_INVALID)", Fault.TARGET_GONE),
        (r"chat not found|user not found|(?:chat|PEER)_ID_INVALID", Fault.TARGET_GONE),
        (r"user is deactivated|USER_DEACTIVATED|INPUT_USER_DEACTIVATED", Fault.TARGET_GONE),
        (r"chat (?:was|is) (?:deleted|deactivated)", Fault.TARGET_GONE),
        (r"chat was upgraded|CHANNEL_(?:PRIVATE|INVALID)", Fault.TARGET_GONE),
        (r"bot (?:was|is not|can't|has no)|no rights to|not enough rights", Fault.FORBIDDEN),
        (r"need administrator rights|administrator rights required", Fault.FORBIDDEN),
        (r"(?:CHAT_)?ADMIN_REQUIRED|CHAT_(?:WRITE|SEND_\w+)_FORBIDDEN", Fault.FORBIDDEN),
        (r"CHAT_RESTRICTED|USER_(?:IS_BLOCKED|BANNED_IN_CHANNEL)", Fault.FORBIDDEN),
        # The rate
        (r"too many requests|SLOWMODE_WAIT|FLOOD_WAIT", Fault.RATE_LIMITED),
    )
)
"""The first that is found in Telegram's sentence counts."""

_UNPARSED = re.compile(r"can't parse entities", re.IGNORECASE)
_DEAD_FILE = re.compile(
    r"wrong (?:remote )?file[ _]id|wrong file identifier|FILE_(?:REFERENCE|ID)_\w+"
    r"|can't use file of type|wrong type of the|MEDIA_EMPTY|wrong padding",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(r"no text in the message to edit", re.IGNORECASE)
_NO_CAPTION = re.compile(r"no caption in the message to edit", re.IGNORECASE)
_NOT_SENT = (httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ConnectError, httpx.ProxyError)
_NO_CLIENT = "not initialized"


class ProxyPage(NetworkError):
    """In place of an answer came a page of some machine on the way (a proxy, a balancer), or what
    else Telegram doesn't write: it says nothing of chats, and is read by nobody."""

    def __init__(self, status: int) -> None:
        super().__init__(f"a page ({status}), and no answer of Telegram's")
        self.status = status

    @property
    def fault(self) -> Fault:
        """What it says of a message: whoever refuses a request has not passed it on."""
        if self.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return Fault.TOO_LARGE
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Fault.SERVER_ERROR
        return Fault.NOT_SENT if self.status >= HTTPStatus.MULTIPLE_CHOICES else Fault.MAYBE_SENT


class TelegramRefused(SendError):
    """A SendError that knows what Telegram said."""

    def __init__(self, fault: Fault, said: str) -> None:
        super().__init__(fault, detail=said[:200])
        self.said = said

    @property
    def is_unparsed(self) -> bool:
        """It could not parse our HTML; the plain text may pass."""
        return bool(_UNPARSED.search(self.said))

    @property
    def is_dead_file(self) -> bool:
        """It does not know that `file_id` (any more), or not as a file of that kind."""
        return bool(_DEAD_FILE.search(self.said))

    @property
    def has_no_text(self) -> bool:
        """That message has a caption, or no words at all."""
        return bool(_NO_TEXT.search(self.said))

    @property
    def has_no_caption(self) -> bool:
        """That message is text."""
        return bool(_NO_CAPTION.search(self.said))


def failure(error: TelegramError | TimeoutError, address: Address) -> SendError:
    """What it means that a request about `address` ended in `error`."""
    match error:
        case RetryAfter():
            return SendError(Fault.RATE_LIMITED, retry_after=_seconds(error.retry_after))
        case ChatMigrated():
            return SendError(Fault.MOVED, address=moved(address, error.new_chat_id))
        case ProxyPage():
            return SendError(error.fault, detail=error.message)
        case InvalidToken():
            return SendError(Fault.UNAUTHORIZED, detail=error.message[:80])
        case Forbidden():
            return _refused(error, Fault.FORBIDDEN)
        case BadRequest() | Conflict():
            return _refused(error, Fault.REFUSED)
        case NetworkError() if not isinstance(error.__cause__, httpx.HTTPError | RuntimeError):
            return _refused(error, Fault.SERVER_ERROR)
        case NetworkError():
            return _unanswered(error)
    return SendError(Fault.MAYBE_SENT, detail=type(error).__name__)


def _seconds(pause: float | timedelta) -> float:
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def _unanswered(error: NetworkError) -> SendError:
    cause = error.__cause__
    detail = type(cause).__name__
    is_closed = isinstance(cause, RuntimeError) and _NO_CLIENT in str(cause)
    if is_closed or isinstance(cause, _NOT_SENT):
        return SendError(Fault.NOT_SENT, detail=detail)
    return SendError(Fault.MAYBE_SENT, detail=detail)


def _refused(error: TelegramError, otherwise: Fault) -> TelegramRefused:
    said = error.message
    found = next((fault for pattern, fault in TABLE if pattern.search(said)), otherwise)
    return TelegramRefused(found, said)
