"""The parent's end of the process that makes segments: one at a time, kept for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Self

from bot.demo.recording.segment_spec import SegmentSpec
from bot.errors import ChildError
from bot.kit.processes.child import Child
from bot.kit.tasks import cancel_and_wait, spawn

_MODULE = "bot.demo.recording.segment_process"
_ANSWER_SECONDS = 120.0
"""Its process comes after all others: where these take the whole processor, a second of work takes
long."""
_KEPT_BYTES = 128 << 20


class Segments:
    """`async with Segments() as segments: await segments.made(spec)`. Its process starts when the
    first one is wished for."""

    def __init__(self) -> None:
        self._child: Child | None = None
        self._kept: OrderedDict[SegmentSpec, bytes] = OrderedDict()
        self._making: dict[SegmentSpec, asyncio.Task[bytes]] = {}
        self._turn = asyncio.Lock()
        self.encoded = 0
        """How many were made so far, rather than found."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(*self._making.values())
        child, self._child = self._child, None
        if child is not None:
            await child.stop()

    async def made(self, spec: SegmentSpec) -> bytes:
        """The bytes of it. Raises ChildError where they cannot be made."""
        if (found := self._kept.get(spec)) is not None:
            self._kept.move_to_end(spec)
            return found
        if spec not in self._making:  # whoever asks meanwhile waits for the same
            task = spawn(self._make(spec), "segment")
            self._making[spec] = task
            task.add_done_callback(lambda _: self._making.pop(spec, None))
        return await asyncio.shield(self._making[spec])

    async def _make(self, spec: SegmentSpec) -> bytes:
        async with self._turn:
            body = await self._ask(spec)
        self.encoded += 1
        self._kept[spec] = body
        while sum(map(len, self._kept.values())) > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return body

    async def _ask(self, spec: SegmentSpec) -> bytes:
        self._child = self._child or await Child.spawn(_MODULE)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._child.send("make", spec=spec.spoken())
                event = await self._child.next_event()
                if event is None or event["event"] != "made":
                    raise ChildError(f"no segment: {event or self._child.last_words}")
                return await self._child.payload(event["bytes"])
        except TimeoutError:
            raise ChildError("a segment takes too long") from None
