from __future__ import annotations

import asyncio

import pytest

from bot.errors import MintcastError
from bot.model import Live, Observation, Offline, Reason, StreamSnapshot, Unknown
from bot.watch.single_flight import SingleFlight

LIVE = Live(StreamSnapshot("m", 1))
UNKNOWN = Unknown(Reason.TIMEOUT)


class Sky:
    """Flights that land when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.landing: asyncio.Queue[Observation | MintcastError] = asyncio.Queue()

    async def __call__(self) -> Observation:
        self.begun += 1
        seen = await self.landing.get()
        if isinstance(seen, MintcastError):
            raise seen
        return seen


async def waiting(*tasks: asyncio.Task[Observation]) -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


def ask(flights: SingleFlight, sky: Sky, *, patient: bool = True) -> asyncio.Task[Observation]:
    return asyncio.ensure_future(flights.look("m", sky, patient=patient))


async def test_many_who_ask_at_once_get_one_look() -> None:
    flights, sky = SingleFlight(), Sky()
    tasks = [ask(flights, sky) for _ in range(10)]
    await waiting(*tasks)
    sky.landing.put_nowait(LIVE)
    assert await asyncio.gather(*tasks) == [LIVE] * 10
    assert sky.begun == 1
    sky.landing.put_nowait(Offline())
    assert await flights.look("m", sky, patient=True) == Offline()


async def test_whoever_is_patient_does_not_take_the_unknown_of_one_hasty_try() -> None:
    flights, sky = SingleFlight(), Sky()
    hasty = ask(flights, sky, patient=False)
    await waiting(hasty)
    patient = [ask(flights, sky) for _ in range(3)]
    await waiting(*patient)
    sky.landing.put_nowait(UNKNOWN)
    assert await hasty == UNKNOWN
    await waiting(*patient)
    sky.landing.put_nowait(UNKNOWN)
    assert await asyncio.gather(*patient) == [UNKNOWN] * 3
    assert sky.begun == 2


async def test_one_who_leaves_takes_nobody_else_with_him() -> None:
    flights, sky = SingleFlight(), Sky()
    tasks = [ask(flights, sky) for _ in range(3)]
    await waiting(*tasks)
    tasks[1].cancel()
    await asyncio.wait(tasks[1:2])
    tasks[0].cancel()  # the one who flies it
    await waiting(tasks[2])
    sky.landing.put_nowait(LIVE)
    assert await tasks[2] == LIVE
    assert tasks[0].cancelled()
    assert tasks[1].cancelled()


async def test_a_failure_is_of_the_one_who_met_it() -> None:
    flights, sky = SingleFlight(), Sky()
    first, second = ask(flights, sky), ask(flights, sky)
    await waiting(first, second)
    sky.landing.put_nowait(MintcastError("disk"))
    sky.landing.put_nowait(LIVE)
    with pytest.raises(MintcastError):
        await first
    assert await second == LIVE
