"""The last seconds of a few streams, at hand before anybody asks: who gets them, and who keeps
them."""

from bot.clips.rings.claims import AllOurs, RingClaims, SharedRings
from bot.clips.rings.keeper import RingKeeper
from bot.clips.rings.policy import places_for

__all__ = ["AllOurs", "RingClaims", "RingKeeper", "SharedRings", "places_for"]
