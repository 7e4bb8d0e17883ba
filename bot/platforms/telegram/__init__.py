"""Telegram: commands, alerts and clips in private chats, groups, topics and channels."""

from bot.platforms.telegram.connection.token import ask_token
from bot.platforms.telegram.platform import TelegramPlatform

__all__ = ["TelegramPlatform", "ask_token"]
