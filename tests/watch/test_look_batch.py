from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from bot.errors import MintcastError
from bot.model import Live, Observation, Offline, Reason, StreamSnapshot, Unknown
from bot.watch.look_batch import LookBatch

UNKNOWN = Unknown(Reason.TIMEOUT)


class Site:
    """Answers as told, `Offline` by default; `at_once` is the most that were asked together."""

    def __init__(self, **answers: Observation | list[Observation]) -> None:
        self.asked: list[str] = []
        self.at_once = 0
        self._now = 0
        self._answers = answers

    async def __call__(self, mint: str) -> Observation:
        self.asked.append(mint)
        self._now += 1
        self.at_once = max(self.at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        answer = self._answers.get(mint, Offline())
        return answer.pop(0) if isinstance(answer, list) else answer


def looks(site: Site, may_begin: Callable[[], bool] = lambda: True) -> LookBatch:
    return LookBatch(site, may_begin)


async def test_all_are_asked_in_order_eight_at_once() -> None:
    site, mints = Site(), [f"m{n}" for n in range(50)]
    one = looks(site)
    await one.take(mints, most=50)
    assert site.asked == mints
    assert site.at_once == 8
    assert (one.answers, one.failure) == (50, None)


async def test_news_that_are_not_answered_for_are_tried_again_instead_of_the_last() -> None:
    live = Live(StreamSnapshot("n", 1))
    site, rest = Site(n=[UNKNOWN, UNKNOWN, live]), [f"m{n}" for n in range(40)]
    one = looks(site)
    await one.take(["n", *rest], news={"n"}, most=41)
    assert Counter(site.asked)["n"] == 3
    assert len(site.asked) == 41
    assert set(rest) - set(site.asked) == {"m38", "m39"}
    assert one.answers == 39


async def test_the_rest_is_tried_once_and_news_eight_times_at_most() -> None:
    site = Site(n=UNKNOWN, m=UNKNOWN)
    await looks(site).take(["n", "m", *"abcdef"], news={"n"}, most=50)
    assert Counter(site.asked)["n"] == 8
    assert Counter(site.asked)["m"] == 1


async def test_no_more_is_asked_than_may_be() -> None:
    site = Site(n=UNKNOWN)
    await looks(site).take(["n"], news={"n"}, most=2)
    assert site.asked == ["n", "n"]


async def test_a_stated_wait_ends_the_batch() -> None:
    site, rest = Site(m9=Unknown(Reason.RATE_LIMITED, 429, 30.0)), [f"m{n}" for n in range(50)]
    one = looks(site)
    await one.take(rest, most=50)
    assert len(site.asked) <= 18
    assert one.told_to_wait == 30.0


async def test_a_site_that_answers_nobody_is_not_asked_on() -> None:
    mints = [f"m{n}" for n in range(50)]
    site = Site(**dict.fromkeys(mints, UNKNOWN))
    one = looks(site)
    await one.take(mints, most=50)
    assert len(site.asked) <= 16
    assert (one.answers, one.failure) == (0, UNKNOWN)


async def test_no_look_begins_when_the_time_is_over() -> None:
    site = Site()
    one = looks(site, lambda: len(site.asked) < 20)
    await one.take([f"m{n}" for n in range(50)], most=50)
    assert one.answers == len(site.asked) == 20


async def test_an_error_of_ours_ends_the_batch() -> None:
    async def broken(mint: str) -> Observation:
        raise MintcastError("the disk is full")

    with pytest.raises(ExceptionGroup) as caught:
        await LookBatch(broken, lambda: True).take(["a", "b"], most=5)
    assert caught.group_contains(MintcastError)
