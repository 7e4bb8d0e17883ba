"""The page on this machine, and its chat."""

from bot.platforms.local.platform import LocalPlatform

__all__ = ["LocalPlatform"]
