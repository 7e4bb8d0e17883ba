"""The real python-telegram-bot against the stand-in, and pictures to send."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import av
from PIL import Image
from telegram import Bot
from telegram.ext import Application, ApplicationBuilder

from bot.platforms.telegram.connection.api_requests import new_requests
from tests.fakes.telegram.server import FakeTelegram

App = Application[Any, Any, Any, Any, Any, Any]


def jpeg(width: int = 640, height: int = 360, colour: str = "teal") -> bytes:
    """A picture in one colour."""
    return _image(width, height, colour, "JPEG")


def png(width: int = 640, height: int = 360) -> bytes:
    """The same, larger than JPEG where it matters."""
    return _image(width, height, "teal", "PNG")


def mp4(seconds: int = 1, colour: str = "grey") -> bytes:
    """A video in one colour without sound, 64 by 48."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        frames: Any = av.VideoFrame
        picture = frames.from_image(Image.new("RGB", (64, 48), colour))
        for _ in range(5 * seconds):
            picture.pts = None
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return written.getvalue()


def _image(width: int, height: int, colour: str, format_: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(written, format_)
    return written.getvalue()


@asynccontextmanager
async def client(telegram: FakeTelegram, token: str = "") -> AsyncIterator[Bot]:
    """A bot that sends; with another token it is refused on its first request."""
    api = f"{telegram.api_url}/bot"
    files = f"{telegram.api_url}/file/bot"
    request, polling = new_requests()
    bot = Bot(
        token or telegram.token,
        base_url=api,
        base_file_url=files,
        request=request,
        get_updates_request=polling,
    )
    # Not `async with bot`, which would ask getMe before any test does.
    async with request, polling:
        yield bot


def application(telegram: FakeTelegram) -> App:
    """A bot that polls, too."""
    builder = ApplicationBuilder().token(telegram.token).base_url(f"{telegram.api_url}/bot")
    return builder.job_queue(None).build()


async def ask(
    telegram: FakeTelegram, method: str, *, json: Any = None, data: Any = None
) -> dict[str, Any]:
    """A request that no library would send; the answer's JSON."""
    url = f"{telegram.api_url}/bot{telegram.token}/{method}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=json, data=data) as answer,
    ):
        told: dict[str, Any] = await answer.json()
        assert answer.status == told.get("error_code", 200)
        return told
