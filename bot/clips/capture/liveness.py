"""Who is in a room, and when a capture should be given up, as nothing more is to come. Pure.

Only the picture tells that a publisher is alive: its sound goes on as silence for 20 s after it
died (measured on LiveKit 1.13.5). A camera that is muted is no reason: the last picture is held.

Patience with somebody begins when we could see that there was something to wait for: time in which
we were disconnected, or stood still ourselves, is nobody's fault and counts for no clock. What a
person waits for is bounded all the same, by the length of the clip.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.clips.capture.media.timeline import SECOND
from bot.model import CaptureEnd, VideoFault

RETURN_SECONDS = 8.0
"""How long a publisher who left may take to come back."""

STALL_SECONDS = 10.0
"""How long a picture that is neither muted nor unpublished may stand still."""

LOST_SECONDS = 20.0
"""How long the connection may be away; the SDK itself gives up after 18 to 27 s."""

TAIL_SECONDS = 2.0
"""A clip whose picture stopped longer than this before its end is cut there."""

BLIND_SECONDS = 1.0
"""Between two looks that are so far apart we stood still ourselves."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Who and what is in the room now. `fault`: why its picture cannot be had; `sound_muted`: all
    of its sounds are; `sounds_left_out`: how many are on that we do not take."""

    publisher: bool = False
    picture: bool = False
    picture_muted: bool = False
    sound: bool = False
    sound_muted: bool = False
    sounds_left_out: int = 0
    fault: VideoFault | None = None

    @property
    def shows(self) -> bool:
        """Whether there is a picture that comes, or should."""
        return self.picture and not self.picture_muted and self.fault is None


@dataclass(frozen=True, slots=True)
class Liveness:
    """What is known of a room at a moment; times are microseconds, None: never or not the case.

    `whole` is the last moment that lacked nothing: a picture came, or none was due. The others are
    since when it has been so before our eyes.
    """

    now: int
    whole: int | None = None
    publisher_gone_since: int | None = None
    disconnected_since: int | None = None
    picture_expected_since: int | None = None
    connected_since: int | None = None


class LivenessTracker:
    """Keeps, look by look, since when each thing is so: from the look that first saw it."""

    def __init__(self) -> None:
        self._looked: int | None = None
        self._since: dict[str, int] = {}
        self._whole: int | None = None

    def look(
        self,
        now: int,
        *,
        connected: bool,
        publisher: bool,
        picture: bool,
        last_picture: int | None,
    ) -> Liveness:
        """What is so now: the line, a publisher, and a picture that is neither muted nor refused.

        `last_picture` is the time of the last one that came.
        """
        if self._looked is None or now - self._looked > BLIND_SECONDS * SECOND:
            self._since.clear()
        self._looked = now
        if last_picture is not None:
            none_due = connected and publisher and not picture
            self._whole = max(self._whole or 0, now if none_due else last_picture)
        return Liveness(
            now,
            whole=self._whole,
            publisher_gone_since=self._clock("gone", connected and not publisher),
            disconnected_since=self._clock("away", not connected),
            picture_expected_since=self._clock("expected", connected and picture),
            connected_since=self._clock("here", connected),
        )

    def _clock(self, name: str, runs: bool) -> int | None:
        assert self._looked is not None
        if runs:
            return self._since.setdefault(name, self._looked)
        self._since.pop(name, None)
        return None


def given_up(liveness: Liveness) -> CaptureEnd | None:
    """Why to stop now, if so."""
    if _older(liveness.disconnected_since, liveness.now, LOST_SECONDS):
        return CaptureEnd.CONNECTION_LOST
    if liveness.disconnected_since is not None:
        return None  # nobody can be seen through a broken line
    if _older(liveness.publisher_gone_since, liveness.now, RETURN_SECONDS):
        return CaptureEnd.PUBLISHER_GONE
    if _older(
        _patient_since(liveness, liveness.picture_expected_since), liveness.now, STALL_SECONDS
    ):
        return CaptureEnd.PICTURE_STOPPED
    return None


def cut_short(liveness: Liveness, end: int) -> CaptureEnd | None:
    """Why a clip that reached its `end` has no picture of its last seconds, if so."""
    reasons = (
        (liveness.disconnected_since, CaptureEnd.CONNECTION_LOST),
        (liveness.publisher_gone_since, CaptureEnd.PUBLISHER_GONE),
        (liveness.picture_expected_since, CaptureEnd.PICTURE_STOPPED),
    )
    for since, reason in reasons:
        if since is not None:
            return reason if _older(_patient_since(liveness, since), end, TAIL_SECONDS) else None
    return None


def media_deadline(liveness: Liveness, began: int, patience: float) -> int:
    """Until when a room may stay without media: `patience` seconds from when there was most to
    wait for, and twice that in all."""
    least = round(patience * SECOND)
    seen = (liveness.connected_since, liveness.picture_expected_since)
    since = max((at for at in seen if at is not None), default=began + least)
    return min(began + 2 * least, max(began, since) + least)


def _patient_since(liveness: Liveness, since: int | None) -> int | None:
    """From when on to count what began `since`: nothing is missed that came after it."""
    if since is None or liveness.whole is None:
        return None
    return max(since, liveness.whole)


def _older(since: int | None, now: int, seconds: float) -> bool:
    return since is not None and now - since > seconds * SECOND
