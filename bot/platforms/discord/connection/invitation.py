"""How somebody adds the bot to a server, and the permissions that this asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import discord

from bot import texts

PURPOSES: Mapping[str, tuple[str, str]] = MappingProxyType(texts.discord.PERMISSIONS)
"""Each permission that is used, by Discord's name for it in the API: how Discord's settings call
it, and what it is for."""


def invite_permissions() -> int:
    """What an invitation asks for, as Discord counts permissions: all that is used, no more."""
    return discord.Permissions(**dict.fromkeys(PURPOSES, True)).value


def invite_url(application_id: int | None) -> str:
    """Where somebody may add the bot to a server; empty while nobody knows who we are."""
    if application_id is None:
        return ""
    return discord.utils.oauth_url(
        application_id,
        permissions=discord.Permissions(invite_permissions()),
        scopes=("bot", "applications.commands"),
    )
