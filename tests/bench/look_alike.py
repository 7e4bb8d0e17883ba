"""A coin that is recorded, in a process of its own, as the site is: `python -m …look_alike`.

Its newest segments are made as they come, before anybody asks for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from bot.demo.recording.options import LOW, MEDIUM, RecordingOptions
from bot.demo.recording.recorder import Recorder
from bot.demo.site.faults import Fault
from bot.demo.world import World
from bot.kit.processes.child import Child
from bot.kit.processes.json_pipe import JsonPipe, Message
from bot.kit.processes.one_task import run_one
from bot.kit.tasks import background
from tests.clips.sources.recording.harness import ON_AIR, RecordingPlace, place_of

ROUND_TRIP = 0.05
OPTIONS = RecordingOptions(rungs=(LOW, MEDIUM), delay=12.0, dating=7.0)
_NEWEST_SECONDS = 4.0
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Where it is, and since when its coin is on air, by the monotonic clock that all share."""

    origin: str
    mint: str
    place: RecordingPlace
    zero: float


@contextlib.asynccontextmanager
async def look_alike(prepared: float) -> AsyncIterator[LookAlike]:
    """One that runs, with so many seconds at hand at once."""
    child = await Child.spawn(__name__)
    try:
        await child.send("record", prepared=prepared)
        event: Any = await child.next_event()
        assert event is not None, child.last_words
        place = RecordingPlace(**event["place"])
        yield LookAlike(event["origin"], event["mint"], place, event["zero"])
    finally:
        child.kill()
        await child.stop()


async def work(pipe: JsonPipe, command: Message) -> None:
    """`record`: say where, and go on until whoever asked is gone."""
    async with World(livekit=False, recordings=OPTIONS) as world:
        coin = world.add_coin("PAST", "Past and cut")
        recorder = world.record(coin, past=ON_AIR)
        await recorder.prepare(command["prepared"], MEDIUM.number)
        for endpoint in ("masters", "playlists", "segments"):
            world.site.fail(endpoint, Fault.SLOW, seconds=ROUND_TRIP)
        place = asdict(place_of(world, coin))
        zero = recorder.programme.zero
        async with background(_keep_up(recorder), "keep-up"):
            pipe.emit("recorded", origin=world.site.origin, mint=coin.mint, place=place, zero=zero)
            await asyncio.Event().wait()


async def _keep_up(recorder: Recorder) -> None:
    while True:
        await recorder.prepare(_NEWEST_SECONDS, MEDIUM.number)
        await asyncio.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    run_one(work)
