"""What alerts show beside their words: pictures of streams and of coins."""

from bot.alerts.pictures.newest import OLD, LivePictures, NoLivePictures, Site
from bot.alerts.pictures.pictures import Pictures

__all__ = ["OLD", "LivePictures", "NoLivePictures", "Pictures", "Site"]
