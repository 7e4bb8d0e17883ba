"""What is done when pump.fun (or LiveKit's list of regions) does not answer as hoped.

`TABLE` is the one place that decides: it is read from the top, and the first rule that fits
gives the reason and the action. The sentence that a user reads belongs to the reason
(`bot.texts`). Statuses and bodies as observed from 2025-09 to 2026-10: `error code: 1015` and
1016 are Cloudflare's, in front of the site; `Cannot GET /…` is NestJS's, for a missing route.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors import PumpfunError
from bot.kit.timing.far_clock import http_date
from bot.kit.untrusted import parse_json
from bot.model import Reason
from bot.pumpfun import json_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EDGE = re.compile(r"\s*error code: ([0-9]{3,4})\s*")
_NO_ROUTE = re.compile(r"\bCannot (?:GET|POST) /")
_LONGEST_WAIT = 86_400.0


class Endpoint(StrEnum):
    """Whom we ask; some answers mean one thing here and another there."""

    LIVESTREAM = "livestream"
    JOIN = "join"
    REGIONS = "regions"
    COIN = "coin"
    ROSTER = "roster"
    PICTURE = "picture"
    MEDIA = "media"
    CLIPS = "clips"
    CLIP_FILE = "clip-file"


class Action(StrEnum):
    """What is done about a failure."""

    RETRY = "retry"
    """Ask the same again, after the stated time or else a growing pause; in the end, give up."""
    REFRESH_TOKEN = "refresh-token"  # noqa: S105 - no secret, a verb
    """Join again for a new token, and ask once more with that."""
    TAKE_AS_NONE = "take-as-none"
    """It is an answer: there is no such stream, or no such coin."""
    GIVE_UP = "give-up"
    """Asking again would change nothing: tell whoever asked."""
    MARK_UNKNOWN = "mark-unknown"
    """Giving up where the state of a stream was asked: what was known of it stays."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What we saw. `noticed` is what we found out ourselves, with or without an answer."""

    endpoint: Endpoint
    noticed: Reason | None = None
    status: int | None = None
    text: str = field(default="", repr=False)
    """The beginning of the body."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def edge_code(self) -> int | None:
        """Cloudflare's own code, which it sends as plain text, under whatever status."""
        match = _EDGE.fullmatch(self.text)
        return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: a symptom in words and as a test, and what follows from it."""

    symptom: str
    fits: Callable[[Symptom], bool]
    reason: Reason
    action: Action


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a symptom means and what is done about it; `in_the_end`, once tries are spent."""

    reason: Reason
    action: Action
    in_the_end: Action
    status: int | None = None
    retry_after: float | None = None
    """Seconds that we were told to wait, if we were."""


class AskError(PumpfunError):
    """An asking that failed, with the table's verdict on it."""

    def __init__(self, verdict: Verdict, detail: str = "") -> None:
        super().__init__(
            verdict.reason, status=verdict.status, retry_after=verdict.retry_after, detail=detail
        )
        self.verdict = verdict


def _noticed(reason: Reason) -> Callable[[Symptom], bool]:
    return lambda symptom: symptom.noticed is reason


def _status(*statuses: int) -> Callable[[Symptom], bool]:
    return lambda symptom: symptom.status in statuses


def _edge(status: int, code: int) -> Callable[[Symptom], bool]:
    return lambda symptom: symptom.status == status or symptom.edge_code == code


def _server_error(symptom: Symptom) -> bool:
    return any(500 <= (code or 0) <= 599 for code in (symptom.status, symptom.edge_code))


def _token_refused(symptom: Symptom) -> bool:
    """The regions are the one thing that we ask for with a token."""
    return symptom.status == 401 and symptom.endpoint is Endpoint.REGIONS


def _no_route(symptom: Symptom) -> bool:
    return symptom.status in (404, 410) and bool(_NO_ROUTE.search(symptom.text))


def _none_of_it(symptom: Symptom) -> bool:
    asked_whether = symptom.endpoint in (Endpoint.LIVESTREAM, Endpoint.COIN, Endpoint.CLIPS)
    return symptom.status == 404 and asked_whether and _is_object(symptom.text)


def _handler_says_no(symptom: Symptom) -> bool:
    is_file = symptom.endpoint in (Endpoint.PICTURE, Endpoint.MEDIA, Endpoint.CLIP_FILE)
    return symptom.status == 404 and (is_file or _is_object(symptom.text))


def _is_object(text: str) -> bool:
    try:
        return isinstance(parse_json(text), dict)
    except ValueError:
        return False


