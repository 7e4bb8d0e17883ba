"""Whose picture and which sounds to take, out of all that is published in a room. Pure.

The picture is the screen share where there is one, as viewers see it large, else the camera. It
comes from the host, else from who has a picture that is on; who was chosen stays chosen as long
as that is so. One that cannot be received is taken where there is no other, so that it can be said
why. All sounds are taken, of microphones and of screens, up to a number of them that no room of
people reaches: those that are on before those that are muted, then the hosts', then those of who is
seen, then whose were taken before.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.clips.capture.protocol import Source
from bot.clips.encoding.canvas import Size
from bot.model import VideoFault

_PICTURES = (Source.SCREEN, Source.CAMERA, Source.OTHER_PICTURE)
_SOUNDS = (Source.MICROPHONE, Source.SCREEN_SOUND, Source.OTHER_SOUND)
_UNANNOUNCED = Size(0, 0)
_DECODABLE = ("", "video/vp8", "video/h264", "video/vp9", "video/av1")
_H265 = ("video/h265", "video/hevc")
_MOST_METADATA = 16_384

MOST_SOUNDS = 16
"""A room may publish hundreds."""


@dataclass(frozen=True, slots=True)
class Published:
    """One publication. `size` is what the publisher announced, 0 x 0 where it did not; `fault`, why
    we cannot have it."""

    identity: str
    sid: str
    source: Source
    muted: bool = False
    size: Size = _UNANNOUNCED
    host: bool = False
    fault: VideoFault | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What to subscribe to. `sounds` can all be had, the most important first; `left_out`: how many
    more are on; `publisher`: whether there is anybody who publishes."""

    picture: Published | None = None
    sounds: tuple[Published, ...] = ()
    left_out: int = 0
    publisher: bool = False

    @property
    def sids(self) -> set[str]:
        """The tracks that can be had."""
        picture = self.picture
        shown = {picture.sid} if picture is not None and picture.fault is None else set()
        return shown | {p.sid for p in self.sounds}

    @property
    def heard(self) -> set[str]:
        """The tracks of sounds to listen to: a muted one only where all are."""
        return {p.sid for p in self.sounds if not p.muted} or {p.sid for p in self.sounds[:1]}


@functools.lru_cache(maxsize=64)
def is_host(metadata: str) -> bool:
    """Whether a participant's metadata says so: `{"role": "host"}`. Anything may stand there."""
    if len(metadata) > _MOST_METADATA:
        return False
    try:
        claims = json.loads(metadata or "{}")
    except (ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and claims.get("role") == "host"


def format_fault(mime: str) -> VideoFault | None:
    """Why a picture of this format may never come.

    The server says "unsupported codec" to nobody: the SDK reports such a track as subscribed, and
    it stays silent (LiveKit 1.13.5, livekit 1.2.1).
    """
    if mime.lower() in _DECODABLE:
        return None
    return VideoFault.H265 if mime.lower() in _H265 else VideoFault.FORMAT


def choose(
    published: Sequence[Published], current: str | None = None, taken: Collection[str] = ()
) -> Choice:
    """The feeds of a clip; `current` is the identity that was chosen before, `taken` the tracks of
    which we have sound."""
    ranked = sorted(published, key=lambda p: _picture_rank(p, current))
    picture = next((p for p in ranked if p.source.is_picture), None)
    whose = picture.identity if picture else current
    sounds = sorted(
        (p for p in published if not p.source.is_picture and p.fault is None),
        key=lambda p: _sound_rank(p, whose, taken),
    )
    left_out = sum(not p.muted for p in sounds[MOST_SOUNDS:])
    return Choice(picture, tuple(sounds[:MOST_SOUNDS]), left_out, bool(published))


def _picture_rank(p: Published, current: str | None) -> tuple[object, ...]:
    kind = _PICTURES.index(p.source) if p.source.is_picture else len(_PICTURES)
    had = p.muted, p.fault is not None
    return (*had, not p.host, p.identity != current, kind, p.identity, p.sid)


def _sound_rank(p: Published, whose: str | None, taken: Collection[str]) -> tuple[object, ...]:
    standing = p.muted, not p.host, p.identity != whose, p.sid not in taken
    return (*standing, _SOUNDS.index(p.source), p.identity, p.sid)
