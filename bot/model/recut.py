"""The same clip with another window: what each button under it means. Pure."""

from __future__ import annotations

from enum import StrEnum

from bot.model.window import Window

RECUT_STEP = 10.0
"""Seconds that a press moves a clip, or makes it longer or shorter by."""

SHORTEST = 5.0

FREE_RECUTS = 3
"""So often a clip is cut anew before that counts as asking for another one."""

_LEAST_CHANGE = 1.0
"""What differs by less looks like a press that did nothing."""

_SLACK = 0.5
"""What is at hand begins and ends at a group of pictures, so that it may be that far off."""


class Recut(StrEnum):
    """How a clip is to be cut anew. What has just happened is at its end: so it grows and shrinks
    at its beginning."""

    EARLIER = "earlier"
    LATER = "later"
    LONGER = "longer"
    SHORTER = "shorter"


def wanted_window(window: Window, recut: Recut, longest: float) -> Window | None:
    """What a clip of `window` becomes, at most `longest` seconds; None: it is as long, or as short,
    as can be."""
    match recut:
        case Recut.EARLIER:
            return window.moved(-RECUT_STEP)
        case Recut.LATER:
            return window.moved(RECUT_STEP)
        case Recut.LONGER:
            # It may be longer already: the setting was another one when it was made.
            return _of_length(
                window, max(window.seconds, min(longest, window.seconds + RECUT_STEP))
            )
        case Recut.SHORTER:
            return _of_length(
                window, max(min(SHORTEST, window.seconds), window.seconds - RECUT_STEP)
            )


def within_reach(shown: Window, window: Window, reach: Window) -> Window | None:
    """What of `window` can be had, where `reach` is all that is at hand; None: that is hardly
    another than what is `shown`. One that only moves keeps its length, and one that grows what it
    has, to within half a second."""
    if abs(window.seconds - shown.seconds) < _LEAST_CHANGE:
        return _moved_within(shown, window, reach)
    if shown.covers(window):
        return _nearly_all_of(window, reach)
    part = window.within(reach)
    grows = part is not None and part.widened(_SLACK).covers(shown)
    return part if part and grows and part.seconds - shown.seconds >= _LEAST_CHANGE else None


def _of_length(window: Window, seconds: float) -> Window | None:
    if abs(seconds - window.seconds) < _LEAST_CHANGE:
        return None
    return Window.before(window.ends_at, seconds)


def _moved_within(shown: Window, window: Window, reach: Window) -> Window | None:
    """As far as it can be, and that way."""
    move = (window.begins_at - shown.begins_at).total_seconds()
    if move < 0:
        beyond = (reach.begins_at - window.begins_at).total_seconds()
        moved = window.moved(max(0.0, beyond))
    else:
        beyond = (window.ends_at - reach.ends_at).total_seconds()
        moved = window.moved(-max(0.0, beyond))
    is_that_way = abs(move) - max(0.0, beyond) >= _LEAST_CHANGE
    return _nearly_all_of(moved, reach) if is_that_way else None


def _nearly_all_of(window: Window, reach: Window) -> Window | None:
    """What of it is in reach; None where somebody would miss the rest. It is never more than there
    is, or a second press would find another clip made than it asks for."""
    return window.within(reach) if reach.widened(_SLACK).covers(window) else None
