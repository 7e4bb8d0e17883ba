"""What is asked in the background: by polls, which nobody waits for and which come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httpx
import pytest
import stamina

from bot.errors import PumpfunError
from bot.model import POLLER, Asker, AskerKind, Offline, Reason, Unknown
from bot.pumpfun import Endpoint, PumpfunClient
from tests.patience import PATIENCE
from tests.pumpfun.samples import MINT, OTHER_MINT, roster_row

ClientFor = Callable[..., PumpfunClient]


@pytest.fixture(autouse=True)
def _as_many_tries_as_asked_for() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


async def test_it_is_tried_once_where_a_person_s_question_is_tried_again(
    client_for: ClientFor,
) -> None:
    async with client_for(lambda _: httpx.Response(503)) as client:
        assert await client.livestream(MINT, asker=POLLER) == Unknown(Reason.SERVER_ERROR, 503)
        assert client.tries(Endpoint.LIVESTREAM) == 1
        await client.livestream(MINT)
        assert client.tries(Endpoint.LIVESTREAM) == 4
        with pytest.raises(PumpfunError):
            await client.coin(MINT, asker=POLLER)
        assert client.tries(Endpoint.COIN) == 2  # once on each of its two routes


async def test_a_person_s_question_is_tried_again_while_the_person_asks_little(
    client_for: ClientFor,
) -> None:
    """At a site that fails, a flood of questions would be three floods."""
    person = Asker(AskerKind.PERSON, "mallory")
    async with client_for(lambda _: httpx.Response(503)) as client:
        for _ in range(20):
            await client.livestream(MINT, asker=person)
        assert client.tries(Endpoint.LIVESTREAM) <= 3 * 2 + 18
        before = client.tries(Endpoint.LIVESTREAM)
        await client.livestream(MINT, asker=Asker(AskerKind.PERSON, "ada"))
        assert client.tries(Endpoint.LIVESTREAM) == before + 3


async def test_a_page_of_the_board_is_tried_twice(client_for: ClientFor) -> None:
    replies = [httpx.Response(503), httpx.Response(200, json=[roster_row()])]
    replies += [httpx.Response(503), httpx.Response(200, json=[])]
    async with client_for(lambda _: replies.pop(0)) as client:
        assert len((await client.roster(asker=POLLER)).rows) == 1
        assert client.tries(Endpoint.ROSTER) == 4


async def test_the_board_is_read_for_as_many_pages_as_asked_for(client_for: ClientFor) -> None:
    mints = [MINT, OTHER_MINT]

    def board(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[roster_row(mint=mints[int(request.url.params["offset"])])])

    async with client_for(board) as client:
        assert len((await client.roster(pages=1)).rows) == 1
        assert len((await client.roster(pages=2)).rows) == 2


async def test_a_question_somebody_waits_for_does_not_wait_behind_a_long_poll(
    client_for: ClientFor,
) -> None:
    asked: list[str] = []
    under_way = asyncio.Event()

    def network(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["mintId"])
        under_way.set()
        return httpx.Response(200, text="")

    async with client_for(network, requests_per_second=10.0) as client:
        polls = [
            asyncio.ensure_future(client.livestream(OTHER_MINT, asker=POLLER)) for _ in range(200)
        ]
        await under_way.wait()
        before = len(asked)
        assert await client.livestream(MINT) == Offline()
        assert asked.index(MINT) - before < 20
        for poll in polls:
            poll.cancel()
        await asyncio.wait(polls)


async def test_a_group_s_own_budget_can_be_set(client_for: ClientFor) -> None:
    """At the default of 50 a minute this would take two minutes."""
    async with client_for(
        lambda _: httpx.Response(200, text="null"), group_per_minute=6e6
    ) as client:
        async with asyncio.timeout(PATIENCE):
            for _ in range(100):
                assert await client.coin(MINT, asker=POLLER) is None
