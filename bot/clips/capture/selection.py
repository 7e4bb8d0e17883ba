"""Whose picture and whose sound to take, out of all that is published in a room. Pure.

The picture is the screen share where there is one, as viewers see it large, else the camera. It
comes from the host, else from who has a picture that is on; who was chosen stays chosen as long
as that is so. Sound comes from the same publisher: the microphone, else what the screen plays;
from another one only where the chosen one publishes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.clips.capture.canvas import Size


class Source(StrEnum):
    """What a track shows."""

    CAMERA = "camera"
    SCREEN = "screen"
    MICROPHONE = "microphone"
    SCREEN_SOUND = "screen-sound"
    OTHER_PICTURE = "other-picture"
    OTHER_SOUND = "other-sound"

    @property
    def is_picture(self) -> bool:
        """Whether it is a video track."""
        return self in _PICTURES


_PICTURES = (Source.SCREEN, Source.CAMERA, Source.OTHER_PICTURE)
_SOUNDS = (Source.MICROPHONE, Source.SCREEN_SOUND, Source.OTHER_SOUND)


_UNANNOUNCED = Size(0, 0)


@dataclass(frozen=True, slots=True)
class Published:
    """One publication. `size` is what the publisher announced, 0 x 0 where it did not."""

    identity: str
    sid: str
    source: Source
    muted: bool = False
    size: Size = _UNANNOUNCED
    host: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What to subscribe to."""

    picture: Published | None = None
    sound: Published | None = None


def choose(published: Sequence[Published], current: str | None = None) -> Choice:
    """The feeds of a clip; `current` is the identity that was chosen before."""
    ranked = sorted(published, key=lambda p: _picture_rank(p, current))
    picture = next((p for p in ranked if p.source.is_picture), None)
    whose = picture.identity if picture else current
    sounds = [p for p in published if not p.source.is_picture]
    sound = min(sounds, key=lambda p: _sound_rank(p, whose), default=None)
    return Choice(picture, sound)


def _picture_rank(p: Published, current: str | None) -> tuple[object, ...]:
    kind = _PICTURES.index(p.source) if p.source.is_picture else len(_PICTURES)
    return (p.muted, not p.host, p.identity != current, kind, p.identity, p.sid)


def _sound_rank(p: Published, whose: str | None) -> tuple[object, ...]:
    return (p.identity != whose, p.muted, not p.host, _SOUNDS.index(p.source), p.identity, p.sid)
