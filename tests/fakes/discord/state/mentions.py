"""Who is really pinged by a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.fakes.discord.api.refusals import Invalid
from tests.fakes.discord.state.messages import Message
from tests.fakes.discord.state.permissions import bits

Json = dict[str, Any]

EVERYONE = bits(["mention_everyone"])

_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
_ALL = re.compile("@(everyone|here)")
_KINDS = ("users", "roles")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What `allowed_mentions` allows: everything where the request says nothing."""

    parse: frozenset[str]
    users: frozenset[int]
    roles: frozenset[int]

    @classmethod
    def of(cls, told: Json | None) -> Allowed:
        """Raises `Invalid` where a kind is both parsed and listed."""
        if told is None:
            return cls(frozenset(["users", "roles", "everyone"]), frozenset(), frozenset())
        parse = frozenset(told.get("parse") or ())
        listed = {kind: frozenset(map(int, told.get(kind) or ())) for kind in _KINDS}
        both = {f"allowed_mentions.{kind}": "is parsed too" for kind in parse if listed.get(kind)}
        if both:
            raise Invalid(both)
        return cls(parse, listed["users"], listed["roles"])


def ping(message: Message, told: Json | None) -> None:
    """Set whom a new message pings. Only its content does, and only once: no edit pings."""
    allowed = Allowed.of(told)
    if message.ephemeral:
        return
    held = message.channel.bot_permissions()
    users = [int(one) for one in _USER.findall(message.content)]
    message.mention_users = [
        one for one in users if "users" in allowed.parse or one in allowed.users
    ]
    message.mention_roles = [
        one
        for one in map(int, _ROLE.findall(message.content))
        if ("roles" in allowed.parse or one in allowed.roles) and _may(message, one, held)
    ]
    everyone = bool(_ALL.search(message.content)) and "everyone" in allowed.parse
    message.mention_everyone = everyone and bool(held & EVERYONE)


def _may(message: Message, role: int, held: int) -> bool:
    guild = message.channel.guild
    if guild is None or role not in guild.roles:
        return False
    return guild.roles[role].mentionable or bool(held & EVERYONE)
