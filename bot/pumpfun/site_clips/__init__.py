"""The clips that pump.fun itself has of a coin's streams: what it lists, and their files."""

from bot.pumpfun.site_clips.downloads import ClipDownloads
from bot.pumpfun.site_clips.rows import site_clips

__all__ = ["ClipDownloads", "site_clips"]
