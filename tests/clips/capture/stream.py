"""A stream as a capture sees it, look by look."""

from __future__ import annotations

from typing import Self

from bot.clips.capture.history import History, Look
from bot.clips.capture.liveness import LivenessTracker, given_up
from bot.clips.capture.media.frame_losses import LossCounts
from bot.clips.capture.media.timeline import SECOND
from bot.model import VideoFault

TICK = SECOND // 10


class Stream:
    """Ten looks a second, with a new picture and sound at each, from time 0 on."""

    def __init__(self, *, heard: bool = True) -> None:
        self.history = History()
        self._tracker = LivenessTracker()
        self._heard = heard
        self._now = 0
        self._last_picture: int | None = None
        self._last_sound: int | None = None

    def goes_on(
        self, seconds: float, *, publisher: bool = True, picture: bool = True, faulty: bool = False
    ) -> Self:
        """For so long; without a publisher, or a picture, or with one that cannot be had."""
        for _ in range(round(seconds * SECOND / TICK)):
            self._now += TICK
            shows = publisher and picture and not faulty
            if shows:
                self._last_picture = self._now
            if publisher and self._heard:
                self._last_sound = self._now
            self.history.add(self._look(publisher=publisher, shows=shows, faulty=faulty))
        return self

    def _look(self, *, publisher: bool, shows: bool, faulty: bool) -> Look:
        liveness = self._tracker.look(
            self._now,
            connected=True,
            publisher=publisher,
            picture=shows,
            last_picture=self._last_picture,
        )
        return Look(
            liveness,
            given_up=given_up(liveness),
            fault=VideoFault.UNDECODABLE if faulty else None,
            last_sound=self._last_sound,
            sounds=1 if self._heard else 0,
            counts=LossCounts(received=self._now // TICK),
        )
