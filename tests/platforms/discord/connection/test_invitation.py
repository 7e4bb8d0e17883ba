"""What an invitation asks for, and where it leads."""

from __future__ import annotations

import discord

from bot.platforms.discord.connection.invitation import PURPOSES, invite_permissions, invite_url


def test_an_invitation_asks_for_exactly_what_is_used() -> None:
    asked = discord.Permissions(invite_permissions())
    assert {name for name, value in asked if value} - {"read_messages"} == set(PURPOSES) - {
        "view_channel"
    }
    assert asked.view_channel
    assert not asked.administrator
    assert all(name and why for name, why in PURPOSES.values())


def test_without_an_application_there_is_no_invitation() -> None:
    assert invite_url(None) == ""
    assert "client_id=77" in invite_url(77)
