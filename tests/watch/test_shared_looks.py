"""Whoever asks for the same coin at the same time, or a moment later, hears the same."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import MintcastError
from bot.model import Live, Observation, Offline, Reason, StreamSnapshot, Unknown
from bot.watch.shared_looks import LookCache, SingleFlight
from tests.fakes.clock import FakeClock
from tests.watch.harness import WatchHarness, mint

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


async def test_a_poll_does_not_wait_for_what_a_person_asks() -> None:
    looks, site, quick = SingleFlight(), Site(), Site()
    patient = ask(looks, site)
    await waiting(patient)
    quick.answers.put_nowait(LIVE)
    assert await looks.look("m", quick, patient=False) == LIVE
    await waiting(patient)
    site.answers.put_nowait(Offline())
    assert await patient == Offline()


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


# A moment later


async def test_what_a_look_told_counts_for_five_seconds(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    assert harness.watcher.seen_lately(coin.mint) is None
    assert await harness.watcher.look(coin.mint) == Offline()
    coin.go_live()
    await harness.clock.advance(4.9)
    assert harness.watcher.seen_lately(coin.mint) == Offline()
    await harness.clock.advance(0.1)
    assert harness.watcher.seen_lately(coin.mint) is None
    assert isinstance(await harness.watcher.look(coin.mint), Live)
    assert isinstance(harness.watcher.seen_lately(coin.mint), Live)


async def test_a_made_up_address_costs_one_look(harness: WatchHarness) -> None:
    await harness.watcher.look(mint(77))
    assert harness.watcher.seen_lately(mint(77)) == Offline()


async def test_what_could_not_be_found_out_counts_a_little_longer() -> None:
    clock = FakeClock()
    lately = LookCache(clock, 5.0)
    lately.note("m", Unknown(Reason.TIMEOUT), patient=True)
    await clock.advance(14.9)
    assert lately.get("m") == Unknown(Reason.TIMEOUT)
    await clock.advance(0.2)
    assert lately.get("m") is None


async def test_one_hasty_try_of_a_poll_says_nothing_to_people() -> None:
    lately = LookCache(FakeClock(), 5.0)
    lately.note("m", Unknown(Reason.TIMEOUT), patient=False)
    assert lately.get("m") is None
    lately.note("m", Offline(), patient=False)
    assert lately.get("m") == Offline()
