"""Which window of a stream is meant, fixed when it is asked for: its last seconds, those of a while
ago, or the next ones, where nothing of the past is at hand.

A stream that is over ends before it was asked: its last seconds are those before its end.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from bot import texts
from bot.commands.ports import Lookback
from bot.errors import PumpfunError, Refused
from bot.model import Broadcast, Offer, Window

T = TypeVar("T")

_FEW_SECONDS = 5.0
"""Of a stream that has just begun, so little is no clip where more was asked for."""
_LEAST_SECONDS = 0.5
"""Of so little nobody makes a clip."""

_FAR_BACK = timedelta(days=1)
"""What lies further back is looked for in no recording."""

_FIXED = re.compile(r"~([0-9a-z]{1,13})")
_LENGTHS, _AGOS = 6001, 10**6
"""In tenths of a second: up to ten minutes, up to a day."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TENTH = timedelta(seconds=0.1)


@dataclass(frozen=True, slots=True)
class RequestedWindow:
    """`seconds` of a stream, until `ago` seconds before `asked_at`, or before its end where it is
    over. `is_ago`: what lies back is wanted, and the next seconds are no answer. `is_fixed`: it is
    these seconds and no others, whenever the stream was last seen."""

    seconds: float
    asked_at: datetime
    ago: float = 0.0
    is_ago: bool = False
    is_fixed: bool = False

    @classmethod
    def fixed(cls, seconds: float, ends_at: datetime) -> Self:
        """The seconds before an instant."""
        return cls(seconds, ends_at, is_ago=True, is_fixed=True)

    def encoded(self) -> str:
        """As a word for a button, with when it was asked for: whoever chooses takes their time, and
        the stream may be over. Telegram leaves 14 bytes beside verb and mint, so it is one number
        of tenths of a second."""
        asked = max(0, (self.asked_at - _EPOCH) // _TENTH)
        ago, length = min(round(10 * self.ago), _AGOS - 1), round(10 * self.seconds)
        return f"~{_in_letters((asked * _AGOS + ago) * _LENGTHS + length)}"


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """What a clip is to show; `offer`: what it can be cut of, None where it has yet to come."""

    window: Window
    offer: Offer | None = None


def without_fixed(words: Iterable[str]) -> tuple[tuple[str, ...], RequestedWindow | None]:
    """The words but for that of a button, and what this one asks for. Whoever makes one up asks
    for no more than anybody may."""
    rest: list[str] = []
    requested: RequestedWindow | None = None
    for word in words:
        if (found := _FIXED.fullmatch(word)) is None:
            rest.append(word)
        else:
            number, length = divmod(int(found[1], 36), _LENGTHS)
            asked, ago = divmod(number, _AGOS)
            requested = RequestedWindow(
                length / 10, _EPOCH + asked * _TENTH, ago / 10, is_ago=ago > 0
            )
    return tuple(rest), requested


async def choose_window(
    lookback: Lookback,
    mint: str,
    requested: RequestedWindow,
    *,
    now: datetime,
    broadcast: Broadcast | None,
    over_at: datetime | None,
    by_options: bool = False,
) -> ChosenWindow | None:
    """None: it is over since `over_at`, and nothing of it is at hand. `now` is when the clip was
    asked for, if only by a press. Raises Refused."""
    window = _past_window(requested, broadcast, over_at)
    offer, was_asked = None, True
    if window is not None:
        offer, was_asked = await _told(lookback.offer(mint, window))
        if offer is not None:
            return ChosenWindow(window, offer)
    if over_at is None and not requested.is_ago:
        return ChosenWindow(Window.after(now, requested.seconds))
    latest, reach = over_at or now, None
    if was_asked:
        reach, was_asked = await _told(lookback.reach(mint, Window(latest - _FAR_BACK, latest)))
    if not was_asked:
        instead = requested.seconds if over_at is None else None
        raise Refused(_unreachable(lookback.at_hand(mint), latest, instead, by_options=by_options))
    if reach is not None and window is not None and reach.begins_at < window.begins_at:
        raise Refused(texts.clips.hole())
    if reach is not None:
        back = latest - reach.begins_at
        raise Refused(texts.clips.only_at_hand(back.total_seconds()))
    if over_at is None:
        raise Refused(texts.clips.nothing_at_hand(requested.seconds, by_options=by_options))
    return None


async def _told(asking: Awaitable[T | None]) -> tuple[T | None, bool]:
    """What it tells, and whether the site's recordings could be asked."""
    try:
        return await asking, True
    except PumpfunError:
        return None, False


def _unreachable(
    at_hand: Window | None, latest: datetime, instead: float | None, *, by_options: bool
) -> str:
    back = (latest - at_hand.begins_at).total_seconds() if at_hand is not None else 0.0
    if back >= 1.0:
        return texts.clips.recordings_unreachable(back)
    return texts.clips.recordings_unreachable(None, instead, by_options=by_options)


def _past_window(
    requested: RequestedWindow, broadcast: Broadcast | None, over_at: datetime | None
) -> Window | None:
    """What was on air of it; None: next to nothing. Raises Refused where it lies before the
    stream."""
    latest = requested.asked_at
    if over_at is not None and not requested.is_fixed:
        latest = min(latest, over_at)
    window = Window.before(latest - timedelta(seconds=requested.ago), requested.seconds)
    began_at = _began_at(broadcast)
    if began_at is None or window.begins_at >= began_at:
        return window
    has_just_begun = over_at is None and not requested.is_ago
    least = min(_FEW_SECONDS, requested.seconds / 2) if has_just_begun else _LEAST_SECONDS
    if (window.ends_at - began_at).total_seconds() >= least:
        return Window(began_at, window.ends_at)
    if not requested.is_ago:
        return None
    lasted = (latest - began_at).total_seconds()
    is_over = over_at is not None
    raise Refused(texts.clips.lasted_only(lasted) if is_over else texts.clips.began_only(lasted))


def _began_at(broadcast: Broadcast | None) -> datetime | None:
    """The site's clock is not ours: it cannot have begun after we saw it."""
    return None if broadcast is None else min(broadcast.began_at, broadcast.first_seen_at)


def _in_letters(number: int) -> str:
    letters = ""
    while True:
        number, digit = divmod(number, 36)
        letters = _DIGITS[digit] + letters
        if not number:
            return letters
