"""Discord: slash commands, alerts and clips, by one token."""

from bot.platforms.discord.addresses import Interaction, address_at, address_of
from bot.platforms.discord.connection.connection import ask_token
from bot.platforms.discord.connection.invitation import PURPOSES, invite_permissions
from bot.platforms.discord.platform import DiscordPlatform
from bot.platforms.discord.requests.caller import sees_of
from bot.platforms.discord.requests.dispatcher import (
    RequestDispatcher,
    RequestOptions,
    dispatcher_of,
    readiness_at,
)
from bot.platforms.discord.requests.suggestions import SlashCommand

__all__ = [
    "PURPOSES",
    "DiscordPlatform",
    "Interaction",
    "RequestDispatcher",
    "RequestOptions",
    "SlashCommand",
    "address_at",
    "address_of",
    "ask_token",
    "dispatcher_of",
    "invite_permissions",
    "readiness_at",
    "sees_of",
]
