"""What the commands say of followed coins: who follows what, what is live, what was posted.

Names come in cleaned (`bot.kit.untrusted`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.model import DeliveryKind, DeliveryState, HistoryRow, StreamState
from bot.texts import common, units

_STATES = {
    StreamState.STARTING: "starting",
    StreamState.LIVE: "live",
    StreamState.GRACE: "paused, may return",
    StreamState.ENDED: "not live",
}


def state(now: StreamState | None) -> str:
    """A followed coin's state in a list."""
    if now is None:
        return "not live"
    return _STATES[now]


# subscribe, unsubscribe, subscriptions


def subscribed(count: int) -> str:
    """The title over a table of what became of each."""
    if count == 0:
        return "Nothing new is followed"
    return "1 coin is followed now" if count == 1 else f"{count} coins are followed now"


def added_open(now: StreamState) -> str:
    """Something is on, and `now` is its state."""
    match now:
        case StreamState.STARTING:
            return "starting: I will post here as soon as there is a picture"
        case StreamState.GRACE:
            return "paused: the stream broke off and may return; the alert follows here"
        case _:
            return "live now: the alert follows here"


def added_again() -> str:
    """It was followed here before, in the same stream."""
    return "its stream is on, and its alert is here already"


def added_offline(usual_seconds: float, longest_seconds: float) -> str:
    """Not on air. The seconds: how soon we usually see it, and how late at the latest."""
    late = ""
    if longest_seconds > usual_seconds:
        late = f" ({units.span(longest_seconds)} where pump.fun hides it from its board)"
    return (
        "not live: I will post here when it goes live, usually within"
        f" {units.span(usual_seconds)}{late}"
    )


def added_unchecked() -> str:
    """pump.fun does not answer."""
    return (
        "saved, but unchecked, because pump.fun does not answer; I go on trying, and post here when"
        " it goes live"
    )


def no_room() -> str:
    """The place follows as many as it may; the number stands below."""
    return "not followed"


def place_is_full(most: int) -> str:
    """Why, and what to do about it."""
    return (
        f"This place can follow {most} coins, and a coin in two channels counts twice. /unsubscribe"
        " some to make room."
    )


def added_unknown() -> str:
    """The coin is there; whether it is live could not be found out."""
    return "saved; pump.fun does not say yet whether it is live, so I go on asking"


def already(now: str) -> str:
    """A coin that is followed here already; `now` is its state."""
    return f"followed here already ({now})"


def role_mentioned() -> str:
    """A role was chosen with the subscription."""
    return "The role is mentioned with each alert."


def posted_in(channel: str) -> str:
    """The answer is read in another channel than alerts go to; its name may be empty."""
    return f"Here means {channel or 'the channel that you named'}: all of it is posted there."


def unsubscribed(count: int) -> str:
    """The title of what was taken off."""
    if count == 0:
        return "Nothing was changed"
    return (
        "1 coin is no longer followed here"
        if count == 1
        else f"{count} coins are no longer followed here"
    )


def removed() -> str:
    """One that was followed."""
    return "no longer followed here"


def removed_where_gone(names: Sequence[str]) -> str:
    """One that was followed in channels or topics that were deleted."""
    return f"no longer followed in {', '.join(names)}, which no longer exists"


def was_not_followed() -> str:
    """One that was not."""
    return "was not followed here; /subscriptions lists what is"


def name_what_to_remove(usage: str) -> str:
    """unsubscribe without words."""
    return f"Please say which coin, or all: {usage}"


def subscriptions_title(coins: int, targets: int) -> str:
    """How many are followed in the place."""
    if coins == 0:
        return "No coin is followed here yet"
    what = "1 coin is" if coins == 1 else f"{coins} coins are"
    return f"{what} followed here" if targets == 1 else f"{what} followed in {targets} channels"


def first_subscription() -> str:
    """Under an empty list."""
    return (
        "/subscribe and a coin's address or its pump.fun link: then I post here when it goes live."
    )


def some_are_hidden() -> str:
    """Under a list, for somebody who does not see every channel of the place."""
    return "Channels that you can’t see are left out."


def target_name(name: str, *, is_here: bool) -> str:
    """The heading of a channel or topic; `name` may be empty."""
    if not name:
        return "Here" if is_here else "A channel without a name"
    return f"{name} (here)" if is_here else name


def target_broken(reason: str) -> str:
    """The warning under a heading; `reason` is a clause."""
    return f"⚠ I cannot post there, because {reason}; once it is mended, say /resume there."


def unchecked() -> str:
    """A subscription that pump.fun has not confirmed."""
    return "not confirmed by pump.fun yet"


def page(number: int, pages: int, *, by_options: bool = False) -> str:
    """Under a long list, of which this is a part."""
    here = f"Page {number} of {pages}"
    if number == pages:
        return f"{here}."
    command = "/subscriptions which:" if by_options else "/subscriptions "
    return f"{here}; {command}{number + 1} shows the next, {command}$SYMBOL one coin alone."


def is_followed(name: str, targets: int) -> str:
    """The title over where a coin is followed."""
    return (
        f"{name} is followed here" if targets == 1 else f"{name} is followed in {targets} channels"
    )


def not_followed(name: str) -> str:
    """A coin of which one wanted to know that."""
    return f"{name} is not followed here."


def nothing_so_called(word: str) -> str:
    """A word that is no address, no page, and no followed coin's symbol."""
    return f"No coin that is followed here is called “{common.shown(word)}”."


def and_more(count: int) -> str:
    """The rest of a list."""
    return f"… and {count} more"


# live


def is_live(name: str) -> str:
    """On air."""
    return f"{name} is live."


def starting(name: str) -> str:
    """The creator has connected."""
    return f"{name} is starting: the creator has connected, but no picture is to be seen yet."


def cannot_tell(name: str) -> str:
    """pump.fun does not answer."""
    return f"I cannot tell whether {name} is live."


def paused(name: str) -> str:
    """The stream broke off a moment ago."""
    return f"{name} is paused: the stream broke off and may return."


def live_here(count: int) -> str:
    """The title of a list."""
    return "1 coin is live" if count == 1 else f"{count} coins are live"


def viewers(count: int) -> str:
    """How many watch."""
    return "1 viewer" if count == 1 else f"{count:,} viewers"


def about(name: str) -> str:
    """A button's label: more of a coin."""
    return f"About {name}"


def clip_of(name: str) -> str:
    """A button's label: a clip of a coin."""
    return f"Clip {name}"


# history


def history_title(name: str | None) -> str:
    """Of one coin, or of the place."""
    return f"The last posts about {name}" if name else "The last posts here"


def no_history(name: str | None) -> str:
    """Nothing was ever owed."""
    return f"There was no post about {name} yet." if name else "There was no post here yet."


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
    because = f", because {why}" if why else ""
    match row.state:
        case DeliveryState.SENT:
            return f"posted {_after(row, delay)}{because}"
        case DeliveryState.UNCERTAIN:
            return f"may or may not have arrived; not repeated{because}"
        case DeliveryState.DEAD:
            return f"not posted{because}"
        case _:
            return f"on its way{because}"


def _after(row: HistoryRow, delay: timedelta | None) -> str:
    if delay is None:
        return "at an unknown time"
    took = delay.total_seconds()
    quick = f"{took:.1f} s" if took < 60 else units.span(round(took))
    return f"after {quick}" if row.began_at is None else f"{quick} after going live"
