"""The files that Telegram keeps, and the ids that one bot has for them."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.api.refusals import bad
from tests.fakes.telegram.state import media

Json = dict[str, Any]

_PREFIXES = {
    "photo": "AgACAgIAAxk",
    "video": "BAACAgIAAxk",
    "animation": "CgACAgIAAxk",
    "document": "BQACAgIAAxk",
}
_THUMBNAIL = "AAMCAgADGQ"
_SUFFIXES = {
    "photo": "jpg",
    "video": "mp4",
    "animation": "mp4",
    "document": "bin",
    "thumbnail": "jpg",
}
_SIDES = (90, 320, 800, 1280)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file under one id. All sizes of a photo hold the bytes of the largest one."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0

    def as_json(self) -> Json:
        """As every message names it."""
        named = {"file_id": self.file_id, "file_unique_id": self.unique_id}
        return named | {"file_size": len(self.data)}

    def as_size(self) -> Json:
        """As a size of a photo, or as a thumbnail."""
        return self.as_json() | {"width": self.width, "height": self.height}


@dataclass(frozen=True, slots=True)
class Media:
    """What a message shows: `kind` photo, animation, video or document, sides in pixels, seconds.

    `width`, `height` and `duration` are what Telegram keeps, not what the sender meant.
    `sizes` are a photo's, the largest last.
    """

    kind: str
    file: Stored
    width: int = 0
    height: int = 0
    duration: int = 0
    thumbnail: Stored | None = None
    supports_streaming: bool = False
    sizes: tuple[Stored, ...] = ()

    @property
    def file_id(self) -> str:
        """To send it again."""
        return self.file.file_id

    @property
    def data(self) -> bytes:
        """The bytes that were uploaded."""
        return self.file.data

    def as_json(self) -> Any:
        """What stands in the message under the name of the kind."""
        if self.kind == "photo":
            return [size.as_size() for size in self.sizes]
        told = self.file.as_json() | {"file_name": f"file.{_SUFFIXES[self.kind]}"}
        if self.kind in ("animation", "video"):
            told |= {"width": self.width, "height": self.height, "duration": self.duration}
            told["mime_type"] = "video/mp4"
        return told | ({"thumbnail": self.thumbnail.as_size()} if self.thumbnail else {})


class Files:
    """All files by their ids. `expire` makes an end of the ids that were given out so far."""

    def __init__(self) -> None:
        self.by_id: dict[str, Stored] = {}
        self.by_path: dict[str, Stored] = {}
        self._media: dict[str, Media] = {}
        self._expired: set[str] = set()

    def expire(self) -> None:
        """No id that was given out so far is good any more."""
        self._expired |= set(self.by_id)

    def is_good(self, file_id: str) -> bool:
        """Whether this bot has such a file."""
        return file_id in self.by_id and file_id not in self._expired

    def find(self, file_id: str, kind: str) -> Media:
        """Media that is sent again by its id; only as what it is."""
        if not self.is_good(file_id):
            known = file_id in self._expired or "/" in file_id
            raise bad(
                "wrong file identifier/HTTP URL specified"
                if known
                else "wrong remote file identifier specified: Wrong string length"
            )
        stored = self.by_id[file_id]
        if stored.kind != kind:
            real, wanted = stored.kind.capitalize(), kind.capitalize()
            raise bad(f"can't use file of type {real} as {wanted}")
        return self._media[file_id]

    def add_photo(self, data: bytes) -> Media:
        """Raises `Refused` where Telegram would not take it for a photo."""
        if len(data) > media.MOST_PHOTO:
            raise bad(
                f"file of size {len(data)} bytes is too big for a photo; "
                f"the maximum size is {media.MOST_PHOTO} bytes"
            )
        seen = media.look_at_picture(data)
        if seen is None:
            raise bad("IMAGE_PROCESS_FAILED")
        long, short = max(seen.width, seen.height), min(seen.width, seen.height)
        if seen.width + seen.height > 10_000 or long > 20 * short:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        sides = [*[side for side in _SIDES if side < long][:3], min(long, _SIDES[-1])]
        sizes = tuple(
            self._store("photo", data, seen.width * side // long, seen.height * side // long)
            for side in sides
        )
        return self._remember(
            Media("photo", sizes[-1], sizes[-1].width, sizes[-1].height, sizes=sizes)
        )

    def add_video(self, kind: str, data: bytes, told: Json, thumbnail: bytes | None) -> Media:
        """A video, or an animation, which is none where it has sound. `told` are the sizes and so
        on that the bot sent along."""
        if not media.is_mp4(data):
            return self._remember(Media("document", self._store("document", data)))
        seen = media.look_at_clip(data)
        kind = "video" if seen.has_sound else kind
        return self._remember(
            Media(
                kind,
                self._store(kind, data),
                told.get("width") or seen.width,
                told.get("height") or seen.height,
                told.get("duration") or seen.duration,
                self._thumbnail(thumbnail),
                bool(told.get("supports_streaming")),
            )
        )

    def _thumbnail(self, data: bytes | None) -> Stored | None:
        if data is None or media.thumbnail_faults(data):
            return None
        seen = media.look_at_picture(data)
        assert seen is not None
        return self._store("thumbnail", data, seen.width, seen.height)

    def _remember(self, kept: Media) -> Media:
        for stored in (kept.file, *kept.sizes):
            self._media[stored.file_id] = kept
        return kept

    def _store(self, kind: str, data: bytes, width: int = 0, height: int = 0) -> Stored:
        number = len(self.by_path)
        tail = base64.urlsafe_b64encode(os.urandom(39)).decode()
        unique = hashlib.sha256(data + f"{width}x{height}".encode()).digest()[:12]
        stored = Stored(
            _PREFIXES.get(kind, _THUMBNAIL) + tail,
            base64.urlsafe_b64encode(unique).decode(),
            kind,
            f"{kind}s/file_{number}.{_SUFFIXES[kind]}",
            data,
            max(1, width) if width or height else 0,
            max(1, height) if width or height else 0,
        )
        self.by_id[stored.file_id] = stored
        self.by_path[stored.path] = stored
        return stored