# fmt: off
TABLE: tuple[Rule, ...] = (
    # No answer, or none that we let in.
    Rule("no answer in time", _noticed(Reason.TIMEOUT), Reason.TIMEOUT, Action.RETRY),
    Rule("no connection, or it broke", _noticed(Reason.UNREACHABLE), Reason.UNREACHABLE, Action.RETRY),  # noqa: E501
    Rule("a URL that we do not go to", _noticed(Reason.NOT_ALLOWED), Reason.NOT_ALLOWED, Action.GIVE_UP),  # noqa: E501
    Rule("more bytes or pixels than we take", _noticed(Reason.TOO_LARGE), Reason.TOO_LARGE, Action.GIVE_UP),  # noqa: E501
    # An answer with a status, or with a status in its text.
    Rule("429, or Cloudflare's 1015", _edge(429, 1015), Reason.RATE_LIMITED, Action.RETRY),
    Rule("530, or Cloudflare's 1016: a retired host", _edge(530, 1016), Reason.SERVER_ERROR, Action.GIVE_UP),  # noqa: E501
    Rule("any other 5xx, also as text", _server_error, Reason.SERVER_ERROR, Action.RETRY),
    Rule("408 or 425", _status(408, 425), Reason.TIMEOUT, Action.RETRY),
    Rule("401 to our token", _token_refused, Reason.TOKEN_EXPIRED, Action.REFRESH_TOKEN),
    Rule("401 where we need no token", _status(401), Reason.FORBIDDEN, Action.GIVE_UP),
    Rule("403 (JSON, or the page of a challenge), 451", _status(403, 451), Reason.FORBIDDEN, Action.GIVE_UP),  # noqa: E501
    Rule("404 `Cannot GET /…`", _no_route, Reason.ROUTE_GONE, Action.GIVE_UP),
    Rule("410", _status(410), Reason.ROUTE_GONE, Action.GIVE_UP),
    Rule("404 in JSON, to whether there is one", _none_of_it, Reason.NOT_FOUND, Action.TAKE_AS_NONE),  # noqa: E501
    Rule("404 in JSON, or of a file", _handler_says_no, Reason.NOT_FOUND, Action.GIVE_UP),
    # A good status, and a body that is of no use.
    Rule("nothing where there should be something", _noticed(Reason.EMPTY), Reason.EMPTY, Action.GIVE_UP),  # noqa: E501
    Rule("no JSON", _noticed(Reason.NOT_JSON), Reason.NOT_JSON, Action.GIVE_UP),
    Rule("JSON of another shape", _noticed(Reason.WRONG_SHAPE), Reason.WRONG_SHAPE, Action.GIVE_UP),
    Rule("no picture", _noticed(Reason.NOT_A_PICTURE), Reason.NOT_A_PICTURE, Action.GIVE_UP),
    Rule("no video", _noticed(Reason.NOT_A_VIDEO), Reason.NOT_A_VIDEO, Action.GIVE_UP),
    Rule("anything else", lambda _: True, Reason.UNEXPECTED_STATUS, Action.GIVE_UP),
)
# fmt: on


def judge(symptom: Symptom, now: datetime) -> Verdict:
    """The first rule that fits, with the wait that the answer's headers state."""
    rule = next(rule for rule in TABLE if rule.fits(symptom))
    settled = rule.action in (Action.TAKE_AS_NONE, Action.REFRESH_TOKEN)
    asks_state = symptom.endpoint is Endpoint.LIVESTREAM
    lost = Action.MARK_UNKNOWN if asks_state else Action.GIVE_UP
    return Verdict(
        rule.reason,
        lost if rule.action is Action.GIVE_UP else rule.action,
        rule.action if settled else lost,
        symptom.status,
        _stated_wait(symptom.headers, rule.reason, now) if rule.action is Action.RETRY else None,
    )


def pause_before_retry(error: Exception, patience: float) -> float | bool:
    """Whether to ask again after `error`: no, yes after a growing pause, or seconds as stated.

    A wait longer than `patience` seconds is not waited for: whoever asked is told of it.
    """
    if not isinstance(error, AskError) or error.verdict.action is not Action.RETRY:
        return False
    stated = error.verdict.retry_after
    if stated is None:
        return True
    return stated if stated <= patience else False


def _stated_wait(headers: Mapping[str, str], reason: Reason, now: datetime) -> float | None:
    """Seconds to wait: `Retry-After` in seconds or as a date, else the window's reset. A date is
    by the site's clock, which the answer's own date tells.

    `x-ratelimit-reset` (seconds, measured 2026-09-12) comes with good answers too, so that
    it says something only of a 429.
    """
    wait = _retry_after(headers.get("retry-after", ""), http_date(headers.get("date", "")) or now)
    if wait is None and reason is Reason.RATE_LIMITED:
        wait = json_fields.real(headers.get("x-ratelimit-reset"))
    return wait if wait is not None and wait <= _LONGEST_WAIT else None


def _retry_after(value: str, now: datetime) -> float | None:
    if (seconds := json_fields.real(value)) is not None:
        return seconds
    date = http_date(value)
    return None if date is None else max(0.0, (date - now).total_seconds())
