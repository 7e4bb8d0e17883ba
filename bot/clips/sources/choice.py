"""Which of several offers a clip is cut of. Pure.

Two sources are never joined in one clip: their clocks are apart by nobody knows how much. So it is
the whole of the window from one of them, or a part of it that is worth a clip, or nothing: then the
next seconds are recorded in its place where the last ones were asked for, and what lies further
back is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.model import Offer, Window

ENOUGH_SECONDS = 5.0
ENOUGH_SHARE = 0.5
"""So much of a window, or so large a part of it, is better than something else."""

SLACK_SECONDS = 0.5
"""A clip begins and ends at a group of pictures: so much less is the whole of a window."""


def choose(window: Window, offers: Iterable[Offer]) -> Offer | None:
    """The whole of the window, from whom it comes soonest; else the longest part of it; of equal
    ones the first. None: too little of it is at hand."""
    enough = [offer for offer in offers if is_enough(offer.window, window)]
    whole = [offer for offer in enough if is_whole(offer.window, window)]
    if whole:
        return min(whole, key=lambda offer: offer.in_seconds)
    return max(enough, key=lambda offer: offer.window.seconds, default=None)


def is_whole(part: Window, window: Window) -> bool:
    """Whether nobody would miss the rest of it."""
    return part.is_about(window, SLACK_SECONDS)


def is_enough(part: Window, window: Window) -> bool:
    """Whether a part of it is worth a clip."""
    return part.seconds >= min(ENOUGH_SECONDS, ENOUGH_SHARE * window.seconds)
