"""Where a clip's picture and sound come from: one port, several sources, and the choice of one."""

from bot.clips.sources.port import ClipSource

__all__ = ["ClipSource"]
