from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import Reason
from bot.pumpfun.failures import (
    TABLE,
    Action,
    AskError,
    Endpoint,
    Symptom,
    Verdict,
    judge,
    pause_before_retry,
)

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
CHALLENGE = "<!DOCTYPE html><title>Just a moment...</title>"
NO_ROUTE = '{"statusCode":404,"message":"Cannot GET /livestream","error":"Not Found"}'
NO_COIN = '{"statusCode":404,"message":"Coin not found for mint: x"}'


def verdict(
    status: int | None = None,
    text: str = "",
    *,
    at: Endpoint = Endpoint.ROSTER,
    noticed: Reason | None = None,
    headers: dict[str, str] | None = None,
) -> Verdict:
    return judge(Symptom(at, noticed, status, text, headers or {}), NOW)


@pytest.mark.parametrize(
    ("status", "text", "at", "reason", "action"),
    [
        (401, "", Endpoint.REGIONS, Reason.TOKEN_EXPIRED, Action.REFRESH_TOKEN),
        (401, "", Endpoint.ROSTER, Reason.FORBIDDEN, Action.GIVE_UP),
        (403, CHALLENGE, Endpoint.COIN, Reason.FORBIDDEN, Action.GIVE_UP),
        (403, CHALLENGE, Endpoint.LIVESTREAM, Reason.FORBIDDEN, Action.MARK_UNKNOWN),
        (404, NO_ROUTE, Endpoint.LIVESTREAM, Reason.ROUTE_GONE, Action.MARK_UNKNOWN),
        (404, NO_ROUTE, Endpoint.COIN, Reason.ROUTE_GONE, Action.GIVE_UP),
        (404, "Cannot POST /livestream/join", Endpoint.JOIN, Reason.ROUTE_GONE, Action.GIVE_UP),
        (404, '{"message":"none"}', Endpoint.LIVESTREAM, Reason.NOT_FOUND, Action.TAKE_AS_NONE),
        (404, NO_COIN, Endpoint.COIN, Reason.NOT_FOUND, Action.TAKE_AS_NONE),
        (404, NO_COIN, Endpoint.JOIN, Reason.NOT_FOUND, Action.GIVE_UP),
        (404, "", Endpoint.PICTURE, Reason.NOT_FOUND, Action.GIVE_UP),
        (404, "<html>", Endpoint.LIVESTREAM, Reason.UNEXPECTED_STATUS, Action.MARK_UNKNOWN),
        (404, "", Endpoint.LIVESTREAM, Reason.UNEXPECTED_STATUS, Action.MARK_UNKNOWN),
        (408, "", Endpoint.ROSTER, Reason.TIMEOUT, Action.RETRY),
        (410, "", Endpoint.ROSTER, Reason.ROUTE_GONE, Action.GIVE_UP),
        (418, "", Endpoint.ROSTER, Reason.UNEXPECTED_STATUS, Action.GIVE_UP),
        (302, "", Endpoint.ROSTER, Reason.UNEXPECTED_STATUS, Action.GIVE_UP),
        (429, "", Endpoint.ROSTER, Reason.RATE_LIMITED, Action.RETRY),
        (429, "error code: 1015", Endpoint.LIVESTREAM, Reason.RATE_LIMITED, Action.RETRY),
        (403, "error code: 1015", Endpoint.ROSTER, Reason.RATE_LIMITED, Action.RETRY),
        (200, "error code: 504", Endpoint.LIVESTREAM, Reason.SERVER_ERROR, Action.RETRY),
        (530, "error code: 1016", Endpoint.ROSTER, Reason.SERVER_ERROR, Action.GIVE_UP),
        *[(s, "", Endpoint.JOIN, Reason.SERVER_ERROR, Action.RETRY) for s in (500, 502, 503, 504)],
    ],
)
def test_each_status_has_its_reason_and_action(
    status: int, text: str, at: Endpoint, reason: Reason, action: Action
) -> None:
    decided = verdict(status, text, at=at)
    assert (decided.reason, decided.action) == (reason, action)


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.UNREACHABLE])
def test_no_answer_is_asked_for_again_and_in_the_end_marks_unknown(reason: Reason) -> None:
    decided = verdict(noticed=reason, at=Endpoint.LIVESTREAM)
    assert (decided.reason, decided.action) == (reason, Action.RETRY)
    assert decided.in_the_end is Action.MARK_UNKNOWN
    assert verdict(noticed=reason).in_the_end is Action.GIVE_UP


def test_every_reason_and_every_action_is_in_the_table() -> None:
    assert {rule.reason for rule in TABLE} == set(Reason)
    # Marking unknown is what giving up means for the one endpoint that tells states.
    assert {rule.action for rule in TABLE} == set(Action) - {Action.MARK_UNKNOWN}


def test_every_status_on_every_endpoint_has_a_verdict() -> None:
    for endpoint in Endpoint:
        for status in range(100, 1000):
            assert verdict(status, at=endpoint).in_the_end is not Action.RETRY


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"x-ratelimit-reset": "42"}, 42.0),
        ({"retry-after": "7", "x-ratelimit-reset": "42"}, 7.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e300"}, None),
        ({"retry-after": "9" * 5000}, None),
        ({}, None),
    ],
)
def test_the_stated_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert verdict(429, headers=headers).retry_after == seconds


def test_the_reset_of_a_window_says_nothing_of_another_failure() -> None:
    assert verdict(503, headers={"x-ratelimit-reset": "42"}).retry_after is None
    assert verdict(503, headers={"retry-after": "4"}).retry_after == 4.0


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (503, {}, True),
        (429, {"retry-after": "5"}, 5.0),
        (429, {"retry-after": "0"}, 0.0),
        (429, {"retry-after": "5.1"}, False),
        (403, {}, False),
        (403, {"retry-after": "1"}, False),
    ],
)
def test_a_wait_beyond_our_patience_is_not_waited_for(
    status: int, headers: dict[str, str], pause: float | bool
) -> None:
    decided = pause_before_retry(AskError(verdict(status, headers=headers)), patience=5.0)
    assert decided == pause
    assert type(decided) is type(pause)


def test_only_our_own_failures_are_asked_again() -> None:
    assert pause_before_retry(ValueError(), patience=5.0) is False
