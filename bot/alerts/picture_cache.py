"""Pictures among our files, with their sizes at hand."""

from __future__ import annotations

import asyncio
import logging

from bot.kit.files import Files
from bot.kit.pictures.jpeg import jpeg_size
from bot.model import KeptMoving, MovingPicture, Picture, StoredPicture, StoredVideo

_log = logging.getLogger(__name__)
_MOST_SIZES = 1024


class PictureCache:
    """Remembers the sizes of the pictures that were asked for last: a key never changes them."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._sizes: dict[str, StoredPicture] = {}

    async def put(self, picture: Picture) -> StoredPicture | None:
        """Keep it; None where the disk does not take it, which is no reason to fail an alert."""
        try:
            key = await self._files.put_picture(picture.data)
        except OSError as error:
            _log.warning("a picture could not be kept: %s", error.strerror)
            return None
        return self._remember(StoredPicture(key, picture.width, picture.height))

    async def put_moving(self, moving: MovingPicture) -> KeptMoving | None:
        """The same for a moving one."""
        try:
            key = await self._files.put_picture(moving.data, "mp4")
        except OSError as error:
            _log.warning("a moving picture could not be kept: %s", error.strerror)
            return None
        sides = moving.width, moving.height
        video = StoredVideo(key, moving.seconds, len(moving.data), *sides)
        return KeptMoving(video, moving.shows_at)

    async def may_be_there(self, key: str) -> bool:
        """Whether it lies among our files, as far as anybody can tell."""
        return await self._files.may_be_there(key)

    async def get(self, key: str | None) -> StoredPicture | None:
        """The picture of that key; None if there is no key, or no such file any more."""
        if key is None:
            return None
        # Known or not, it may have been swept away.
        if key in self._sizes and await self._files.may_be_there(key):
            return self._sizes[key]
        try:
            path = await self._files.fetch(key)
        except OSError as error:
            _log.warning("a picture could not be fetched: %s", error.strerror)
            return None
        size = await asyncio.to_thread(jpeg_size, path)
        return None if size is None else self._remember(StoredPicture(key, *size))

    def _remember(self, picture: StoredPicture) -> StoredPicture:
        self._sizes = dict(list(self._sizes.items())[-_MOST_SIZES:]) | {picture.key: picture}
        return picture
