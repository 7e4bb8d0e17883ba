"""Files in a bucket of S3, or of a server that speaks like it, by the package obstore (an extra).

Where the server is and how to log in there, the environment says: AWS_REGION, AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and so on. An upload appears as a whole or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from bot.errors import FilesUnreachable, SettingsError
from bot.kit.files import KEY, StoredFile
from bot.kit.leadership import require_lease
from bot.kit.secrets import keep_secret
from bot.kit.timing.clock import Clock
from bot.model import SettingsProblem

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_PART_BYTES = 5 << 20
"""S3 takes no smaller ones, but for the last."""
_PARTS_AT_ONCE = 2
_ASKED = re.compile(r"Generic S3 error: (?:Error performing .+? - )?")
_TIMEOUT, _RETRIES = timedelta(seconds=30), 2


class S3FileStore:
    """A `FileStore`. `url` is `s3://bucket` or `s3://bucket/prefix`. Raises SettingsError where
    that, or what the environment says, cannot be used."""

    def __init__(self, url: str, clock: Clock, environment: Mapping[str, str] = os.environ) -> None:
        keep_secret(map(environment.get, _SECRETS))
        self._clock = clock
        self._obstore, self._store = _opened(url, environment)

    async def put(self, key: str, path: Path) -> None:
        """See `FileStore`."""
        await asyncio.to_thread(path.stat)  # its own fault is no other's
        with self._translated(key):
            await self._obstore.put_async(
                self._store, key, path, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )

    async def get(self, key: str, path: Path) -> None:
        """See `FileStore`."""
        with self._translated(key):
            found = await self._obstore.get_async(self._store, key)
        with await asyncio.to_thread(path.open, "xb") as file:
            async for chunk in self._chunks(found, key):
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_flush, file)

    async def _chunks(self, found: Any, key: str) -> AsyncIterator[bytes]:
        chunks = aiter(found.stream(_PART_BYTES))
        while True:
            with self._translated(key):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            yield chunk

    async def has(self, key: str) -> bool:
        """See `FileStore`."""
        try:
            with self._translated(key):
                await self._obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        return True

    async def list(self) -> tuple[StoredFile, ...]:
        """See `FileStore`. What others put beside them is not seen."""
        files = []
        with self._translated():
            async for some in self._obstore.list(self._store, chunk_size=1000):
                files += [
                    StoredFile(one["path"], one["size"], one["last_modified"])
                    for one in some
                    if KEY.fullmatch(one["path"])
                ]
        return tuple(files)

    async def delete(self, keys: Collection[str]) -> None:
        """See `FileStore`."""
        if not keys:
            return
        require_lease()
        with self._translated(), contextlib.suppress(FileNotFoundError):
            await self._obstore.delete_async(self._store, [*keys])

    async def sweep(self, keys: Collection[str], seconds: float) -> int:
        """See `FileStore`. By its clock and by ours: it tells no age."""
        before, wanted = self._clock.before(timedelta(seconds=seconds)), frozenset(keys)
        listed = await self.list() if wanted else ()
        old = [one.key for one in listed if one.key in wanted and _is_before(one, before)]
        await self.delete(old)
        return len(old)

    @contextlib.contextmanager
    def _translated(self, key: str = "") -> Iterator[None]:
        """What it says of itself; where there is no such file, as a folder would."""
        failures = self._obstore.exceptions
        try:
            yield
        except (failures.NotFoundError, FileNotFoundError) as error:
            if not key:
                raise FilesUnreachable(_why(error)) from error
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), key) from error
        except (failures.BaseError, OSError) as error:
            raise FilesUnreachable(_why(error)) from error


def _opened(url: str, environment: Mapping[str, str]) -> tuple[Any, Any]:
    try:
        import obstore
        import obstore.exceptions
        import obstore.store
    except ModuleNotFoundError:
        raise _refused(
            "needs a package that isn't there: in Mintcast's folder, type"
            " .venv/bin/pip install --editable '.[s3]'"
        ) from None
    endpoint = environment.get("AWS_ENDPOINT_URL") or environment.get("AWS_ENDPOINT") or ""
    try:
        store = obstore.store.S3Store.from_url(
            url,
            client_options={"timeout": _TIMEOUT, "allow_http": endpoint.startswith("http://")},
            retry_config={"max_retries": _RETRIES, "retry_timeout": _TIMEOUT},
        )
    except (obstore.exceptions.BaseError, ValueError) as error:
        raise _refused(f"can't be used: {_why(error)}") from None
    return obstore, store


def _refused(why: str) -> SettingsError:
    return SettingsError((SettingsProblem("storage.clip_files", why),))


def _is_before(file: StoredFile, instant: datetime) -> bool:
    return file.changed_at < instant


def _why(error: Exception) -> str:
    """What it says of itself, without what was asked and how often."""
    line = next(iter(str(error).splitlines()), "")
    return _ASKED.sub("", line).rstrip(": .") or type(error).__name__


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
