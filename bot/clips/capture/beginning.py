"""When a capture begins: as soon as what comes is fit to be seen, whoever waits for it."""

from __future__ import annotations

from bot.clips.capture.liveness import Liveness, Presence, media_deadline
from bot.clips.capture.media.room_recorder import RoomRecorder
from bot.clips.capture.media.timeline import SECOND

MEDIA_SECONDS = 14.0
"""How long a room may stay without media. Some streaming programs send a keyframe each 10 s."""

SETTLE_SECONDS = 2.0
"""It begins at the latest so long after the first picture, settled or not, if that could be
decoded."""

_LEAST_SETTLE_SECONDS = 1.0
_TRIALS = {True: 0.0, None: 4.0, False: MEDIA_SECONDS}
"""How long pictures are tried before it begins with them: can they be decoded?"""

_SOUND_ALONE_SECONDS = 3.0


class Beginning:
    """Looked at until the capture has begun: with a picture, else with the sound alone."""

    def __init__(self, recorder: RoomRecorder) -> None:
        self._recorder = recorder
        self._since = recorder.now
        self._asked = False

    def look(self, presence: Presence, liveness: Liveness) -> None:
        """Begin, if it is time to."""
        first_picture = self._recorder.first_picture
        if first_picture is None or presence.fault is not None:
            self._begin_without_picture(presence, liveness)
        elif not self._asked and self._settled(presence, first_picture):
            self._asked = True
            self._recorder.begin()

    def _settled(self, presence: Presence, first_picture: int) -> bool:
        age = (self._recorder.now - first_picture) / SECOND
        expects_sound = presence.sound and self._recorder.first_sound is None
        if age < _TRIALS[self._recorder.decodable]:
            return False
        ready = self._recorder.settled and not expects_sound
        return age >= SETTLE_SECONDS or (age >= _LEAST_SETTLE_SECONDS and ready)

    def _begin_without_picture(self, presence: Presence, liveness: Liveness) -> None:
        recorder, first = self._recorder, self._recorder.first_sound
        if first is None or presence.sound_muted or recorder.disconnected_since is not None:
            return
        deadline = media_deadline(liveness, self._since, MEDIA_SECONDS)
        if not presence.shows:
            deadline = min(deadline, first + round(_SOUND_ALONE_SECONDS * SECOND))
        if recorder.now >= deadline:
            recorder.begin_with_sound()
