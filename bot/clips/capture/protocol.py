"""What crosses the pipes between the main process and a capture process. Pure.

Commands in: `open` (OpenCapture), `clip` (MakeClip; any number of them, at the same time), `finish`
(end the clip `id` now, with what there is), `cancel` (leave nothing of the clip `id`), `access`
(RoomAccess, the answer to `access-wanted`), `no-access`. The end of stdin ends the process.

Events out: `ready` (imports done), `alive` (RingState, every two seconds), `joining`, `joined`,
`media` (the first packet is in the ring), `progress` (of the clip `id`; `done`: so many seconds are
encoded), `view` (a View, each time that it is another one, and `at` which second of the capture),
`access-wanted` (a new token is needed), `clip` (the result of the clip `id`, see `clip_result`),
`ended` (nothing more comes of this room, for the reason `end`; what the ring has can still be cut).

Instants are seconds of `time.monotonic`, which is one clock for all processes of a machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from bot.clips.editing.protocol import JsonRecord
from bot.clips.encoding import Rate
from bot.model import ClipFailure


@dataclass(frozen=True, slots=True)
class RoomAccess:
    """How to enter one room: its urls, nearest first, and the token that they take."""

    urls: tuple[str, ...]
    token: str = field(repr=False)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command."""
        return cls(tuple(data["urls"]), data["token"])


@dataclass(frozen=True, slots=True)
class OpenCapture:
    """Join a room, and keep the last `span` seconds of it, at most `max_bytes` of packets."""

    access: RoomAccess
    rate: Rate
    span: float
    max_bytes: int

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command."""
        rate = Rate(**data["rate"])
        return cls(RoomAccess.of(data["access"]), rate, data["span"], data["max_bytes"])


@dataclass(frozen=True, slots=True)
class MakeClip(JsonRecord):
    """A clip within `max_bytes` at `path`; its poster at `poster`, if one is wanted.

    It shows what was on air from `begins` until `ends`; without them, the next `seconds`, from when
    there is something to record. `id` is the client's, and tells what belongs to which clip.
    """

    seconds: float
    path: str
    max_bytes: int
    poster: str | None = None
    begins: float | None = None
    ends: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class RingState(JsonRecord):
    """What a capture has at hand: all between `oldest` and `newest`, None where there is nothing
    yet; the seconds of processor time that it took so far; how many `sounds` it mixes.
    `is_outgrown`: what is shown now belongs on a canvas of another shape, or a much larger one.
    `lacks`: why nothing is there, as far as is known."""

    oldest: float | None
    newest: float | None
    cpu: float
    sounds: int
    is_outgrown: bool = False
    lacks: ClipFailure | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From an event. Raises KeyError and ValueError."""
        told = {f.name: data[f.name] for f in fields(cls)}
        if told["lacks"] is not None:
            told["lacks"] = ClipFailure(told["lacks"])
        return cls(**told)


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
        return self in (Source.CAMERA, Source.SCREEN, Source.OTHER_PICTURE)


@dataclass(frozen=True, slots=True)
class View:
    """What is recorded of a room now, None where there is none. `muted`: by who publishes the
    picture; `held`: no other has come for a while. Sides are pixels of the one that came last.
    `sound` is the one that the picture is in step with, of the `sounds` that are mixed."""

    picture: Source | None = None
    width: int = 0
    height: int = 0
    muted: bool = False
    held: bool = False
    sound: Source | None = None
    sounds: int = 0
