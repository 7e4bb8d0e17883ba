"""What only Discord's servers, buttons and options need: permissions, the greeting, the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.texts import units
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
        "to look for my own alert after a crash, and not post it twice",
    ),
}

CONNECT = "Connect"
"""Needed in voice and stage channels alone, and no invitation asks for it."""

MENTION_ALL = "Mention @everyone, @here, and All Roles"


def no_history() -> str:
    """A note: something is lacking that is rarely needed."""
    return (
        "I don't have Read Message History there. I can post, but after a crash I can't check"
        " whether the last post arrived."
    )


def role_not_mentionable(role: str) -> str:
    """A note: the alert would come, and nobody would be pinged. `role` is an outsider's text."""
    return (
        f"I can't mention {role}. Allow anyone to @mention it in the role's settings, or grant me"
        f" {MENTION_ALL} there."
    )


def archived() -> str:
    """A note: the thread wakes up."""
    return "That thread is archived. My first post reopens it."


# Where nothing can be posted, whatever the permissions


def choose_a_post() -> str:
    """The channel is a forum."""
    return (
        "I can't post in a forum itself. Choose one of its posts, or run the command inside that"
        " post."
    )


def thread_locked() -> str:
    """The thread is locked, and we do not manage threads."""
    return "That thread is locked. Unlock it, or choose another channel."


def thread_private() -> str:
    """A private thread that the bot is not in."""
    return "I'm not in that private thread. Mention me there once, then try again."


def not_a_channel() -> str:
    """A category, or a kind that is newer than this program."""
    return "I can't post in that kind of channel. Choose a text channel or a thread."


def not_a_member() -> str:
    """Alerts need the bot itself in the server; an installation for a person is not enough."""
    return (
        "I'm not a member here, so I can't post alerts. /clip and /live still work. A server"
        " manager can invite me:"
    )


INVITE = "Invite me"


# Commands and buttons of another age


def unknown_here() -> str:
    """Discord still shows a command that is gone."""
    return "This command no longer exists. Reload Discord, then try /help."


def has_changed() -> str:
    """Discord still shows how a command was before an update."""
    return "This command has changed. Reload Discord and type it again."


def odd_option() -> str:
    """A value that Discord itself could not make out."""
    return "I can't use one of these values. Choose another and try again."


def went_wrong() -> str:
    """A defect of ours."""
    return "Something went wrong on my side. Try again in a minute."


def restarting() -> str:
    """Asked while we stop."""
    return "Mintcast is restarting. Try again in a minute."


def not_answered(name: str) -> str:
    """Said to all, in place of what was for one person alone. `name` is that person's own text."""
    return f"{name}, I couldn't answer you in time. Try again."


# The greeting

_HELLO = (
    "**Mintcast is here.** I post when a pump.fun coin goes live, and make clips of its stream."
)
_FIRST = (
    "Run `/subscribe` with a coin's address or pump.fun link in the channel where its alerts"
    " should appear. `/help` shows the rest."
)


def welcome(missing: Sequence[str]) -> str:
    """The one message after an invitation."""
    lines = [_HELLO, _FIRST]
    if missing:
        lines.append(f"I still need: {', '.join(missing)}.")
    return "\n".join(lines)


# Options of the commands that only Discord has

OPTIONS = {
    "channel": "Where alerts should appear: a channel, thread or forum post. Default: here",
    "subscribe role": "Role to mention (optional)",
    "reset": "Undo a choice and go back to the default",
    "everywhere": "Apply it to the whole server, not just this channel",
}
"""Beside an option for each preference."""

RESETS = {
    "default": "everything",
    **{
        f"{name.spec.word} {value}": label
        for name, words in WORDS.items()
        if not name.spec.is_part
        for value, label in (words.resets or {"default": name.spec.word}).items()
    },
}
"""Words of `/settings`, and what a person picks from."""

ALL_COINS = "All coins followed here"


# The connection, for health and the log


def connecting() -> str:
    """At the start."""
    return "connecting"


def connected(name: str, servers: int) -> str:
    """All is well."""
    return f"connected as {name} in {units.plural(servers, 'server')}"


def by_shards(here: Sequence[int], of: int) -> str:
    """Which of its connections are here."""
    which = "shard" if len(here) == 1 else "shards"
    return f", by {which} {', '.join(map(str, here))} of {of}"


def other_shards(ours: int, theirs: int) -> str:
    """Nodes are set up differently; this one doesn't connect."""
    return (
        f"not connected: `shards` under [discord] is {ours} here and {theirs} on the nodes that are"
        " connected. Set it alike on all, and stop them all before you change it"
    )


def started(name: str, servers: int, invite_url: str) -> str:
    """The line of the start."""
    return f"Discord: {connected(name, servers)}. Invite it with {invite_url}"


def reconnecting(since: datetime) -> str:
    """The gateway is gone for now; posting goes on."""
    return f"reconnecting since {since:%H:%M:%S} UTC; alerts are still posted"


def unreachable(detail: str) -> str:
    """Discord does not answer at the start."""
    return f"Discord can't be reached ({detail}); retrying"


def no_answer(detail: str) -> str:
    """`mintcast check`: the same, asked once."""
    return f"Discord can't be reached ({detail}). Check the network"


def token_refused() -> str:
    """What to do about a wrong token."""
    return (
        "Discord rejected the token. Copy a new one from the Developer Portal (your application,"
        " Bot, Reset Token) into DISCORD_TOKEN, then restart Mintcast"
    )


def closed_for_good(code: int) -> str:
    """Discord closed the connection, and trying again is of no use."""
    return _CLOSED.get(code) or (
        f"Discord closed the connection for good (code {code}). Look for an update of Mintcast,"
        " then restart it"
    )


_CLOSED = {
    4004: token_refused(),
    4010: (
        "Discord refused the shard (code 4010). Mintcast doesn't name one; report this as a bug"
    ),
    4011: (
        "This bot is in too many servers for one connection (code 4011), and this version of"
        " Mintcast has only one. Use a second bot for some of the servers"
    ),
    4012: ("Discord no longer supports this version of its protocol (code 4012). Update Mintcast"),
    4013: ("Discord doesn't know the requested intents (code 4013). Update Mintcast"),
    4014: (
        "Discord doesn't allow the requested intents (code 4014). Mintcast needs none that must be"
        " allowed: update it, and report this if it stays"
    ),
}


def token_shared() -> str:
    """Somebody else answers our interactions."""
    return (
        "another program uses the same token and answers commands first; stop it, or reset the"
        " token in the Developer Portal"
    )


def token_good(name: str, invite_url: str) -> str:
    """`mintcast check`: the token works."""
    return f"{name} can log in; invite it with {invite_url}"
