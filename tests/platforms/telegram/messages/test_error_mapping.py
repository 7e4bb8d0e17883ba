"""What Telegram's refusals mean, by the sentences that it says."""

from __future__ import annotations

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.alerts import Fault
from bot.model import Address
from bot.platforms.telegram.messages.error_mapping import TelegramRefused, failure

GROUP = Address("telegram", "-4001", "-4001", "Moon", "alerts")
F = Fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), F.FORBIDDEN),
        (Forbidden("Forbidden: bot was kicked from the supergroup chat"), F.FORBIDDEN),
        (Forbidden("Forbidden: bot is not a member of the channel chat"), F.FORBIDDEN),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), F.FORBIDDEN),
        (Forbidden("Forbidden: CHAT_WRITE_FORBIDDEN"), F.FORBIDDEN),
        (Forbidden("Forbidden: something new"), F.FORBIDDEN),
        (Forbidden("Forbidden: user is deactivated"), F.TARGET_GONE),
        (Forbidden("Forbidden: the group chat was deleted"), F.TARGET_GONE),
        (BadRequest("Bad Request: group chat was deactivated"), F.TARGET_GONE),
        (BadRequest("Bad Request: chat not found"), F.TARGET_GONE),
        (BadRequest("Bad Request: message thread not found"), F.TARGET_GONE),
        (BadRequest("Bad Request: TOPIC_DELETED"), F.TARGET_GONE),
        (BadRequest("Bad Request: TOPIC_CLOSED"), F.TARGET_CLOSED),
        (
            BadRequest("Bad Request: Channel direct messages topic must be specified"),
            F.TARGET_CLOSED,
        ),
        (
            BadRequest("Bad Request: not enough rights to send text messages to the chat"),
            F.FORBIDDEN,
        ),
        (BadRequest("Bad Request: have no rights to send a message"), F.FORBIDDEN),
        (BadRequest("Bad Request: need administrator rights in the channel chat"), F.FORBIDDEN),
        (BadRequest("Bad Request: CHAT_RESTRICTED"), F.FORBIDDEN),
        (BadRequest("Bad Request: not enough rights to send photos to the chat"), F.REFUSED),
        (Forbidden("Forbidden: not enough rights to send videos to the chat"), F.REFUSED),
        (
            BadRequest("Bad Request: not enough rights to send video notes to the chat"),
            F.REFUSED,
        ),
        (BadRequest("Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN"), F.REFUSED),
        (BadRequest("Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"), F.FORBIDDEN),
        (BadRequest("Bad Request: message is not modified: specified new …"), F.NOT_CHANGED),
        (BadRequest("Bad Request: message to edit not found"), F.MESSAGE_GONE),
        (BadRequest("Bad Request: message to delete not found"), F.MESSAGE_GONE),
        (BadRequest("Bad Request: MESSAGE_ID_INVALID"), F.MESSAGE_GONE),
        (BadRequest("Bad Request: message can't be deleted for everyone"), F.TOO_OLD),
        (BadRequest("Bad Request: message can't be edited"), F.TOO_OLD),
        (BadRequest("Bad Request: file is too big"), F.TOO_LARGE),
        (NetworkError("Request Entity Too Large (413)"), F.TOO_LARGE),
        (BadRequest("Bad Request: PHOTO_INVALID_DIMENSIONS"), F.REFUSED),
        (BadRequest("Bad Request: something new"), F.REFUSED),
        (Conflict("Conflict: terminated by other getUpdates request"), F.REFUSED),
        (InvalidToken("Unauthorized"), F.UNAUTHORIZED),
        (NetworkError("Bad Gateway (502)"), F.SERVER_ERROR),
        (NetworkError("Internal Server Error: restart"), F.SERVER_ERROR),
        (NetworkError("Too Many Requests (429)"), F.RATE_LIMITED),
        (TelegramError("something new"), F.MAYBE_SENT),
        (TimeoutError(), F.MAYBE_SENT),
    ],
)
def test_each_sentence_means_one_fault(error: TelegramError | TimeoutError, fault: Fault) -> None:
    assert failure(error, GROUP).fault is fault


@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        (httpx.ConnectTimeout(""), F.NOT_SENT),
        (httpx.PoolTimeout(""), F.NOT_SENT),
        (httpx.ConnectError("refused"), F.NOT_SENT),
        (httpx.ReadTimeout(""), F.MAYBE_SENT),
        (httpx.WriteTimeout(""), F.MAYBE_SENT),
        (httpx.ReadError("reset"), F.MAYBE_SENT),
        (httpx.RemoteProtocolError("closed"), F.MAYBE_SENT),
        (RuntimeError("This HTTPXRequest is not initialized!"), F.NOT_SENT),
        (RuntimeError("something else"), F.MAYBE_SENT),
    ],
)
@pytest.mark.parametrize("kind", [NetworkError, TimedOut])
def test_only_what_never_left_us_is_surely_not_sent(
    kind: type[NetworkError], cause: Exception, fault: Fault
) -> None:
    error = kind("api.telegram.org/bot1:secret")
    error.__cause__ = cause
    told = failure(error, GROUP)
    assert told.fault is fault
    assert "secret" not in str(told)


def test_how_long_to_wait_is_for_that_chat_alone() -> None:
    told = failure(RetryAfter(3600), GROUP)
    assert (told.fault, told.retry_after, told.everywhere) == (F.RATE_LIMITED, 3600.0, False)


def test_a_group_that_moved_says_where_to_and_keeps_its_names() -> None:
    told = failure(ChatMigrated(-100123), GROUP)
    assert told.fault is F.MOVED
    assert told.address == Address("telegram", "-100123", "-100123", "Moon", "alerts")


def test_a_refusal_tells_what_could_be_done_otherwise() -> None:
    def told(said: str) -> TelegramRefused:
        error = failure(BadRequest(f"Bad Request: {said}"), GROUP)
        assert isinstance(error, TelegramRefused)
        return error

    assert told("can't parse entities: Unsupported start tag").is_unparsed
    assert told("wrong file identifier/HTTP URL specified").is_dead_file
    assert told("wrong remote file identifier specified: Wrong string length").is_dead_file
    assert told("can't use file of type Video as Photo").is_dead_file
    assert told("there is no caption in the message to edit").has_no_caption
    assert told("there is no text in the message to edit").has_no_text
    assert not told("chat not found").is_dead_file
