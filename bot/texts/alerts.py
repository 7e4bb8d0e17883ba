"""What alerts, clips, digests and notices say. Text from outside comes in cleaned."""

from __future__ import annotations

from bot.texts import units

WATCH = "Watch"
OPEN = "Open on pump.fun"
WHOLE_STREAM = "Whole stream"
COPY = "Copy address"
AGAIN = "Again"
DELETE = "Delete"
EARLIER = "◀ 10 s"
LATER = "10 s ▶"
LATER_PART = "Later part"
LONGER = "Longer"
SHORTER = "Shorter"
STARTED = "Started "
LAST_SEEN = "Last seen "
PAUSED_NOTE = "Stream interrupted; waiting for the creator to return."
BANNED = "🚫 pump.fun banned this coin."
BANNED_UNTIL = "🚫 pump.fun banned this coin's streams until "
STILL_LIVE = "still live"
PAUSED = "paused"


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


def went_live(coin: str) -> str:
    """Beside the mention of a role; it is still there when the stream is over."""
    return f"{coin} went live"


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
        return "Just a test: silent, and without the mention that a real alert has."
    return "Just a test: silent, without a mention."


def watching(viewers: int) -> str:
    """How many there are."""
    return f"👀 {units.plural(viewers, 'viewer')}"


def peak(viewers: int) -> str:
    """How many there were at most."""
    return f"👀 Peak: {units.plural(viewers, 'viewer')}"


def streamed_for(seconds: float) -> str:
    """How long it was on, before the time at which it was last seen."""
    return f"⏱️ Live for {units.lasting(seconds)}, until "


# Clips


def clip_button(seconds: float) -> str:
    """What a press of it gives."""
    return f"Clip {seconds:g}s"


def clip_title(seconds: float, ticker: str) -> str:
    """Over a clip; `seconds` is how long it is."""
    return f"🎬 {max(1, round(seconds))} s of {ticker}"


def highlight_title(seconds: float, ticker: str) -> str:
    """Over one of the site's own clips."""
    return f"🎬 Highlight of {ticker} · {max(1, round(seconds))} s"


def shared_by(person: str) -> str:
    """Under it: who had it posted. Who has cut it on the site, nobody knows."""
    return f"Shared by {person or 'someone'}"


STREAMED = "Streamed "


def asked_by(person: str) -> str:
    """Under a clip."""
    return f"Clipped by {person or 'someone'}"


def noted(notes: tuple[str, ...]) -> str:
    """What a viewer may notice, as one sentence."""
    line = "; ".join(notes)
    return f"{line[:1].upper()}{line[1:]}."


def clip_too_large(count: int) -> str:
    """The platform refused the file."""
    return (
        f"The clip is ready, but {units.size(count)} is too large to upload here. Ask for a shorter"
        " one."
    )


def highlight_too_large(count: int) -> str:
    """The same of one that is on the site as well."""
    return f"The video is {units.size(count)}, too large to upload here. Open it on pump.fun."


CLIP_REFUSED = "The clip is ready, but couldn't be posted here."


# The morning's digest


def digest_title(count: int) -> str:
    """Over the list."""
    return f"🌙 Overnight: {units.plural(count, 'stream')}"


def digest_row(lasted: str, viewers: int | None) -> str:
    """Behind the coin's name."""
    return f": {lasted}" + ("" if viewers is None else f", peak {units.plural(viewers, 'viewer')}")


def digest_more(count: int) -> str:
    """The list was cut."""
    return f"and {count} more"


# Notices


def cannot_post(channel: str, reason: str, remedy: str) -> str:
    """Told elsewhere: a target no longer takes messages. `reason` is its `disabled`."""
    return (
        f"I can no longer post in {channel}, because {disabled_because(reason)}. Subscriptions are"
        f" kept. {remedy}"
    )


CANNOT_POST = "🔕 Alerts have stopped"
NO_COIN = "🤷 That address is not a coin"


def disabled_because(reason: str) -> str:
    """A clause for what `Target.disabled` says."""
    return _DISABLED.get(reason, "posting is refused")


_DISABLED = {
    "left": "I'm no longer a member",
    "forbidden": "I lack permission to post",
    "target-gone": "it no longer exists",
    "target-closed": "it's closed or locked",
}


def remedy(reason: str, platform: str, *, is_part: bool) -> str:
    """What can be done about it, from elsewhere. `is_part`: it is one spot of its place."""
    of_whole = _REMEDIES.get(reason, "Fix it, then run /resume there.")
    return _REMEDIES_OF_PARTS.get(reason, {}).get(platform, of_whole) if is_part else of_whole


_REMEDIES = {"target-gone": "If it's back, run /resume there."}
_REMEDIES_OF_PARTS = {
    "target-gone": {
        "discord": (
            "To remove its coins, name them in /unsubscribe elsewhere in the server, where they"
            " aren't followed."
        ),
        "telegram": (  # which says the same of each topic while topics are off
            "To remove its coins, name them in /unsubscribe elsewhere in the group, where they"
            " aren't followed. If topics were switched off, switch them on, then run /resume there."
        ),
    }
}


# What became of a delivery


def why(code: str | None) -> str:
    """A clause for `Delivery.error`; a code of a newer Mintcast has a plain one."""
    return _WHY.get(code or "", "something went wrong")


_WHY = {
    "ended-first": "the stream ended before it could be sent",
    "unfollowed": "the coin was unfollowed before it could be sent",
    "night-skip": "alerts are skipped at night there",
    "night-digest": "it was night there, so it's in the morning's digest",
    "too-late": "it couldn't be sent in time",
    "gone": "there was nothing left to show",
    "fault": "something went wrong in Mintcast, and its log says what",
    "crash": "Mintcast stopped while sending it, so it may or may not have arrived",
    "not-sent": "the chat service couldn't be reached",
    "maybe-sent": "the chat service didn't answer, so it may or may not have arrived",
    "server-error": "the chat service had a problem",
    "rate-limited": "the chat service asked Mintcast to slow down",
    "forbidden": "Mintcast lacks permission to post there",
    "target-gone": "the channel or group no longer exists",
    "target-closed": "the channel or topic is closed or locked",
    "moved": "the group has moved",
    "message-gone": "someone deleted the message",
    "not-changed": "there was nothing to change",
    "too-old": "the message is too old to edit",
    "not-yet": "old messages can be edited only now and then",
    "too-large": "the file is too large to upload there",
    "refused": "the chat service doesn't accept it",
    "unauthorized": "the chat service doesn't accept the bot's token",
}


# The part of a sender in the service's health


def delivering(name: str) -> str:
    """It works."""
    return f"posting to {name}"


def deliveries_fail(code: str, detail: str) -> str:
    """Why nothing is delivered just now. `detail` is the platform's word for it."""
    return f"{why(code)}{f' ({detail})' if detail else ''}"
