"""Requests with files: what is sent, what is kept of what is there, in the form discord.py takes.

On a change, Discord keeps of the attachments those that are listed, and drops all others.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import discord
from discord.http import MultipartParameters

from bot.alerts import Fault, SendError
from bot.errors import FilesUnreachable
from bot.kit.files import Files
from bot.platforms.discord.messages.render import Json, Rendered, Upload


@contextlib.asynccontextmanager
async def parameters(
    shown: Rendered,
    files: Files,
    *,
    keep: Sequence[str] | None = None,
    nonce: str = "",
    callback: int | None = None,
) -> AsyncIterator[tuple[MultipartParameters, int]]:
    """The request's parameters, and how many bytes of files are in them; open while inside.

    `keep`: of a change, the ids of the attachments that stay. `nonce`: Discord is to answer a
    repeat with the first message. `callback`: it is the first answer to an interaction, of that
    type. Raises SendError where the file is gone, or cannot be fetched now.
    """
    payload = dict(shown.payload)
    if nonce:
        payload |= {"nonce": nonce, "enforce_nonce": True}
    attachments: list[Json] = [{"id": one} for one in keep or ()]
    if shown.upload is not None:
        upload = shown.upload
        attachments.append({"id": 0, "filename": upload.name, "description": upload.alt})
    if attachments or keep is not None:
        payload["attachments"] = attachments
    if callback is not None:
        payload = {"type": callback, "data": payload}
    if shown.upload is None:
        yield MultipartParameters(payload, None, None), 0
        return
    file, size = await _opened(shown.upload, files)
    with contextlib.closing(file), _multipart(payload, file, shown.upload) as form:
        yield form, size


async def _opened(upload: Upload, files: Files) -> tuple[discord.File, int]:
    """To be closed by whoever asked; and its bytes."""
    try:
        path = await files.fetch(upload.key)
        return discord.File(path, filename=upload.name), path.stat().st_size
    except FilesUnreachable as error:
        raise SendError(Fault.NOT_SENT, is_ours=True, detail=f"file: {error.strerror}") from error
    except OSError as error:
        raise SendError(Fault.REFUSED, detail=f"file: {error.strerror}") from error


@contextlib.contextmanager
def _multipart(payload: Json, file: discord.File, upload: Upload) -> Iterator[MultipartParameters]:
    kind = "video/mp4" if upload.name.endswith(".mp4") else "image/jpeg"
    form: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps(payload)},
        {"name": "files[0]", "value": file.fp, "filename": upload.name, "content_type": kind},
    ]
    with MultipartParameters(None, form, [file]) as prepared:
        yield prepared
