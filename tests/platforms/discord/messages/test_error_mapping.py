"""What answers and failures mean."""

from __future__ import annotations

import aiohttp
import discord
import pytest
from aiohttp.client_reqrep import ConnectionKey

from bot.alerts import Fault
from bot.platforms.discord.messages.error_mapping import TABLE, ErrorResponse, failure, refused

_KEY = ConnectionKey("127.0.0.1", 1, False, True, None, None, None)


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (401, 0, Fault.UNAUTHORIZED),
        (401, 50027, Fault.MESSAGE_GONE),  # an interaction's token, not the bot's
        (403, 50001, Fault.FORBIDDEN),
        (403, 50013, Fault.FORBIDDEN),
        (403, 160002, Fault.FORBIDDEN),
        (403, 0, Fault.NOT_SENT),  # a proxy's page says nothing of the channel
        (403, 40333, Fault.NOT_SENT),  # nor does Cloudflare, which blocks this machine
        (403, 9_999_999, Fault.NOT_SENT),  # nor may what nobody knows
        (403, 40002, Fault.UNAUTHORIZED),  # the account, everywhere
        (403, 50178, Fault.UNAUTHORIZED),
        (403, 40003, Fault.RATE_LIMITED),
        (403, 400001, Fault.REFUSED),  # the file alone: without it, it may be posted
        (404, 10003, Fault.TARGET_GONE),
        (404, 10008, Fault.MESSAGE_GONE),
        (404, 10062, Fault.MESSAGE_GONE),
        (404, 0, Fault.NOT_SENT),
        (400, 50035, Fault.REFUSED),
        (400, 50006, Fault.REFUSED),
        (400, 30046, Fault.NOT_YET),
        (429, 30046, Fault.NOT_YET),
        (400, 160005, Fault.TARGET_CLOSED),
        (400, 50083, Fault.TARGET_CLOSED),
        (413, 40005, Fault.TOO_LARGE),
        (413, 0, Fault.TOO_LARGE),
        (429, 0, Fault.RATE_LIMITED),
        (429, 20028, Fault.RATE_LIMITED),
        (500, 0, Fault.SERVER_ERROR),
        (503, 0, Fault.SERVER_ERROR),
    ],
)
def test_an_answer_means_one_thing(status: int, code: int, fault: Fault) -> None:
    assert refused(ErrorResponse(status, code)).fault is fault


@pytest.mark.parametrize("code", [10015, 10062, 50027, 40094])
def test_an_interaction_that_is_over_is_known(code: int) -> None:
    assert refused(ErrorResponse(404, code)).is_response_closed
    assert not refused(ErrorResponse(404, 10008)).is_response_closed


def test_the_pause_is_what_discord_says_else_what_is_known() -> None:
    assert refused(ErrorResponse(429, 0, retry_after=2.5)).retry_after == 2.5
    assert refused(ErrorResponse(400, 30046)).retry_after == 600
    assert refused(ErrorResponse(429, 30046, retry_after=40.0)).retry_after == 40
    assert refused(ErrorResponse(429, 0)).retry_after is None
    assert refused(ErrorResponse(403, 40003)).retry_after == 300


@pytest.mark.parametrize(
    ("status", "headers", "body", "response"),
    [
        (404, {}, {"code": 10008, "message": "gone"}, ErrorResponse(404, 10008, "gone")),
        (429, {}, {"retry_after": 1.5, "global": False}, ErrorResponse(429, retry_after=1.5)),
        (429, {}, {"global": True}, ErrorResponse(429, everywhere=True)),
        (429, {"Retry-After": "60"}, None, ErrorResponse(429, retry_after=60, everywhere=True)),
        (503, {"Retry-After": "60"}, "a page", ErrorResponse(503)),
        (429, {}, {"retry_after": "nan", "code": "x"}, ErrorResponse(429)),
    ],
)
def test_a_response_is_read_whatever_sent_it(
    status: int, headers: dict[str, str], body: object, response: ErrorResponse
) -> None:
    assert ErrorResponse.read(status, headers, body) == response


def test_no_code_disables_a_target_for_what_is_no_fault_of_the_target() -> None:
    disabling = {Fault.FORBIDDEN, Fault.TARGET_GONE, Fault.TARGET_CLOSED}

    assert {code for code, fault in TABLE.items() if fault in disabling} == {
        10003, 10004, 40007, 40058, 50001, 50007, 50008, 50009, 50013, 50024, 50083, 50278,
        160002, 160005
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "is_written", "fault"),
    [
        (aiohttp.ClientConnectorError(_KEY, OSError(111, "refused")), False, Fault.NOT_SENT),
        (aiohttp.ServerDisconnectedError(), True, Fault.MAYBE_SENT),
        (aiohttp.ServerDisconnectedError(), False, Fault.NOT_SENT),
        (aiohttp.ClientOSError(104, "reset"), True, Fault.MAYBE_SENT),
        (ConnectionResetError(104, "reset"), True, Fault.MAYBE_SENT),
        (TimeoutError(), True, Fault.MAYBE_SENT),
        (TimeoutError(), False, Fault.NOT_SENT),
        (discord.RateLimited(3.0), False, Fault.RATE_LIMITED),
        (discord.LoginFailure(), False, Fault.UNAUTHORIZED),
    ],
)
def test_a_failure_is_in_doubt_only_where_something_was_written(
    error: OSError, is_written: bool, fault: Fault
) -> None:
    assert failure(error, is_written=is_written).fault is fault


def test_what_is_said_for_the_log_is_short() -> None:
    assert len(refused(ErrorResponse(400, 1, "x" * 9000)).detail) <= 200
