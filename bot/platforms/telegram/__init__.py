"""Telegram: commands, alerts and clips in private chats, groups, topics and channels."""

from bot.platforms.telegram.platform import TelegramPlatform, ask_token

__all__ = ["TelegramPlatform", "ask_token"]
