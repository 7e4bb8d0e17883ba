"""What only Telegram's chats, menus and connection need."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Preference
from bot.texts import common
from bot.texts.preferences import WORDS

GENERAL = "General"

# Rights, as Telegram's own settings call them

SEND_TEXT = "Send text messages"
SEND_PHOTOS = "Send media: Photos"
SEND_VIDEOS = "Send media: Video files"
POST_MESSAGES = "Post messages"
MEMBERSHIP = "a place among its members"


def no_pictures() -> str:
    """A note: alerts come, and are less nice."""
    return f"Alerts come without their picture, because I lack the permission {SEND_PHOTOS}."


def no_videos() -> str:
    """A note: clips will not come."""
    return f"Clips cannot be posted, because I lack the permission {SEND_VIDEOS}."


# Answers that only Telegram gives


def went_wrong() -> str:
    """A defect of ours."""
    return "Something went wrong on my side, and it is in my log; please try again in a minute."


def restarting() -> str:
    """Asked while we stop."""
    return "Mintcast is restarting; please try again in a minute."


def asked_long_ago(minutes: int) -> str:
    """A command that Telegram kept while we were away, about what was to happen then."""
    return f"You asked that {minutes} minutes ago, when I was away; please ask again."


def say_what() -> str:
    """Something in a private chat that is no command and no coin."""
    return (
        "Send me a coin’s address or its pump.fun link, and I can tell you when it goes live;"
        " /help lists what else I can do."
    )


def offer() -> tuple[str, str]:
    """A coin was named by a link: what stands before its address, and what comes after."""
    return "The coin ", ": shall I post here when it goes live?"


OFFER_SUBSCRIBE = "Subscribe"
OFFER_LIVE = "Is it live?"


def which_topic(name: str, mint: str) -> tuple[str, str]:
    """The bot came into a forum by a link that names a coin: what to do, and what to type."""
    return (
        "In which topic should its alerts appear? Say this there:",
        f"/subscribe@{name} {mint}",
    )


IN_GENERAL = "Here, in General"
COPY_COMMAND = "Copy the command"


_FIRST = (
    "Start with /subscribe and a coin’s address or pump.fun link, right where its alerts should"
    " appear. /help shows the rest."
)


def welcome(missing: Sequence[str], notes: Sequence[str]) -> str:
    """The one message after somebody added the bot to a group."""
    lines = [
        "Mintcast is here. I post when a pump.fun coin goes live, and make clips of its stream.",
        _FIRST,
    ]
    if missing:
        lines.append(f"I still lack: {', '.join(missing)}.")
    return "\n".join([*lines, *notes])


# Menus

BACK = "« Back"
UNSUBSCRIBE = "Unsubscribe"
PREVIOUS = "«"
NEXT = "»"
SETTINGS = "Settings"
TEST = "See an alert"

MENU_IS_OLD = "I do not know this button (any more); please type the command once more."


def choose(name: Preference) -> str:
    """Over the choices of a preference."""
    hint = (
        " The hours are those of the zone: /settings zone Europe/Berlin."
        if name is Preference.NIGHT
        else ""
    )
    return f"{WORDS[name].menu}: what should it be?{hint}"


# The connection, for health and the log


def connecting() -> str:
    """At the start."""
    return "connecting"


def connected(name: str) -> str:
    """All is well."""
    return f"on as @{name}"


def on(name: str) -> str:
    """The line at the start."""
    return (
        f"Telegram: on as @{name}; open https://t.me/{name} for a private chat, or"
        f" https://t.me/{name}?startgroup=1 to add it to a group"
    )


def unreachable(detail: str) -> str:
    """Telegram does not answer."""
    return f"Telegram cannot be reached ({detail}); it is tried again and again"


def no_answer(api_url: str, detail: str) -> str:
    """`mintcast check`: the same, asked once."""
    return (
        f"{common.shown_url(api_url)} does not answer ({detail}); look at the network, and at"
        " telegram.api_url if that was changed"
    )


def token_shared() -> str:
    """A second poller (409)."""
    return (
        "another program polls with this token (409), so each misses what the other gets; stop it,"
        " or get a new token from @BotFather (/revoke)"
    )


def token_shared_long() -> str:
    """It has lasted for a minute."""
    return f"{token_shared()}. Until then nothing is posted from here, so that alerts do not double"


def token_refused() -> str:
    """What to do about a wrong token."""
    return (
        "Telegram does not take the token; copy it from @BotFather (/mybots, your bot, API Token)"
        " into TELEGRAM_TOKEN, and restart Mintcast"
    )


def token_good(name: str) -> str:
    """`mintcast check`: the token works."""
    return (
        f"@{common.shown(name)} can log in; https://t.me/{name} is its private chat, and"
        f" https://t.me/{name}?startgroup=1 adds it to a group"
    )
