"""How clips are encoded, live or anew: bits, the picture's size, x264 and AAC. The front is what
can be planned without `av`."""

from bot.clips.encoding.rate import GOP_SECONDS, Rate, fewest_bytes, plan

__all__ = ["GOP_SECONDS", "Rate", "fewest_bytes", "plan"]
