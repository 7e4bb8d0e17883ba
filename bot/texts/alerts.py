"""What alerts, clips, digests and notices say. Text from outside comes in cleaned."""

from __future__ import annotations

from bot.texts import units

WATCH = "Watch"
OPEN = "Open on pump.fun"
COPY = "Copy address"
AGAIN = "Again"
DELETE = "Delete"
STARTED = "Started "
LAST_SEEN = "Last seen "
PAUSED_NOTE = "The picture is gone; it may return within a few minutes."
NO_PICTURE_YET = "The creator has connected, but no picture is to be seen yet."
STILL_LIVE = "still live"
LIVE_NOW = "live now"


def coin(name: str, symbol: str, mint: str) -> str:
    """How a coin is called, by what is known of it."""
    if name and symbol and name.casefold() != symbol.casefold():
        return f"{name} (${symbol})"
    if symbol:
        return f"${symbol}"
    return name or short(mint)


def ticker(symbol: str, mint: str) -> str:
    """The short form."""
    return f"${symbol}" if symbol else short(mint)


def short(mint: str) -> str:
    """An address, recognizable."""
    return f"{mint[:4]}…{mint[-4:]}"


def is_live(coin: str) -> str:
    """The title of an alert."""
    return f"🔴 {coin} is live"


def is_paused(coin: str) -> str:
    """The title of an alert in grace."""
    return f"⏸️ {coin} has paused"


def was_live(coin: str) -> str:
    """The title of an alert when all is over."""
    return f"⚫ {coin} was live"


def test_title(title: str) -> str:
    """So that nobody takes a test for the real thing."""
    return f"🧪 Test: {title}"


def test_note(mentions: bool) -> str:
    """Under a test alert. `mentions`: a real one would mention a role."""
    if mentions:
        return "This is only a test: it is silent, and mentions nobody; a real one mentions a role."
    return "This is only a test: it is silent, and mentions nobody."


def watching(viewers: int) -> str:
    """How many there are."""
    return f"👀 {viewers:,} watching"


def peak(viewers: int) -> str:
    """How many there were at most."""
    return f"👀 at most {viewers:,} watching at once"


def streamed_for(seconds: float) -> str:
    """How long it was on, before the time at which it was last seen."""
    return f"⏱️ It streamed for {units.lasting(seconds)}, until "


# Clips


def clip_button(seconds: float) -> str:
    """What a press of it gives."""
    return f"Clip {seconds:g}s"


def clip_title(seconds: float, ticker: str) -> str:
    """Over a clip; `seconds` is how long it is."""
    return f"🎬 {max(1, round(seconds))} s of {ticker}"


def asked_by(person: str) -> str:
    """Under a clip."""
    return f"Asked for by {person or 'somebody'}"


def noted(notes: tuple[str, ...]) -> str:
    """What a viewer may notice, as one sentence."""
    line = "; ".join(notes)
    return f"{line[:1].upper()}{line[1:]}."


def clip_too_large(count: int) -> str:
    """The platform refused the file."""
    return (
        f"The clip is ready, but its {units.size(count)} are more than may be uploaded here;"
        " please ask for a shorter one."
    )


CLIP_REFUSED = "The clip is ready, but it could not be posted here."


# The morning's digest


def digest_title(count: int) -> str:
    """Over the list."""
    return "🌙 In the night, 1 stream" if count == 1 else f"🌙 In the night, {count} streams"


def digest_row(lasted: str, viewers: int | None) -> str:
    """Behind the coin's name."""
    return f": {lasted}" if viewers is None else f": {lasted}, at most {viewers:,} watching"


def digest_more(count: int) -> str:
    """The list was cut."""
    return f"and {count} more"


# Notices


def cannot_post(channel: str, reason: str) -> str:
    """Told elsewhere: a target no longer takes messages. `reason` is its `disabled`."""
    return (
        f"I can no longer post in {channel}, because {disabled_because(reason)}."
        " All that was subscribed there is kept; once it is mended, say /resume there."
    )


CANNOT_POST = "🔕 Alerts have stopped somewhere"
NO_COIN = "🤷 A subscription without a coin"


def disabled_because(reason: str) -> str:
    """A clause for what `Target.disabled` says."""
    return _DISABLED.get(reason, "the platform does not let me")


_DISABLED = {
    "left": "I am no longer a member there",
    "forbidden": "I lack the permission to post there",
    "target-gone": "it no longer exists",
    "target-closed": "it is closed or locked",
}


# What became of a delivery


def why(code: str | None) -> str:
    """A clause for `Delivery.error`; a code of a newer Mintcast has a plain one."""
    return _WHY.get(code or "", "something went wrong")


_WHY = {
    "ended-first": "the stream had ended before it could be sent",
    "unfollowed": "the coin was unfollowed before it could be sent",
    "night-skip": "it was night there, and the night is skipped",
    "night-digest": "it was night there; it is in the morning's digest",
    "too-late": "it could not be sent for so long that I gave up",
    "gone": "what was to be shown is no more",
    "fault": "of a fault in Mintcast; its log says more",
    "crash": "Mintcast was stopped at that very moment, so nobody can say whether it arrived",
    "not-sent": "the platform could not be reached",
    "maybe-sent": "the platform did not answer, so it may or may not have arrived",
    "server-error": "the platform had a problem of its own",
    "rate-limited": "the platform asked me to slow down",
    "forbidden": "I lack the permission to post there",
    "target-gone": "the place to post to no longer exists",
    "target-closed": "the place to post to is closed or locked",
    "moved": "the chat has moved",
    "message-gone": "somebody deleted the message",
    "not-changed": "there was nothing to change",
    "too-old": "the message is too old to be changed",
    "not-yet": "the platform lets old messages be changed only now and then",
    "too-large": "the file is larger than may be uploaded there",
    "refused": "the platform does not take it",
    "unauthorized": "the platform does not accept the bot's token",
}


# The part of a sender in the service's health


def delivering(name: str) -> str:
    """It works."""
    return f"delivering to {name}"


def deliveries_fail(code: str, detail: str) -> str:
    """Why nothing is delivered just now. `detail` is the platform's word for it."""
    return f"{why(code)}{f' ({detail})' if detail else ''}"
