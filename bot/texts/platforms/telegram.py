"""What only Telegram's chats, menus and connection need."""

from __future__ import annotations

from collections.abc import Sequence

from bot.texts import common, units

GENERAL = "General"

# Rights, as Telegram's own settings call them

SEND_TEXT = "Send text messages"
SEND_PHOTOS = "Send media: Photos"
SEND_VIDEOS = "Send media: Video files"
POST_MESSAGES = "Post messages"
MEMBERSHIP = "to be a member"


def no_pictures() -> str:
    """A note: alerts come, and are less nice."""
    return f"Alerts will have no picture. Grant {SEND_PHOTOS} to change that."


def no_videos() -> str:
    """A note: clips will not come."""
    return f"I can't post clips. Grant {SEND_VIDEOS} to change that."


# Answers that only Telegram gives


def went_wrong() -> str:
    """A defect of ours."""
    return "Something went wrong on my side. Try again in a minute."


def restarting() -> str:
    """Asked while we stop."""
    return "Mintcast is restarting. Try again in a minute."


def admins_unknown() -> str:
    """The bot is not told who manages a chat."""
    return (
        "Telegram doesn't show me who manages this chat. Make me an admin here, or send the"
        " command anonymously."
    )


def asked_long_ago(minutes: int) -> str:
    """A command that Telegram kept while we were away, about what was to happen then."""
    return f"That was {units.span(60 * minutes)} ago, and I was offline. Send it again."


def say_what() -> str:
    """Something in a private chat that is no command and no coin."""
    return (
        "Send me a coin's address or pump.fun link to follow it here. /help lists what else I can"
        " do."
    )


FOLLOWED = "Followed here."


def which_topic(name: str, mint: str) -> tuple[str, str]:
    """The bot came into a forum by a link that names a coin: what to do, and what to type."""
    return (
        "Which topic should its alerts go to? Send this there:",
        f"/subscribe@{name} {mint}",
    )


IN_GENERAL = "Here, in General"
COPY_COMMAND = "Copy the command"


_FIRST = (
    "Run /subscribe with a coin's address or pump.fun link where its alerts should appear. /help"
    " shows the rest."
)


def welcome(missing: Sequence[str], notes: Sequence[str]) -> str:
    """The one message after somebody added the bot to a group."""
    lines = [
        "Mintcast is here. I post when a pump.fun coin goes live, and make clips of its stream.",
        _FIRST,
    ]
    if missing:
        lines.append(f"I still need: {', '.join(missing)}.")
    return "\n".join([*lines, *notes])


# Menus

BACK = "« Back"
UNSUBSCRIBE = "Unsubscribe"
SETTINGS = "Settings"
TEST = "Preview alert"

MENU_IS_OLD = "This button no longer works. Type the command again."


# The connection, for health and the log


def connecting() -> str:
    """At the start."""
    return "connecting"


def connected(name: str) -> str:
    """All is well."""
    return f"connected as @{name}"


def on(name: str) -> str:
    """The line at the start."""
    return (
        f"Telegram: connected as @{name}. Private chat: https://t.me/{name}; add it to a group:"
        f" https://t.me/{name}?startgroup=1"
    )


def unreachable(detail: str) -> str:
    """Telegram does not answer."""
    return f"Telegram can't be reached ({detail}); retrying"


def told_to_wait(seconds: float) -> str:
    """It answers that we ask too much (429)."""
    return f"Telegram lets the bot read no messages for {units.span(seconds)}; then it goes on"


def no_answer(api_url: str, detail: str) -> str:
    """`mintcast check`: the same, asked once."""
    return (
        f"{common.shown_url(api_url)} isn't responding ({detail}). Check the network, and"
        " telegram.api_url if you changed it"
    )


def token_shared(*, by_webhook: bool, is_muted: bool) -> str:
    """A second program takes updates (409); `is_muted`: it has for a minute."""
    does = "keeps setting a webhook for" if by_webhook else "uses"
    then = ". Until then nothing is posted, to avoid double alerts" if is_muted else ""
    return (
        f"another program {does} this token (409), so each misses messages; stop it, or get a new"
        f" token from @BotFather (/revoke){then}"
    )


def token_refused() -> str:
    """What to do about a wrong token."""
    return (
        "Telegram rejected the token. Copy it from @BotFather (/mybots, your bot, API Token) into"
        " TELEGRAM_TOKEN, then restart Mintcast"
    )


def token_good(name: str) -> str:
    """`mintcast check`: the token works."""
    return (
        f"@{common.shown(name)} can log in. Private chat: https://t.me/{name}; add it to a group:"
        f" https://t.me/{name}?startgroup=1"
    )
