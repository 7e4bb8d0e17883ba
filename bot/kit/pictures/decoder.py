"""Pictures that others made, decoded where it can be ended: never in this process.

There are two workers. The quick one's process is warm, and each picture has a moment of processor
time, so that hostile ones ahead of an honest one cost it little. What takes longer goes to the
patient one, whose process gives way to everything else and ends when nobody waits. What takes too
long there, too, is remembered and never decoded again. Time is the processor's: that a
machine is busy is nobody's fault, and what was late for that may come again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from typing import Self

from bot.errors import ChildError
from bot.kit.bounded_dict import BoundedDict
from bot.kit.pictures import REFUSALS, PictureError, PictureLateError, PictureTooSlowError
from bot.kit.processes.child import Child
from bot.kit.processes.resource_limits import Limits
from bot.kit.tasks import has_failed, spawn
from bot.model import Picture

_log = logging.getLogger(__name__)

_MODULE = "bot.kit.pictures.decoder_process"
_MOST_BYTES = 8 << 20
"""Of an answer. A process that says more does not speak our language."""

_START_SECONDS = 10.0
_LIMITS = Limits(memory=384 << 20, cpu=600)
"""Sixteen million pixels take 320 MiB at most. A fresh process takes over after ten minutes of
decoding."""

_LATE = frozenset({"SIGALRM", "SIGKILL"})
"""How a process ends that waited for the machine, or that the machine had no room for."""

_MOST_WAITING = 4
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Budget:
    """What one picture may take: seconds of processor time, and on the clock; at which niceness."""

    cpu: float
    wall: float
    nice: int = 0


QUICK = Budget(cpu=0.3, wall=2.0)
PATIENT = Budget(cpu=2.0, wall=6.0, nice=10)


class Decoder:
    """Use as an async context manager; leaving it waits for no picture.

    Its process is started by `warm`, else with the first picture.
    """

    def __init__(self, *, quick: Budget = QUICK, patient: Budget = PATIENT) -> None:
        self._quick = _Worker(quick, stays=True)
        self._patient = _Worker(patient, stays=False)
        self._too_slow = _Remembered()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._quick.close()
        await self._patient.close()

    def warm(self) -> None:
        """Start its process now, so that the first picture need not wait for it."""
        self._quick.warm()

    async def safe_jpeg(self, data: bytes) -> Picture:
        """The picture in `data` as `bot.kit.pictures.safe_jpeg` makes it. Raises PictureError."""
        if data in self._too_slow:
            raise PictureTooSlowError("it took too long before")
        try:
            return await self._quick.decode(data)
        except PictureTooSlowError:
            if self._patient.waiting >= _MOST_WAITING:
                raise
        try:
            return await self._patient.decode(data)
        except PictureTooSlowError:
            self._too_slow.add(data)
            raise
        finally:
            if not self._patient.waiting:
                await self._patient.stop()


class _Worker:
    """One picture at a time, in a process that is started when there is none; one that `stays` is
    replaced at once when it dies."""

    def __init__(self, budget: Budget, *, stays: bool) -> None:
        self.waiting = 0
        """How many are decoded or wait for their turn."""
        self._budget = budget
        self._stays = stays
        self._turn = asyncio.Lock()
        self._starting: asyncio.Task[Child] | None = None
        self._closed = False

    async def close(self) -> None:
        """End its process for good; who still waits for it is refused."""
        self._closed = True
        await self.stop()

    def warm(self) -> None:
        """Start its process now, if there is none. One that could not be started a while ago says
        nothing of now."""
        if self._starting is not None and has_failed(self._starting):
            self._starting = None
        if self._starting is None and not self._closed:
            self._starting = spawn(self._start(), "decoder")

    async def stop(self) -> None:
        """End its process, whatever it does."""
        starting, self._starting = self._starting, None
        if starting is None:
            return
        try:
            child = await starting
        except ChildError:
            return  # whoever asked for it was told
        child.kill()
        await child.stop()

    async def decode(self, data: bytes) -> Picture:
        """The picture. Raises PictureError."""
        self.waiting += 1
        try:
            async with self._turn:
                return await self._converse(data)
        finally:
            self.waiting -= 1

    async def _start(self) -> Child:
        child = await Child.spawn(_MODULE, json.dumps(asdict(self._budget)))
        child.limit(_LIMITS)
        return child

    async def _converse(self, data: bytes) -> Picture:
        self.warm()
        if self._starting is None:
            raise PictureError("nothing is decoded any more")
        is_in_step = False
        try:
            async with asyncio.timeout(self._budget.wall + _START_SECONDS):
                answer = await self._ask(await asyncio.shield(self._starting), data)
            is_in_step = True
        except TimeoutError:
            answer = PictureLateError("no answer in time")
        except PictureError as error:  # the process died of it
            answer = error
        except (ChildError, KeyError, TypeError, ValueError) as error:
            _log.warning("the process that decodes pictures failed: %s", error)
            answer = PictureError("the process that decodes pictures failed")
        finally:
            if not is_in_step:  # what it would say next belongs to this picture
                await self.stop()
        if not is_in_step and self._stays:
            self.warm()
        if isinstance(answer, Picture):
            return answer
        raise answer

    async def _ask(self, child: Child, data: bytes) -> Picture | PictureError:
        """The answer. Raises PictureTooSlowError or PictureLateError where the process died of it;
        ChildError, KeyError, TypeError or ValueError where it talks nonsense."""
        await child.send("decode", data, bytes=len(data))
        event = await child.next_event()
        if event is not None and event["event"] == "ready":
            event = await child.next_event()
        if event is None:
            raise await _death(child)
        if event["event"] == "refused":
            return REFUSALS[event["why"]](event["why"])
        count = int(event["bytes"])
        if not 0 < count <= _MOST_BYTES:
            raise ValueError(f"a picture of {count} bytes")
        return Picture(await child.payload(count), int(event["width"]), int(event["height"]))


async def _death(child: Child) -> Exception:
    """A signal is its limits' or a crash; an exit code is a fault of ours."""
    child.kill()  # or it has closed its pipe, and lives
    ended = await child.wait()
    if ended in _LATE:
        return PictureLateError(ended)
    if ended.startswith("SIG"):
        return PictureTooSlowError(ended)
    return ChildError(f"{ended} {child.last_words}")


class _Remembered:
    """The last pictures that took too long. They are compared whole, and only with others of
    their length: whoever knows a part of an honest picture cannot have it taken for one of them."""

    def __init__(self) -> None:
        self._digests: BoundedDict[tuple[int, bytes], None] = BoundedDict(_REMEMBERED)

    def __contains__(self, data: bytes) -> bool:
        lengths = {length for length, _ in self._digests}
        return len(data) in lengths and _key(data) in self._digests

    def add(self, data: bytes) -> None:
        """Forgets the oldest where there are many."""
        self._digests.put(_key(data), None)


def _key(data: bytes) -> tuple[int, bytes]:
    return len(data), hashlib.blake2b(data, digest_size=16).digest()
