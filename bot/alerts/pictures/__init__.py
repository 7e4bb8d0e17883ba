"""What alerts show beside their words: pictures of streams and of coins."""

from bot.alerts.pictures.newest import OLD, NoStills, Site, Stills
from bot.alerts.pictures.pictures import UPDATED_AFTER, Pictures

__all__ = ["OLD", "UPDATED_AFTER", "NoStills", "Pictures", "Site", "Stills"]
