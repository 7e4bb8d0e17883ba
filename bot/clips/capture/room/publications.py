"""What the SDK says of a publication, in our own words; and what is asked of one.

All of it is chosen by whoever publishes: names, sizes, metadata are data and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livekit import rtc

from bot.clips.capture.protocol import Source
from bot.clips.capture.room.selection import Published, is_host
from bot.clips.encoding.canvas import MOST_PIXELS, Size, layer_for
from bot.model import VideoFault

_SOURCES = {
    rtc.TrackSource.SOURCE_CAMERA: Source.CAMERA,
    rtc.TrackSource.SOURCE_SCREENSHARE: Source.SCREEN,
    rtc.TrackSource.SOURCE_MICROPHONE: Source.MICROPHONE,
    rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO: Source.SCREEN_SOUND,
}

Quality = rtc.VideoQuality
LAYERS = (Quality.VIDEO_QUALITY_HIGH, Quality.VIDEO_QUALITY_MEDIUM, Quality.VIDEO_QUALITY_LOW)
"""The highest first, as `canvas.layer_for` counts them."""


def publications_in(room: Any) -> Iterator[tuple[Any, Any]]:
    """Each with the participant it is of. What is there may change meanwhile."""
    for participant in list(room.remote_participants.values()):
        for publication in list(participant.track_publications.values()):
            yield publication, participant


def is_picture(publication: Any) -> bool:
    """Whether it is a video track."""
    return bool(publication.kind == rtc.TrackKind.KIND_VIDEO)


def published_of(publication: Any, participant: Any, fault: VideoFault | None) -> Published:
    """A publication as `selection` judges it."""
    is_video = is_picture(publication)
    other = Source.OTHER_PICTURE if is_video else Source.OTHER_SOUND
    source = _SOURCES.get(publication.source, other)
    size = Size(publication.width, publication.height)
    return Published(
        identity=participant.identity,
        sid=publication.sid,
        source=source if source.is_picture == is_video else other,
        muted=publication.muted,
        size=size,
        host=is_host(participant.metadata),
        fault=fault or _size_fault(publication, size),
    )


def _size_fault(publication: Any, size: Size) -> VideoFault | None:
    """Too many pixels, and no smaller layer: even to decode the first would take its memory."""
    is_large = size.pixels > MOST_PIXELS and not publication.simulcasted
    return VideoFault.TOO_LARGE if is_large else None


def subscribe(publication: Any) -> None:
    """Ask for it, and for its best layer that is not too large."""
    publication.set_subscribed(True)
    ask_layer(publication, layer_for(Size(publication.width, publication.height)))


def ask_layer(publication: Any, layer: int) -> bool:
    """Ask for one of `LAYERS`; False where there is no such thing."""
    if not is_picture(publication) or not publication.simulcasted or layer >= len(LAYERS):
        return False
    publication.set_video_quality(LAYERS[layer])
    return True
