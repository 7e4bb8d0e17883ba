"""A site that means harm: what it sends costs us little, and the next request nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from bot.errors import PumpfunError
from bot.model import Reason
from bot.pumpfun import PumpfunClient
from tests.pumpfun.samples import MINT, live_answer

ClientFor = Callable[..., PumpfunClient]


async def test_no_cookie_is_kept_and_none_sent(client_for: ClientFor) -> None:
    sent: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers)
        cookies = [("Set-Cookie", f"c{len(sent)}={'x' * 100}; Path=/"), ("Set-Cookie2", "a;a")]
        return httpx.Response(200, headers=cookies, json=live_answer())

    async with client_for(answer) as client:
        for _ in range(3):
            await client.livestream(MINT)
    assert [headers.get("cookie") for headers in sent] == [None] * 3


async def test_a_header_that_takes_long_to_be_read_as_cookies_is_not_read(
    client_for: ClientFor,
) -> None:
    hostile = [("Set-Cookie", "a=b"), ("Set-Cookie2", "a;" * 100_000)]

    async with client_for(
        lambda _: httpx.Response(200, headers=hostile, json=live_answer())
    ) as client:
        await client.livestream(MINT)
        began = time.process_time()
        await client.livestream(MINT)
        assert time.process_time() - began < 0.2, "a second by httpx's own jar"


async def test_a_page_of_the_roster_is_at_most_a_megabyte(client_for: ClientFor) -> None:
    """Which is 17 KB for each coin of it; to read the worst of 4 MB takes half a second."""
    page = b"[" + b"[]," * (350 * 1024) + b"[]]"
    async with client_for(lambda _: httpx.Response(200, content=page)) as client:
        with pytest.raises(PumpfunError) as refused:
            await client.roster()
    assert refused.value.reason is Reason.TOO_LARGE
