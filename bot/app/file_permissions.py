"""What the service makes is for its own user alone: subscriptions, tokens of answers, clips."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot import texts
from bot.config import Settings, is_server
from bot.kit.files import Files, behind_link
from bot.pumpfun.recording.segment_cache import folders_in
from bot.store import database_files

_log = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


async def keep_private(settings: Settings) -> None:
    """From now on, for this process and its children; and what earlier versions left open is shut.

    Files that are not ours are left alone, and so is a folder that holds any.
    """
    os.umask(_OTHERS)
    storage = settings.storage
    database = None if is_server(storage.database) else behind_link(Path(storage.database))
    clips = Path(storage.clips)
    try:
        kept = [clips / file.key for file in await Files(clips).kept()]
        kept += await asyncio.to_thread(folders_in, clips)
    except OSError:
        kept = []  # the folder cannot be read: whoever needs it says so
    await asyncio.to_thread(_shut, database, clips, kept)


def _shut(database: Path | None, clips: Path, kept: list[Path]) -> None:
    clips = clips.absolute()
    beside = [] if database is None else database_files(database.absolute())
    ours = {*beside, clips, *(path.absolute() for path in kept)}
    for path in (*beside, *kept):
        _shut_one(path)
    for folder in (clips,) if database is None else (clips, database.absolute().parent):
        entries = set(_entries(folder))
        if entries and entries <= ours:
            _shut_one(folder)


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError:
        return  # it is not there, or not a folder: whoever needs it says so


def _shut_one(path: Path) -> None:
    try:
        status = path.lstat()
        if status.st_mode & _OTHERS and not stat.S_ISLNK(status.st_mode):
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)
    except FileNotFoundError:
        pass  # a moment ago it was there
    except OSError as error:
        _log.warning(
            "%s", texts.service.stays_readable(str(path), error.strerror or type(error).__name__)
        )
