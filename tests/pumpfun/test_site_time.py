"""What time it is by pump.fun, whatever this machine's clock shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.pumpfun import PumpfunClient
from tests.pumpfun.samples import MINT

ClientFor = Callable[..., PumpfunClient]

THEN = datetime(2031, 4, 5, 6, 7, 8, tzinfo=UTC)
SOON = timedelta(minutes=5)


@pytest.mark.parametrize("status", [200, 404, 503])
async def test_every_answer_tells_it_and_it_goes_on(client_for: ClientFor, status: int) -> None:
    headers = {"date": "Sat, 05 Apr 2031 06:07:08 GMT"}
    async with client_for(lambda _: httpx.Response(status, headers=headers)) as client:
        assert client.site_time is None
        await client.livestream(MINT)
        first = client.site_time
        assert first is not None
        assert THEN <= first < THEN + SOON
        second = client.site_time
        assert second is not None
        assert first < second


async def test_a_body_that_takes_its_time_makes_it_no_later(client_for: ClientFor) -> None:
    """`Date` is of the beginning of an answer."""
    heard = list[datetime | None]()

    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            heard.append(client.site_time)
            yield b"{}"

    headers = {"date": "Sat, 05 Apr 2031 06:07:08 GMT"}
    async with client_for(lambda _: httpx.Response(200, headers=headers, stream=Slow())) as client:
        await client.livestream(MINT)
        assert heard[0] is not None
        assert heard[0] >= THEN


async def test_the_answer_of_a_cache_tells_nothing(client_for: ClientFor) -> None:
    headers = {"date": "Sat, 05 Apr 2031 06:07:08 GMT", "age": "7200"}
    async with client_for(lambda _: httpx.Response(200, headers=headers)) as client:
        await client.livestream(MINT)
        assert client.site_time is None


@pytest.mark.parametrize(
    "date",
    [
        "",
        "soon",
        "Sat, 05 Apr 2031",
        "Fri, 01 Jan 1999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "9" * 5000,
    ],
)
async def test_what_is_no_time_of_these_days_tells_nothing(
    client_for: ClientFor, date: str
) -> None:
    async with client_for(lambda _: httpx.Response(200, headers={"date": date})) as client:
        await client.livestream(MINT)
        assert client.site_time is None
