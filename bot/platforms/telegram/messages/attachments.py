"""Our files as uploads to Telegram. Every function here raises SendError where one is gone."""

from __future__ import annotations

import asyncio
import logging
from typing import IO, Any

from telegram import InputFile

from bot.alerts import Fault, SendError, before_sending
from bot.errors import FilesUnreachable
from bot.kit.files import Files
from bot.model import StoredVideo

_log = logging.getLogger(__name__)


async def picture_file(files: Files, key: str, *, attach: bool = False) -> InputFile:
    """A picture to be uploaded, still or moving. `attach`: other JSON of the request names it."""
    return InputFile(await read(files, key), filename=key, attach=attach)


def clip_file(file: IO[bytes], video: StoredVideo, *, attach: bool = False) -> InputFile:
    """A clip to be uploaded from its beginning, a piece at a time: it is not held in memory.
    `attach`: other JSON of the request names it."""
    file.seek(0)
    return InputFile(file, filename=video.file_name, attach=attach, read_file_handle=False)


def about_moving(moving: StoredVideo) -> dict[str, Any]:
    """What Telegram is told of a moving picture."""
    seconds = max(1, round(moving.seconds))
    return {"width": moving.width, "height": moving.height, "duration": seconds}


def about_video(video: StoredVideo) -> dict[str, Any]:
    """What Telegram is told of a large file, since it does not probe it."""
    return {
        "width": video.width,
        "height": video.height,
        "duration": max(1, round(video.seconds)),
        "supports_streaming": True,
    }


async def poster_of_video(files: Files, video: StoredVideo) -> bytes | None:
    """None: a clip without one is better than no clip."""
    if video.poster is None:
        return None
    try:
        return await read(files, video.poster)
    except SendError as error:
        _log.warning("a clip goes without its poster: %s", error)
        return None


async def read(files: Files, key: str) -> bytes:
    """A small file as a whole."""
    try:
        with before_sending():
            path = await files.fetch(key)
            return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise _failed(error) from error


async def opened(files: Files, key: str) -> IO[bytes]:
    """To be closed by whoever asked."""
    try:
        with before_sending():
            path = await files.fetch(key)
        return path.open("rb")
    except OSError as error:
        raise _failed(error) from error


def size_of(file: object) -> int:
    """Bytes of what is held in memory; an id uploads nothing."""
    held = file.input_file_content if isinstance(file, InputFile) else b""
    return len(held) if isinstance(held, bytes) else 0


def _failed(error: OSError) -> SendError:
    fault = Fault.NOT_SENT if isinstance(error, FilesUnreachable) else Fault.REFUSED
    return SendError(fault, is_ours=True, detail=f"file: {error.strerror}")
