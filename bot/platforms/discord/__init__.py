"""Discord: slash commands, alerts and clips, by one token."""

from bot.platforms.discord.caller import Interaction, address_at, address_of, sees_of
from bot.platforms.discord.desk import Desk, Wish, desk_of, readiness_at
from bot.platforms.discord.permissions import PURPOSES, invite_permissions
from bot.platforms.discord.platform import DiscordPlatform
from bot.platforms.discord.token import ask_token

__all__ = [
    "PURPOSES",
    "Desk",
    "DiscordPlatform",
    "Interaction",
    "Wish",
    "address_at",
    "address_of",
    "ask_token",
    "desk_of",
    "invite_permissions",
    "readiness_at",
    "sees_of",
]
