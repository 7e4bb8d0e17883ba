"""When a capture should be given up, because nothing more is to come. Pure.

Only the picture tells that a publisher is alive: its sound goes on as silence for 20 s after it
died (measured on LiveKit 1.13.5). A camera that is muted is no reason: the last picture is held.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.clips.capture.timeline import SECOND
from bot.model import CaptureEnd

RETURN_SECONDS = 8.0
"""How long a publisher who left may take to come back."""

STALL_SECONDS = 10.0
"""How long a picture that is neither muted nor unpublished may stand still."""

LOST_SECONDS = 20.0
"""How long the connection may be away; the SDK itself gives up after 18 to 27 s."""

TAIL_SECONDS = 2.0
"""A clip whose picture stopped longer than this before its end is cut there."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known at a moment; times are microseconds, None: never or not the case."""

    now: int
    last_picture: int | None = None
    publisher_gone_since: int | None = None
    disconnected_since: int | None = None
    picture_expected: bool = False


def given_up(signs: Signs) -> CaptureEnd | None:
    """Why to stop now, if so."""
    if _older(signs.disconnected_since, signs.now, LOST_SECONDS):
        return CaptureEnd.CONNECTION_LOST
    if signs.disconnected_since is not None:
        return None  # nobody can be seen through a broken line
    if _older(signs.publisher_gone_since, signs.now, RETURN_SECONDS):
        return CaptureEnd.PUBLISHER_GONE
    if signs.picture_expected and _older(signs.last_picture, signs.now, STALL_SECONDS):
        return CaptureEnd.PICTURE_STOPPED
    return None


def cut_short(signs: Signs, end: int) -> CaptureEnd | None:
    """Why a clip that reached its `end` has no picture of its last seconds, if so."""
    if signs.last_picture is None or end - signs.last_picture <= TAIL_SECONDS * SECOND:
        return None
    if signs.disconnected_since is not None:
        return CaptureEnd.CONNECTION_LOST
    if signs.publisher_gone_since is not None:
        return CaptureEnd.PUBLISHER_GONE
    return CaptureEnd.PICTURE_STOPPED if signs.picture_expected else None


def _older(since: int | None, now: int, seconds: float) -> bool:
    return since is not None and now - since > seconds * SECOND
