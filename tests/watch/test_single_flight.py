from __future__ import annotations

import asyncio

import pytest

from bot.errors import MintcastError
from bot.model import Live, Observation, Offline, Reason, StreamSnapshot, Unknown
from bot.watch.single_flight import SingleFlight

LIVE = Live(StreamSnapshot("m", 1))
UNKNOWN = Unknown(Reason.TIMEOUT)


class Site:
    """It answers when the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.answers: asyncio.Queue[Observation | MintcastError] = asyncio.Queue()

    async def __call__(self) -> Observation:
        self.begun += 1
        seen = await self.answers.get()
        if isinstance(seen, MintcastError):
            raise seen
        return seen


async def waiting(*tasks: asyncio.Task[Observation]) -> None:
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


def ask(looks: SingleFlight, site: Site, *, patient: bool = True) -> asyncio.Task[Observation]:
    return asyncio.ensure_future(looks.look("m", site, patient=patient))


async def test_many_who_ask_at_once_get_one_look() -> None:
    looks, site = SingleFlight(), Site()
    tasks = [ask(looks, site) for _ in range(10)]
    await waiting(*tasks)
    site.answers.put_nowait(LIVE)
    assert await asyncio.gather(*tasks) == [LIVE] * 10
    assert site.begun == 1
    site.answers.put_nowait(Offline())
    assert await looks.look("m", site, patient=True) == Offline()


async def test_whoever_is_patient_does_not_take_the_unknown_of_one_hasty_try() -> None:
    looks, site = SingleFlight(), Site()
    hasty = ask(looks, site, patient=False)
    await waiting(hasty)
    patient = [ask(looks, site) for _ in range(3)]
    await waiting(*patient)
    site.answers.put_nowait(UNKNOWN)
    assert await hasty == UNKNOWN
    await waiting(*patient)
    site.answers.put_nowait(UNKNOWN)
    assert await asyncio.gather(*patient) == [UNKNOWN] * 3
    assert site.begun == 2


async def test_one_who_leaves_takes_nobody_else_with_him() -> None:
    looks, site = SingleFlight(), Site()
    tasks = [ask(looks, site) for _ in range(3)]
    await waiting(*tasks)
    tasks[1].cancel()
    await asyncio.wait(tasks[1:2])
    tasks[0].cancel()  # the one who asked
    await waiting(tasks[2])
    site.answers.put_nowait(LIVE)
    assert await tasks[2] == LIVE
    assert tasks[0].cancelled()
    assert tasks[1].cancelled()


async def test_a_failure_is_of_the_one_who_met_it() -> None:
    looks, site = SingleFlight(), Site()
    first, second = ask(looks, site), ask(looks, site)
    await waiting(first, second)
    site.answers.put_nowait(MintcastError("disk"))
    site.answers.put_nowait(LIVE)
    with pytest.raises(MintcastError):
        await first
    assert await second == LIVE
