"""A coin of the look-alike follows its script, and the site tells what it was asked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.demo.site.server import DemoCoin, Site
from tests.demo.conftest import plain_client

MINT = "HnnTjrFBAK2uEsasABGUJY3zxHTUx793uCNSxQKvK9q1"


@pytest.fixture
def coin(site: Site) -> DemoCoin:
    return site.add_coin(MINT)


async def look(web: httpx.AsyncClient) -> dict[str, Any] | None:
    answer = await web.get("/livestream", params={"mintId": MINT})
    row: dict[str, Any] | None = answer.json() if answer.content else None
    return row


async def test_a_broadcast_from_its_start_to_its_end(
    web: httpx.AsyncClient, coin: DemoCoin, clock: Any
) -> None:
    coin.go_live("First", 3, media=False)
    assert "thumbnail" not in (await look(web) or {})
    clock.step(8)
    coin.show_media(b"\xff\xd8one")
    coin.retitle("Second")
    coin.watch(41)
    row = await look(web)
    assert row is not None
    assert (row["title"], row["numParticipants"]) == ("Second", 41)
    assert row["thumbnailUpdatedAt"] - row["streamStartTimestamp"] == 8000
    coin.end()
    assert await look(web) is None
    assert (await web.get(row["thumbnail"])).status_code == 404


async def test_a_refreshed_thumbnail_keeps_its_url(
    web: httpx.AsyncClient, coin: DemoCoin, clock: Any
) -> None:
    coin.go_live(thumbnail=b"\xff\xd8one")
    first = await look(web) or {}
    clock.step(90)
    coin.show_media(b"\xff\xd8two")
    second = await look(web) or {}
    assert first["thumbnail"] == second["thumbnail"]
    assert second["thumbnailUpdatedAt"] == first["thumbnailUpdatedAt"] + 90_000
    assert (await web.get(second["thumbnail"])).content == b"\xff\xd8two"


async def test_rotation_moves_the_media_and_nothing_else(
    web: httpx.AsyncClient, coin: DemoCoin
) -> None:
    coin.go_live("Hello", thumbnail=b"\xff\xd8one")
    before = await look(web) or {}
    coin.rotate_media()
    after = await look(web) or {}
    assert (before["id"], before["streamStartTimestamp"]) == (
        after["id"],
        after["streamStartTimestamp"],
    )
    assert before["thumbnail"] != after["thumbnail"]
    assert (await web.get(before["thumbnail"])).status_code == 404
    assert (await web.get(after["thumbnail"])).content == b"\xff\xd8one"


async def test_a_flap_brings_a_new_id_and_room_unless_told_otherwise(
    web: httpx.AsyncClient, coin: DemoCoin, clock: Any
) -> None:
    coin.go_live("Hello", 5, thumbnail=b"\xff\xd8one")
    room, before = coin.room, await look(web) or {}
    clock.step(10)
    coin.flap()
    after = await look(web) or {}
    assert after["id"] == before["id"] + 1
    assert after["streamStartTimestamp"] == before["streamStartTimestamp"] + 10_000
    assert (after["title"], after["numParticipants"]) == ("Hello", 5)
    assert (await web.get(after["thumbnail"])).content == b"\xff\xd8one"
    assert coin.room != room
    coin.flap(same_id=True)
    assert (await look(web) or {})["id"] == after["id"]


async def test_a_drop_goes_off_air_and_the_return_may_be_without_media(
    web: httpx.AsyncClient, coin: DemoCoin
) -> None:
    first = coin.go_live()
    picture = (await look(web) or {})["thumbnail"]
    coin.drop()
    assert await look(web) is None
    assert (await web.get("/coins/currently-live")).json() == []
    assert (await web.get(picture)).status_code == 200
    coin.go_live(media=False, stream_id=first.stream_id)
    row = await look(web) or {}
    assert row["id"] == first.stream_id
    assert "thumbnail" not in row


async def test_ids_grow_over_all_coins(site: Site, coin: DemoCoin) -> None:
    other = site.add_coin("Other")
    ids = [coin.go_live().stream_id, other.go_live().stream_id, coin.flap().stream_id]
    assert ids == [2100000, 2100001, 2100002]


async def test_a_coin_that_is_off_air_has_no_room_and_nothing_to_end(coin: DemoCoin) -> None:
    with pytest.raises(RuntimeError, match="off air"):
        _ = coin.room
    with pytest.raises(RuntimeError, match="off air"):
        coin.end()


async def test_the_site_remembers_what_it_was_asked(
    site: Site, web: httpx.AsyncClient, coin: DemoCoin, clock: Any
) -> None:
    await look(web)
    await web.get(f"/coins/{MINT}")
    await web.get(f"/images/{MINT}.jpg")
    first = site.requests[0]
    assert (first.endpoint, first.method, first.path) == ("livestream", "GET", "/livestream")
    assert (first.query, first.at) == ({"mintId": MINT}, clock())
    assert [seen.endpoint for seen in site.requests] == ["livestream", "other", "images"]
    assert (site.count("livestream"), site.count("media"), site.count()) == (1, 1, 3)
    await site.reached("livestream")


async def test_a_mint_is_added_only_once(site: Site, coin: DemoCoin) -> None:
    with pytest.raises(ValueError, match=MINT):
        site.add_coin(MINT)


async def test_a_site_can_be_served_again_on_another_port(clock: Any) -> None:
    site = Site(clock=clock)
    site.add_coin(MINT).go_live()
    for _ in range(2):
        async with site, plain_client(base_url=site.origin) as web:
            row = await look(web) or {}
            assert row["thumbnail"].startswith(site.origin)
    with pytest.raises(RuntimeError, match="not served"):
        _ = site.origin
