"""A whole world on this machine: the look-alike, the LiveKit server, and creators who broadcast."""

from __future__ import annotations

import contextlib
import hashlib
import time
from datetime import timedelta
from typing import Any, Self

import base58

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.broadcast.options import Options
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.testcard import make_content
from bot.demo.livekit.server import LiveKitServer
from bot.demo.recording.options import RecordingOptions
from bot.demo.recording.programme import Programme
from bot.demo.recording.recorder import Recorder
from bot.demo.recording.segments import Segments
from bot.demo.site.coins import DemoCoin
from bot.demo.site.server import Site
from bot.kit.pictures.jpeg import jpeg_of_yuv


class World:
    """`async with World() as world:` runs the site and, unless told not to, the LiveKit server.

    With `recordings` the site records every coin that is put on air.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        sync_streams: bool = False,
        livekit: bool = True,
        recordings: RecordingOptions | None = None,
    ) -> None:
        self.server = LiveKitServer(sync_streams=sync_streams)
        self.site = Site(api_key=self.server.api_key, api_secret=self.server.api_secret, port=port)
        self._wants_livekit = livekit
        self._recordings = recordings
        self.segments = Segments()
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            if self._wants_livekit:
                await stack.enter_async_context(self.server)
                self.site.livekit_url = self.server.url
            await stack.enter_async_context(self.segments)
            await stack.enter_async_context(self.site)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def settings(self) -> dict[str, str | list[str]]:
        """The `[pumpfun]` settings of a `mintcast` that lives in this world."""
        origin = self.site.origin
        return {
            "livestream_url": origin,
            "frontend_url": origin,
            "livekit_url": self.site.livekit_url,
            "regions_url": f"{origin}/settings/regions",
            "media_hosts": [origin],
        }

    @property
    def environment(self) -> dict[str, str]:
        """The same as environment variables; without a video server there are no rings."""
        told = {
            f"MINTCAST_PUMPFUN__{key.upper()}": value if isinstance(value, str) else ",".join(value)
            for key, value in self.settings.items()
        }
        return told if self._wants_livekit else {**told, "MINTCAST_REPLAY__ENABLED": "false"}

    def add_coin(self, symbol: str, name: str) -> DemoCoin:
        """A coin with a picture of its own; the same symbol has the same mint in every world."""
        mint = base58.b58encode(
            hashlib.sha256(f"mintcast demo {symbol}".encode()).digest()
        ).decode()
        return self.site.add_coin(mint, symbol, name, picture_of("card", symbol, name, 512, 512))

    async def broadcast(
        self, coin: DemoCoin, *, title: str = "", metadata: str = "", **options: Any
    ) -> Broadcaster:
        """Put `coin` on air with a creator in its room. Options are the broadcaster's; `metadata`
        is what the room says of the creator."""
        if not coin.is_live:
            thumbnail = picture_of("card", coin.symbol, title or coin.name, 640, 360)
            coin.go_live(title, viewers=26, thumbnail=thumbnail)
        caster = Broadcaster.start(
            url=self.server.url,
            token=lambda: self.server.token(
                coin.room, coin.creator, publish=True, metadata=metadata
            ),
            **{"symbol": coin.symbol, "title": title or coin.name, **options},
        )
        await self._stack.enter_async_context(caster)
        if self._recordings is not None:
            self._record(
                coin, Programme.of(caster.options, caster.zero_ns / 1e9, caster.clock_zero)
            )
        return caster

    def record(self, coin: DemoCoin, *, past: float = 0.0, **options: Any) -> Recorder:
        """Put `coin` on air with a recording of the last `past` seconds, and nobody in its room.
        Options are those of a broadcaster, which need not run: its pictures are known."""
        since = time.monotonic() - past
        if not coin.is_live:
            coin.go_live(coin.name, viewers=26)
        if coin.broadcast and coin.media:
            coin.broadcast.started_at -= timedelta(seconds=past)
            coin.media.opened_at -= timedelta(seconds=past)
        return self._record(coin, Programme.of(Options(**options), since, 0.0), past)

    def _record(self, coin: DemoCoin, programme: Programme, past: float = 0.0) -> Recorder:
        if coin.recorder is None:
            coin.record(Recorder(programme, self.segments, self._recordings), past=past)
        assert coin.recorder is not None
        coin.recorder.shows(programme)
        return coin.recorder


def picture_of(kind: str, symbol: str, title: str, width: int, height: int) -> bytes:
    """A JPEG of what a broadcaster shows in its second second."""
    spec = PictureSpec(width=width, height=height, symbol=symbol, title=title)
    picture = make_content(kind, spec).paint(spec.fps + spec.fps // 2)
    planes = (plane.tobytes() for plane in (picture.y, picture.u, picture.v))
    return jpeg_of_yuv((width, height), *planes)
