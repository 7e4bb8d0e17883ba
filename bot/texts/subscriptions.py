"""What the commands say of followed coins: who follows what, what is live, what was posted.

Names come in cleaned (`bot.kit.untrusted`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.model import DeliveryKind, DeliveryState, HistoryRow, StreamState
from bot.texts import units

_STATES = {
    StreamState.STARTING: "starting",
    StreamState.LIVE: "live",
    StreamState.GRACE: "paused, may return",
    StreamState.ENDED: "offline",
}


def state(now: StreamState | None) -> str:
    """A followed coin's state in a list."""
    if now is None:
        return _STATES[StreamState.ENDED]
    return _STATES[now]


# subscribe, unsubscribe, subscriptions


def following(names: Sequence[str], *, is_new: bool) -> str:
    """The title over what became of each: the coins that are followed now, or were before."""
    verb = "Following" if is_new else "Already following"
    return f"{verb} {_coins(names)}"


def _coins(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else units.plural(len(names), "coin")


_COMES_NOW = "the alert comes now"
_AT_NIGHT = {
    "skip": "its quiet hours leave this alert out",
    "digest": "the list at the end of quiet hours will name it",
}


def added_open(now: StreamState, night_mode: str | None = None) -> str:
    """Something is on, and `now` is its state. `night_mode`: what quiet hours make of its alert, if
    they do not let it through."""
    comes = "the alert comes once there is video" if now is StreamState.STARTING else _COMES_NOW
    return f"{_on_air(now)}; {_AT_NIGHT.get(night_mode or '', comes)}"


def added_again(now: StreamState, *, is_shown: bool | None) -> str:
    """It was followed here before, in the same stream, whose alert was posted then (None: nobody
    knows), or never will be."""
    if is_shown is not False:
        is_here = "is" if is_shown else "may be"
        return f"{_on_air(now)}; its alert {is_here} already here"
    return f"{_on_air(now)}; I'll post an alert for its next stream"


def _on_air(now: StreamState) -> str:
    return _STATES[StreamState.LIVE if now is StreamState.ENDED else now]


def added_offline(usual_seconds: float, longest_seconds: float) -> str:
    """Not on air. The seconds: how soon we usually see it, and how late at the latest."""
    soon = "seconds" if usual_seconds <= _A_FEW else units.span(usual_seconds)
    late = ""
    if longest_seconds > max(usual_seconds, _A_FEW):
        late = f" (up to {units.span(longest_seconds)} for unlisted streams)"
    return f"offline; I'll post within {soon} of it going live{late}"


_A_FEW = 20.0
"""Seconds that nobody counts."""


def added_unchecked() -> str:
    """pump.fun does not answer."""
    return "saved; pump.fun isn't responding, so I'll verify it later"


def of_one(outcome: str) -> str:
    """What became of the only coin, as a sentence under a title that names it."""
    short = outcome.removesuffix(_ALREADY)
    return f"{short[0].upper()}{short[1:]}."


def no_room() -> str:
    """The place follows as many as it may; the number stands below."""
    return "not followed"


def place_is_full(most: int) -> str:
    """Why, and what to do about it."""
    return (
        f"The limit is {units.plural(most, 'coin')}, and a coin in two channels counts twice."
        " /unsubscribe some to make room."
    )


def added_unknown() -> str:
    """The coin is there; whether it is live could not be found out."""
    return "saved; pump.fun can't say yet whether it's live, so I'll keep checking"


_ALREADY = "; already followed"


def already(now: str) -> str:
    """A coin that is followed here already; `now` is its state."""
    return f"{now}{_ALREADY}"


def role_mentioned() -> str:
    """A role was chosen with the subscription."""
    return "Alerts will mention the role."


def posted_in(channel: str) -> str:
    """The answer is read in another channel than alerts go to; its name may be empty."""
    return f"Alerts go to {channel or 'the channel you chose'}."


def unfollowed(names: Sequence[str]) -> str:
    """The title over what was taken off."""
    return f"Unfollowed {_coins(names)}"


def removed_where_gone(names: Sequence[str]) -> str:
    """One that was followed in channels or topics that were deleted."""
    return f"unfollowed in {', '.join(names)} (deleted)"


def none_to_remove() -> str:
    """All are to be taken off, and there are none."""
    return "No coins are followed here."


def name_what_to_remove(usage: str) -> str:
    """unsubscribe without words."""
    return f"Name a coin, or all: {usage}"


def subscriptions_title(coins: int, targets: int) -> str:
    """How many are followed in the place."""
    if coins == 0:
        return "No coins followed here yet"
    what = units.plural(coins, "coin")
    return f"Following {what}" if targets == 1 else f"Following {what} in {targets} channels"


def first_subscription() -> str:
    """Under an empty list."""
    return "Run /subscribe with a coin's address or pump.fun link. I post here when it goes live."


def some_are_hidden() -> str:
    """Under a list, for somebody who does not see every channel of the place."""
    return "Channels you can't see are left out."


def target_name(name: str, *, is_here: bool) -> str:
    """The heading of a channel or topic; `name` may be empty."""
    if not name:
        return "Here" if is_here else "Unnamed channel"
    return f"{name} (here)" if is_here else name


def target_broken(reason: str, remedy: str) -> str:
    """The warning under a heading; `reason` is a clause, `remedy` a sentence."""
    return f"⚠ I can't post there: {reason}. {remedy}"


def unchecked() -> str:
    """A subscription that pump.fun has not confirmed."""
    return "not confirmed by pump.fun yet"


def page(number: int, pages: int) -> str:
    """Under a long list, of which this is a part."""
    return f"Page {number} of {pages}."


def one_of_many(*, by_options: bool = False) -> str:
    """Under a list of so many coins that one is hard to find."""
    command = "/subscriptions which:" if by_options else "/subscriptions "
    return f"One coin: {command}$SYMBOL."


def is_followed(name: str, targets: int) -> str:
    """The title over where a coin is followed."""
    return (
        f"{name} is followed here" if targets == 1 else f"{name} is followed in {targets} channels"
    )


def not_followed(name: str) -> str:
    """A coin that was named, by whatever was typed."""
    return f"{name} is not followed here."


def and_more(count: int) -> str:
    """The rest of a list."""
    return f"… and {count} more"


def more_coins(count: int, usage: str) -> str:
    """The rest of a list of which one coin is to be chosen."""
    more = units.plural(count, "more coin isn't", "more coins aren't")
    return f"{more} listed. Name one: {usage}"


# live


def is_live(name: str) -> str:
    """On air."""
    return f"{name} is live."


def starting(name: str) -> str:
    """The creator has connected."""
    return f"{name} is starting: connected, no video yet."


def cannot_tell(name: str) -> str:
    """pump.fun does not answer."""
    return f"I can't tell whether {name} is live."


def paused(name: str) -> str:
    """The stream broke off a moment ago."""
    return f"{name} is paused, waiting for the creator to return."


def at_hand(seconds: float) -> str:
    """How far back a clip can go, in a list; not to the second, which would change all the time."""
    return f"{units.last(seconds // 10 * 10 if seconds >= 10 else seconds)} ready to clip"


def live_here(live: int, paused: int) -> str:
    """The title of a list, of one coin at least."""
    if live == 0:
        return f"{units.plural(paused, 'coin')} paused"
    return f"{units.plural(live, 'coin')} live" + (f", {paused} paused" if paused else "")


def viewers(count: int) -> str:
    """How many watch."""
    return units.plural(count, "viewer")


CHOOSE_COIN = "Choose a coin"


def about(name: str) -> str:
    """A button's label: more of a coin."""
    return f"About {name}"


def clip_of(name: str) -> str:
    """A button's label: a clip of a coin."""
    return f"Clip {name}"


# history


def history_title(name: str | None) -> str:
    """Of one coin, or of the place."""
    return f"Latest posts about {name}" if name else "Latest posts here"


def no_history(name: str | None) -> str:
    """Nothing was ever owed."""
    return f"No posts about {name} yet." if name else "No posts here yet."


_KINDS = {
    DeliveryKind.ALERT: "alert",
    DeliveryKind.CLIP: "clip",
    DeliveryKind.NOTICE: "notice",
    DeliveryKind.DIGEST: "digest",
}


def history_kind(kind: DeliveryKind) -> str:
    """What was posted."""
    return _KINDS[kind]


def in_target(name: str) -> str:
    """Where it was posted, if not here."""
    return f"in {name}"


def history_outcome(row: HistoryRow, delay: timedelta | None, why: str) -> str:
    """What became of it. `delay`: from `row.since` until it was posted, if that is known.
    `why` is a clause about its last error, or empty."""
    because = f": {why}" if why else ""
    match row.state:
        case DeliveryState.UNCERTAIN:
            return f"unconfirmed{because}"
        case DeliveryState.DEAD:
            return f"not posted{because}"
        case DeliveryState.SENT:
            is_posted = True
        case _:  # on its way, or changed just now
            is_posted = row.sent_at is not None
    if not is_posted:
        return f"on its way{because}"
    later = f". Its last update failed{because}." if why else ""
    return f"posted{_how_soon(row, delay)}{later}"


def _how_soon(row: HistoryRow, delay: timedelta | None) -> str:
    """Of what is about a stream: how long after it began."""
    if delay is None or row.began_at is None:
        return ""
    return f" {units.span(max(1, round(delay.total_seconds())))} after going live"
