"""A clip under way, as its capture process itself tells of it: what it takes, how far it is.

async with ClipProcess(server, room, path) as clip:
    await clip.goes_on(1.0)
    await caster.mute("video")
    await clip.sees(muted=True, held=True)
    result = await clip.finish()
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from bot.clips.capture import MODULE, MakeClip, OpenCapture, RoomAccess
from bot.clips.encoding import plan
from bot.clips.results import clip_result
from bot.demo.livekit.server import LiveKitServer
from bot.kit.processes.child import Child, Message
from bot.model import ClipResult, Phase
from tests.clip_harness import HEIGHT, LIMIT
from tests.patience import PATIENCE

LONGEST = 60.0
"""So long a clip is at most. Each is ended by its scene, once all of it was seen."""


class ClipProcess:
    """Seconds are those of the clip, as the capture counts them: a busy machine has them late."""

    def __init__(self, server: LiveKitServer, room: str, path: Path) -> None:
        self._access = RoomAccess((server.url,), server.token(room, "camera-crew"))
        self._path = path
        self._child: Child | None = None
        self._reader: asyncio.Task[None] | None = None
        self._is_over = False
        self._news = asyncio.Condition()
        self._view: Message = {}
        self._result: ClipResult | None = None
        self._done = 0.0
        self.seen_at = 0.0
        """The second of the clip in which it saw something else than before."""

    async def __aenter__(self) -> Self:
        rate = plan(LONGEST, LIMIT, HEIGHT)
        assert rate is not None
        order = OpenCapture(self._access, rate, LONGEST, LIMIT)
        self._child = await Child.spawn(MODULE)
        self._reader = asyncio.create_task(self._read(self._child), name="clip-process")
        await self._child.send("open", **asdict(order))
        await self._child.send("clip", **asdict(MakeClip(LONGEST, str(self._path), LIMIT)))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._child is not None
        assert self._reader is not None
        await self._child.stop()
        await self._reader

    async def sees(self, **wanted: Any) -> None:
        """Wait until it takes this; the words are those of `bot.clips.capture.protocol.View`."""
        await self._until(lambda: wanted.items() <= self._view.items(), f"never saw {wanted}")

    async def goes_on(self, seconds: float) -> None:
        """Wait until so much more is encoded of what it saw last."""
        wanted = self.seen_at + seconds
        await self._until(lambda: self._done >= wanted, f"never encoded {wanted} s")

    async def finish(self) -> ClipResult:
        """End it with what there is."""
        assert self._child is not None
        await self._child.send("finish", id=0)
        return await self.result()

    async def result(self) -> ClipResult:
        """What came of it, once it ends by itself."""
        await self._until(lambda: self._result is not None, "never ended")
        assert self._result is not None
        return self._result

    async def _until(self, holds: Callable[[], bool], complaint: str) -> None:
        assert self._child is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(lambda: holds() or self._is_over)
        told = f"{self._view}, {self._done} s, {self._result}\n{self._child.last_words}"
        assert holds(), f"it {complaint}: {told}"

    async def _read(self, child: Child) -> None:
        async for event in child.events():
            async with self._news:
                self._take(event)
                self._news.notify_all()
        async with self._news:
            self._is_over = True
            self._news.notify_all()

    def _take(self, event: Message) -> None:
        match event.pop("event"):
            case "view":
                self.seen_at = event["at"]
                self._view = event
            case "progress" if event["phase"] == Phase.RECORDING:
                self._done = event["done"]
            case "clip":
                self._result = clip_result(event)
                self._is_over = True
