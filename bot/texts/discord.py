"""What only Discord's servers, buttons and options need: permissions, the greeting, the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.texts.preferences import WORDS

# The permissions, as Discord's own settings call them, and what each is for

PERMISSIONS = {
    "view_channel": ("View Channel", "to see the channel that alerts and clips go to"),
    "send_messages": ("Send Messages", "to post alerts and clips"),
    "send_messages_in_threads": (
        "Send Messages in Threads",
        "to post them in threads and forum posts",
    ),
    "embed_links": ("Embed Links", "for the card with title, coin and viewers"),
    "attach_files": ("Attach Files", "for the picture of an alert and the MP4 of a clip"),
    "read_message_history": (
        "Read Message History",
        "to look for an alert of my own after a crash, so that none comes twice",
    ),
}

MENTION_ALL = "Mention @everyone, @here, and All Roles"


def no_history() -> str:
    """A note: something is lacking that is rarely needed."""
    return (
        "I lack the permission Read Message History there. That works, but after a crash in the"
        " middle of a post I cannot look whether it arrived."
    )


def role_not_mentionable(role: str) -> str:
    """A note: the alert would come, and nobody would be pinged. `role` is an outsider's text."""
    return (
        f"I may not mention the role {role}: allow anyone to @mention it in its settings, or give"
        f" me the permission {MENTION_ALL} there."
    )


def archived() -> str:
    """A note: the thread wakes up."""
    return "That thread is archived; my first post there opens it again."


# Where nothing can be posted, whatever the permissions


def choose_a_post() -> str:
    """The channel is a forum."""
    return (
        "Nobody can post in a forum itself; please choose one of its posts, or use the command"
        " inside that post."
    )


def thread_locked() -> str:
    """The thread is locked, and we do not manage threads."""
    return (
        "That thread is locked, so I cannot post there; please unlock it, or choose another"
        " channel."
    )


def thread_private() -> str:
    """A private thread that the bot is not in."""
    return "That thread is private and I am not in it; mention me there once, then try again."


def not_a_channel() -> str:
    """A category, or a kind that is newer than this program."""
    return "I cannot post in that kind of channel; please choose a text channel or a thread."


def not_a_member() -> str:
    """Alerts need the bot itself in the server; an installation for a person is not enough."""
    return (
        "I am not a member here, so I cannot post alerts by myself; /clip and /live work all the"
        " same. Whoever manages a server can invite me into it:"
    )


INVITE = "Invite me"


# Commands and buttons of another age


def unknown_here() -> str:
    """Discord still shows a command that is gone."""
    return "I no longer have this command; please reload Discord, then see /help."


def has_changed() -> str:
    """Discord still shows how a command was before an update."""
    return "This command has changed since; please reload Discord and type it once more."


def odd_option() -> str:
    """A value that Discord itself could not make out."""
    return "I cannot use one of these values; please choose another one and try again."


def went_wrong() -> str:
    """A defect of ours."""
    return "Something went wrong on my side, and it is in my log; please try again in a minute."


def restarting() -> str:
    """Asked while we stop."""
    return "Mintcast is restarting; please try again in a minute."


# The greeting

_HELLO = (
    "**Mintcast is here.** I post when a pump.fun coin goes live, and make clips of its stream."
)
_FIRST = (
    "Start with `/subscribe` and a coin’s address or pump.fun link, in the channel where its"
    " alerts should appear. `/help` shows the rest."
)


def welcome(missing: Sequence[str]) -> str:
    """The one message after an invitation."""
    lines = [_HELLO, _FIRST]
    if missing:
        lines.append(f"I still lack: {', '.join(missing)}. Without them I cannot do all of that.")
    return "\n".join(lines)


# Options of the commands that only Discord has

OPTIONS = {
    "channel": "Where alerts should appear: a channel, a thread or a forum post; else right here",
    "subscribe role": "Whom its alerts mention; else nobody",
    "reset": "Take a choice back, so that the default counts again",
    "everywhere": "Let it count for all of this server, and not for this channel alone",
}
"""Beside an option for each preference."""

RESETS = {
    f"{name.spec.word} {value}": label
    for name, words in WORDS.items()
    if not name.spec.is_part
    for value, label in (words.resets or {"default": name.spec.word}).items()
}
"""Words of `/settings`, and what a person picks from."""

ALL_COINS = "All coins that are followed here"


# The connection, for health and the log


def connecting() -> str:
    """At the start."""
    return "connecting"


def connected(name: str, servers: int) -> str:
    """All is well."""
    return f"connected as {name} in {'1 server' if servers == 1 else f'{servers} servers'}"


def started(name: str, servers: int, invite_url: str) -> str:
    """The line of the start."""
    where = "1 server" if servers == 1 else f"{servers} servers"
    return f"Discord: on as {name}, in {where}; invite it with {invite_url}"


def reconnecting(since: datetime) -> str:
    """The gateway is gone for now; posting goes on."""
    return f"reconnecting since {since:%H:%M:%S} UTC; alerts are posted all the same"


def unreachable(detail: str) -> str:
    """Discord does not answer at the start."""
    return f"Discord cannot be reached ({detail}); it is tried again and again"


def token_refused() -> str:
    """What to do about a wrong token."""
    return (
        "Discord does not take the token; copy a new one from the Developer Portal (your"
        " application, Bot, Reset Token) into DISCORD_TOKEN, and restart Mintcast"
    )


def closed_for_good(code: int) -> str:
    """Discord closed the connection, and trying again is of no use."""
    return _CLOSED.get(code) or (
        f"Discord closed the connection for good (code {code}); please look for an update of"
        " Mintcast, and restart it"
    )


_CLOSED = {
    4004: token_refused(),
    4010: (
        "Discord refused the shard that was named (code 4010); please report this, Mintcast names"
        " none"
    ),
    4011: (
        "This bot is in so many servers that Discord wants it in several connections (code 4011);"
        " this version of Mintcast has one, so use another bot for some of the servers"
    ),
    4012: (
        "Discord no longer speaks this version of its protocol (code 4012); please update Mintcast"
    ),
    4013: (
        "Discord does not know what was asked of it (intents, code 4013); please update Mintcast"
    ),
    4014: (
        "Discord does not allow what was asked of it (intents, code 4014); Mintcast needs none"
        " that must be allowed, so please update it, and report this if it stays"
    ),
}


def token_shared() -> str:
    """Somebody else answers our interactions."""
    return (
        "another program uses the same token and answers commands before this one; stop it, or"
        " reset the token in the Developer Portal"
    )


def token_good(name: str, invite_url: str) -> str:
    """`mintcast check`: the token works."""
    return f"{name} can log in; invite it with {invite_url}"
