"""The look-alike answers as the site was observed to, odd answers included."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import jwt
import pytest

from bot.demo.site.server import DEAD_REGION, DemoCoin, Offline, Site, TokenFault

MINT = "HnnTjrFBAK2uEsasABGUJY3zxHTUx793uCNSxQKvK9q1"
OTHER = "So11111111111111111111111111111111111111112"
SECRET = "a secret of this machine's demo only"


@pytest.fixture
def coin(site: Site) -> DemoCoin:
    return site.add_coin(MINT, "DEMO", "Demo coin", b"\xff\xd8image")


async def join(web: httpx.AsyncClient, **wish: Any) -> httpx.Response:
    return await web.post("/livestream/join", json={"mintId": MINT, "viewer": True} | wish)


def claims(token: str) -> dict[str, Any]:
    unchecked: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return unchecked


class TestLivestream:
    @pytest.mark.parametrize("mint", [MINT, OTHER])
    async def test_an_offline_and_an_unknown_mint_are_the_same_empty_200(
        self, web: httpx.AsyncClient, coin: DemoCoin, mint: str
    ) -> None:
        answer = await web.get("/livestream", params={"mintId": mint})
        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize(
        ("way", "status", "start"),
        [
            (Offline.WHITESPACE, 200, " \n"),
            (Offline.NOT_FOUND, 404, '{"statusCode": 404, "message": "Livestream not found"'),
            (Offline.IS_LIVE_FALSE, 200, '{"mintId": "' + MINT),
        ],
    )
    async def test_offline_can_be_said_in_the_other_ways_that_clients_code_for(
        self, site: Site, web: httpx.AsyncClient, way: Offline, status: int, start: str
    ) -> None:
        site.offline_as = way
        answer = await web.get("/livestream", params={"mintId": MINT})
        assert answer.status_code == status
        assert answer.text.startswith(start)

    async def test_a_live_coin_has_the_row_that_was_measured(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin, clock: Callable[[], datetime]
    ) -> None:
        coin.go_live("Hello", 26)
        row = (await web.get("/livestream", params={"mintId": MINT})).json()
        start = round(clock().timestamp() * 1000)
        assert row == {
            "id": 2100000,
            "supabaseId": 2100000,
            "mintId": MINT,
            "creatorAddress": coin.creator,
            "streamStartTimestamp": start,
            "numParticipants": 26,
            "maxParticipants": 0,
            "isLive": True,
            "thumbnail": f"{site.origin}/{MINT}/2100000_20260912_054000/thumb.jpg",
            "thumbnailUpdatedAt": start,
            "title": "Hello",
            "downrankScore": 0,
            "mode": "view-only",
        }

    async def test_the_ingress_alone_is_live_without_a_thumbnail(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live(media=False)
        row = (await web.get("/livestream", params={"mintId": MINT})).json()
        assert row["isLive"] is True
        assert not {"thumbnail", "thumbnailUpdatedAt"} & row.keys()

    async def test_optional_fields_can_be_missing(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live("Hello")
        site.forget_optional_fields()
        row = (await web.get("/livestream", params={"mintId": MINT})).json()
        (listed,) = (await web.get("/coins/currently-live")).json()
        assert not {"title", "thumbnail", "thumbnailUpdatedAt", "numParticipants"} & row.keys()
        assert not {"livestream_title", "thumbnail", "num_participants"} & listed.keys()
        coin.remember()
        coin.forget("title")
        row = (await web.get("/livestream", params={"mintId": MINT})).json()
        assert "title" not in row
        assert "thumbnail" in row

    async def test_a_field_that_is_never_missing_cannot_be_forgotten(self, coin: DemoCoin) -> None:
        with pytest.raises(ValueError, match="mintId"):
            coin.forget("mintId")


class TestJoin:
    @pytest.mark.parametrize(
        "wish",
        [
            {"viewer": True},
            {"viewer": True, "hidden": True},
            {"viewer": None, "role": "viewer"},
        ],
    )
    async def test_a_viewer_gets_201_and_a_token_for_the_room_of_the_broadcast(
        self, web: httpx.AsyncClient, coin: DemoCoin, wish: dict[str, Any]
    ) -> None:
        coin.go_live()
        answer = await join(web, **wish)
        assert answer.status_code == 201
        assert answer.json().keys() == {"token", "role"}
        assert answer.json()["role"] == "viewer"
        body = jwt.decode(answer.json()["token"], SECRET, algorithms=["HS256"])
        assert coin.room == f"livestream:{MINT}:2100000"
        assert {key: value for key, value in body["video"].items() if value is not None} == {
            "room": coin.room,
            "roomJoin": True,
            "roomCreate": False,
            "canPublish": False,
            "canSubscribe": True,
            "canPublishData": True,
            "hidden": False,
        }
        assert json.loads(body["metadata"]) == {"anon": True, "role": "viewer"}
        assert body["iss"] == "devkey"
        assert len(body["sub"]) == 8
        assert body["exp"] - body["nbf"] == 24 * 3600

    async def test_the_bare_mint_needs_the_cookies_of_the_site(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        bare = {"mintId": MINT}
        assert (await web.post("/livestream/join", json=bare)).status_code == 401
        with_cookie = await web.post("/livestream/join", json=bare, headers={"Cookie": "a=b"})
        assert with_cookie.status_code == 201

    async def test_an_offline_mint_is_a_404_that_has_a_route(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        answer = await join(web)
        assert answer.status_code == 404
        assert "Cannot" not in answer.json()["message"]

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"mintId": 7}'])
    async def test_a_join_that_makes_no_sense_is_a_400(
        self, web: httpx.AsyncClient, body: bytes
    ) -> None:
        assert (await web.post("/livestream/join", content=body)).status_code == 400

    async def test_status_200_and_an_honoured_hidden_can_be_told(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        site.join_status, site.honours_hidden = 200, True
        answer = await join(web, hidden=True)
        assert answer.status_code == 200
        assert claims(answer.json()["token"])["video"]["hidden"] is True

    async def test_a_token_can_be_bad_in_each_way(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        given = {}
        for fault in TokenFault:
            coin.token_fault = fault
            given[fault] = (await join(web)).json()
        assert given[TokenFault.MISSING] == {"role": "viewer"}
        assert given[TokenFault.GARBAGE]["token"].count(".") == 2
        expired = claims(given[TokenFault.EXPIRED]["token"])
        assert expired["exp"] < expired["nbf"] - 60
        assert claims(given[TokenFault.WRONG_ROOM]["token"])["video"]["room"] != coin.room
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(given[TokenFault.WRONG_SECRET]["token"], SECRET, algorithms=["HS256"])

    async def test_a_token_lives_as_long_as_told(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        coin.token_ttl = 90
        body = claims((await join(web)).json()["token"])
        assert body["exp"] - body["nbf"] == 90


class TestRegions:
    async def ask(self, web: httpx.AsyncClient, token: str | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await web.get("/settings/regions", headers=headers)

    async def test_the_distance_is_a_text_and_the_url_is_http(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        answer = await self.ask(web, (await join(web)).json()["token"])
        region = {"region": "demo-near", "url": "http://127.0.0.1:7880", "distance": "911231"}
        assert answer.json() == {"regions": [region]}

    async def test_a_dead_region_can_be_added_and_the_path_can_be_missing(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        token = (await join(web)).json()["token"]
        site.set_regions([DEAD_REGION, site.near_region()])
        rows = (await self.ask(web, token)).json()["regions"]
        assert [row["region"] for row in rows] == ["demo-far", "demo-near"]
        site.set_regions(None)
        answer = await self.ask(web, token)
        assert (answer.status_code, answer.text) == (404, "404 page not found\n")

    @pytest.mark.parametrize(
        "fault", [TokenFault.EXPIRED, TokenFault.WRONG_SECRET, TokenFault.GARBAGE, None]
    )
    async def test_without_a_good_token_it_is_401(
        self, web: httpx.AsyncClient, coin: DemoCoin, fault: TokenFault | None
    ) -> None:
        coin.go_live()
        coin.token_fault = fault
        token = (await join(web)).json()["token"] if fault else None
        assert (await self.ask(web, token)).status_code == 401


class TestRoster:
    async def test_a_row_carries_playlists_and_the_metadata(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live("Hello", 78)
        (row,) = (await web.get("/coins/currently-live")).json()
        folder = f"{site.origin}/{MINT}/2100000_20260912_054000"
        assert row["mint"] == MINT
        assert row["is_currently_live"] is True
        assert row["num_participants"] == 78
        assert row["livestream_title"] == "Hello"
        assert row["thumbnail"] == f"{folder}/thumb.jpg"
        assert row["playlist_url"] == f"{folder}/master_playlist_20260912_054000.m3u8"
        assert row["playlist_url_low"].endswith("/playlist_20260912_054000_0_live.m3u8")
        assert row["playlist_status"] == "ACTIVE"
        assert row["playlist_updated_at"] == "2026-09-12T05:40:00.000Z"
        assert row["image_uri"] == f"{site.origin}/images/{MINT}.jpg"
        assert row["creator"] == coin.creator
        assert row["recommendation_rank"] == 1

    async def test_the_creator_can_be_an_object(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        coin.creator_as_object = True
        (row,) = (await web.get("/coins/currently-live")).json()
        assert row["creator"] == {"address": coin.creator}

    async def test_an_image_that_the_creator_chose_is_shown_as_it_stands(
        self, site: Site, web: httpx.AsyncClient
    ) -> None:
        site.add_coin(OTHER, image="javascript:alert(1)").go_live(media=False)
        (row,) = (await web.get("/coins/currently-live")).json()
        assert row["image_uri"] == "javascript:alert(1)"
        assert "playlist_url" not in row

    async def test_a_page_is_clamped_whatever_limit_says_and_ranked_by_viewers(
        self, site: Site, web: httpx.AsyncClient
    ) -> None:
        for number in range(75):
            site.add_coin(f"Coin{number}").go_live(viewers=number)
        pages = [
            (await web.get("/coins/currently-live", params={"limit": 1000, "offset": at})).json()
            for at in (0, 70, 75)
        ]
        assert [len(page) for page in pages] == [70, 5, 0]
        assert [row["num_participants"] for row in pages[0] + pages[1]] == [*range(74, -1, -1)]
        few = (await web.get("/coins/currently-live", params={"limit": 2, "offset": 1})).json()
        assert [row["recommendation_rank"] for row in few] == [2, 3]

    async def test_a_just_started_stream_comes_late_and_some_never(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin, clock: Any
    ) -> None:
        site.roster_lag = 30
        coin.go_live()
        site.add_coin(OTHER).go_live()
        site.coins[OTHER].hidden_from_roster = True
        assert (await web.get("/coins/currently-live")).json() == []
        assert (await web.get("/livestream", params={"mintId": MINT})).json()["isLive"]
        clock.step(30)
        assert [r["mint"] for r in (await web.get("/coins/currently-live")).json()] == [MINT]
        assert (await web.get("/livestream", params={"mintId": OTHER})).json()["isLive"]

    @pytest.mark.parametrize("path", ["/coins/currently-live", "/coins/search-unrestricted"])
    async def test_nsfw_streams_are_hidden_unless_asked_for(
        self, site: Site, web: httpx.AsyncClient, path: str
    ) -> None:
        site.add_coin(MINT, nsfw=True).go_live()
        hidden = await web.get(path, params={"currentlyLive": "true", "includeNsfw": "false"})
        shown = await web.get(path, params={"currentlyLive": "true", "includeNsfw": "true"})
        assert [len(hidden.json()), len(shown.json())] == [0, 1]

    async def test_search_lists_only_live_coins_when_asked_so(
        self, site: Site, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        site.add_coin(OTHER).go_live()
        live = await web.get("/coins/search-unrestricted", params={"currentlyLive": "true"})
        every = await web.get("/coins/search-unrestricted")
        assert [row["mint"] for row in live.json()] == [OTHER]
        assert [row["is_currently_live"] for row in every.json()] == [True, False]

    async def test_the_sixty_first_request_of_a_minute_is_refused_as_text(
        self, web: httpx.AsyncClient, clock: Any
    ) -> None:
        first = await web.get("/coins/currently-live")
        assert first.headers["x-ratelimit-limit"] == "60"
        assert first.headers["x-ratelimit-remaining"] == "59"
        assert first.headers["x-ratelimit-reset"] == "60"
        clock.step(20)
        more = [await web.get("/coins/currently-live") for _ in range(60)]
        assert [answer.status_code for answer in more] == [200] * 59 + [429]
        assert more[-1].text == "error code: 1015"
        assert more[-1].headers["retry-after"] == "40"
        assert (await web.get("/coins-v2/x")).status_code == 404
        clock.step(40)
        assert (await web.get("/coins/currently-live")).status_code == 200

    async def test_a_limit_can_be_lifted_and_the_per_mint_endpoint_has_none(
        self, site: Site, web: httpx.AsyncClient
    ) -> None:
        site.rate_limits.limits.clear()
        for _ in range(61):
            assert (await web.get("/coins/currently-live")).status_code == 200
        answer = await web.get("/livestream", params={"mintId": MINT})
        assert not any(name.startswith("x-ratelimit") for name in answer.headers)


class TestCoins:
    async def test_v3_knows_the_coin_and_says_null_of_any_other(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        known = await web.get(f"/coins-v3/{MINT}", params={"includeLiveStreamInfo": "true"})
        unknown = await web.get(f"/coins-v3/{OTHER}")
        assert (known.json()["symbol"], known.json()["name"]) == ("DEMO", "Demo coin")
        assert (unknown.status_code, unknown.text) == (200, "null")

    async def test_v2_knows_the_coin_and_has_a_404_for_any_other(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        assert (await web.get(f"/coins-v2/{MINT}")).json()["mint"] == MINT
        unknown = await web.get(f"/coins-v2/{OTHER}")
        assert unknown.status_code == 404
        assert unknown.json()["message"] == f"Coin not found for mint: {OTHER}"

    async def test_many_coins_at_once_are_a_201(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live()
        answer = await web.post("/coins-v2/mints", json={"mints": [MINT, OTHER]})
        assert answer.status_code == 201
        assert [(r["mint"], r["is_currently_live"]) for r in answer.json()] == [(MINT, True)]
        assert (await web.post("/coins-v2/mints", json={"mints": MINT})).status_code == 400

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", f"/coins/{MINT}"),
            ("GET", "/livestreams/x"),
            ("POST", "/livestream"),
            ("GET", "/"),
        ],
    )
    async def test_a_path_without_a_route_says_cannot(
        self, web: httpx.AsyncClient, coin: DemoCoin, method: str, path: str
    ) -> None:
        answer = await web.request(method, path)
        assert answer.status_code == 404
        assert answer.json() == {
            "statusCode": 404,
            "message": f"Cannot {method} {path}",
            "error": "Not Found",
        }

    async def test_a_foreign_origin_is_refused_by_the_frontend_only(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        foreign, home = {"Origin": "https://evil.example"}, {"Origin": "https://pump.fun"}
        for path in ("/coins/currently-live", f"/coins-v3/{MINT}", f"/coins-v2/{MINT}"):
            refused = await web.get(path, headers=foreign)
            assert (refused.status_code, refused.headers["content-type"][:9]) == (403, "text/html")
            assert (await web.get(path, headers=home)).status_code == 200
        assert (await web.get("/livestream", headers=foreign)).status_code == 200

    async def test_only_the_creator_of_a_known_coin_is_approved(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        path = "/livestream/is-approved-creator"
        assert (await web.get(path, params={"mintId": MINT})).json() is True
        assert (await web.get(path, params={"mintId": OTHER})).json() is False


class TestPictures:
    async def test_the_thumbnail_and_the_image_are_served(
        self, web: httpx.AsyncClient, coin: DemoCoin
    ) -> None:
        coin.go_live(thumbnail=b"\xff\xd8first")
        row = (await web.get("/livestream", params={"mintId": MINT})).json()
        thumb = await web.get(row["thumbnail"])
        assert (thumb.content, thumb.headers["content-type"]) == (b"\xff\xd8first", "image/jpeg")
        record = (await web.get(f"/coins-v3/{MINT}")).json()
        assert (await web.get(record["image_uri"])).content == b"\xff\xd8image"

    async def test_what_is_not_there_is_404(self, site: Site, web: httpx.AsyncClient) -> None:
        site.add_coin(OTHER)
        for path in (f"/images/{OTHER}.jpg", f"/images/{MINT}.jpg", f"/{OTHER}/1_2/thumb.jpg"):
            assert (await web.get(path)).status_code == 404

    async def test_clips_are_listed_newest_first_and_by_kind(
        self, web: httpx.AsyncClient, coin: DemoCoin, clock: Any
    ) -> None:
        coin.go_live()
        clock.step(60)
        coin.add_highlight(12)
        coin.add_highlight(5)
        body = (await web.get(f"/clips/{MINT}", params={"limit": 1})).json()
        assert body["hasMore"] is True
        assert body["clips"][0]["duration"] == 5
        assert body["clips"][0]["sessionId"] == "2100000_20260912_054000"
        assert body["clips"][0]["clipId"].endswith("-h-0-5000")
        whole = await web.get(f"/clips/{MINT}", params={"clipType": "COMPLETE"})
        none = await web.get(f"/clips/{OTHER}")
        assert whole.json() == none.json() == {"clips": [], "hasMore": False}
