"""Parts of finished clips, cut out in a process of their own, and clips that strangers have made,
taken over in another: no encoder, and no network."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict

from bot.clips.editing import TRIMMER, TakeOver, TrimClip, Trimmed
from bot.clips.results import failed
from bot.clips.workers.made_file import ask_for_file, clear_part
from bot.errors import ChildError
from bot.kit.processes.child import Child, Message
from bot.kit.processes.resource_limits import Limits
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import ClipFailure

_log = logging.getLogger(__name__)

_LONGEST_SECONDS = 20.0
_STAYS_SECONDS = 120.0
"""Its imports take four times as long as a cut."""

_LIMITS = Limits(memory=256 << 20, cpu=60)
"""It reads files that we wrote ourselves, a packet at a time, and decodes one picture of each.
After some hundred cuts it has had its time, and another one goes on."""

_TAKE_OVER_SECONDS = 30.0
_TAKE_OVER_LIMITS = Limits(memory=256 << 20, cpu=30)
"""It holds one packet at a time, and decodes one picture; but for the tables of the file, which are
a stranger's."""


class Trimmer:
    """For one loop. The process is started for the first cut, and stays for two minutes after the
    last: whoever changes a clip once does it again. `close` it in the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._child: Child | None = None
        self._lock = asyncio.Lock()
        self._tasks = Tasks()
        self._cuts = 0

    @property
    def pid(self) -> int | None:
        """Of the process that stays, if one does."""
        return self._child.pid if self._child is not None else None

    async def trim(self, want: TrimClip) -> Trimmed:
        """One after another. Failures are in its result; then nothing of the file is left."""
        async with self._lock:
            self._cuts += 1
            try:
                event = await self._asked(want)
            except ChildError as error:
                return _nothing(ClipFailure.WORKER_DIED, str(error))
            finally:
                self._tasks.start(self._end_after(self._cuts), "trimmer-stays")
        if event is None:
            return _nothing(ClipFailure.WORKER_DIED)
        if event["event"] == "trimmed":
            return Trimmed.of(event)
        return _nothing(ClipFailure(event["failure"]), event["detail"])

    async def close(self) -> None:
        """End the process; may be called again."""
        await self._tasks.stop()
        await self._end()

    async def _asked(self, want: TrimClip) -> Message | None:
        """One that has ended while nobody looked costs a second try."""
        if self._child is not None and (event := await self._ask(self._child, want)) is not None:
            return event
        self._child = await Child.spawn(TRIMMER)
        self._child.limit(_LIMITS)
        return await self._ask(self._child, want)

    async def _ask(self, child: Child, want: TrimClip) -> Message | None:
        event: Message | None = None
        try:
            await child.send("trim", **asdict(want))
            async with asyncio.timeout(_LONGEST_SECONDS):
                event = await child.next_event()
        except (ChildError, TimeoutError) as error:
            _log.warning("a part was not cut out of a clip: %s", type(error).__name__)
        finally:
            if event is None:  # cancelled as well: nobody knows what it would answer next
                await self._end()
                clear_part(want.target, child.pid)
        return event

    async def _end_after(self, cuts: int) -> None:
        await self._clock.sleep(_STAYS_SECONDS)
        async with self._lock:
            if cuts == self._cuts:
                await self._end()

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            await child.stop()


def _nothing(failure: ClipFailure, detail: str = "") -> Trimmed:
    _log.warning("nothing could be cut out of a clip: %s %s", failure.value, detail)
    return Trimmed(0.0, failed(failure, detail))


async def take_over(want: TakeOver) -> Trimmed:
    """In a process that ends with it. Failures are in its result; then nothing of the new file is
    left."""
    made = await ask_for_file(
        TRIMMER,
        "take-over",
        want,
        Trimmed.of,
        limits=_TAKE_OVER_LIMITS,
        seconds=_TAKE_OVER_SECONDS,
    )
    if isinstance(made, Trimmed):
        return made
    _log.warning("a clip of the site's cannot be used: %s %s", made.failure, made.detail)
    return Trimmed(0.0, made)
