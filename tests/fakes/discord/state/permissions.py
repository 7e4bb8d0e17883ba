"""Who may do what where: names as in discord.py, bits and rules as at Discord."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import discord

ALL = discord.Permissions.all().value

BOT_BY_DEFAULT = (
    "view_channel",
    "send_messages",
    "send_messages_in_threads",
    "embed_links",
    "attach_files",
    "read_message_history",
    "use_application_commands",
)
MEMBER_BY_DEFAULT = (*BOT_BY_DEFAULT, "add_reactions", "use_external_apps")


def bits(names: Iterable[str]) -> int:
    """The number of some permissions."""
    return discord.Permissions(**dict.fromkeys(names, True)).value


def names(value: int) -> set[str]:
    """The permissions of a number."""
    return {name for name, held in discord.Permissions(value) if held}


VIEW, SEND, ADMINISTRATOR = bits(["view_channel"]), bits(["send_messages"]), bits(["administrator"])


@dataclass(slots=True)
class Overwrite:
    """What a channel allows and denies one role (kind 0) or member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0

    def applied(self, value: int) -> int:
        """The permissions after it."""
        return (value & ~self.deny) | self.allow


def in_channel(
    base: int, overwrites: Iterable[Overwrite], *, everyone: int, roles: set[int], member: int
) -> int:
    """Of a member who has `base` in the server and these roles, by Discord's order of rules."""
    if base & ADMINISTRATOR:
        return ALL
    listed = list(overwrites)
    value = base
    for one in listed:
        if one.id == everyone:
            value = one.applied(value)
    of_roles = [one for one in listed if one.kind == 0 and one.id in roles - {everyone}]
    for one in of_roles:
        value &= ~one.deny
    for one in of_roles:
        value |= one.allow
    for one in listed:
        if one.kind == 1 and one.id == member:
            value = one.applied(value)
    return value if value & VIEW else 0
