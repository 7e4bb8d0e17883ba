from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PumpfunError
from bot.model import Coin, CoinMarks, Live, Offline, Reason, Starting, StreamSnapshot, Unknown
from bot.pumpfun import payloads, regions
from tests.pumpfun.samples import (
    DIRECTORY,
    MINT,
    OTHER_MINT,
    PLAYLIST,
    THUMBNAIL,
    WALLET,
    live_answer,
    roster_row,
    token_text,
)

LIVEKIT = "wss://pump-prod-tg2x8veh.livekit.cloud"

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**17, 10**40),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([MINT, THUMBNAIL, "https://[", "http://a:b/", "\ud800", "1" * 30, "1e999"]),
)
values = st.recursive(
    odd, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def observed(**changes: object) -> object:
    return payloads.observation(MINT, json.dumps(live_answer(**changes)).encode())


def test_a_live_coin_is_read_whole() -> None:
    assert observed() == Live(
        StreamSnapshot(
            mint=MINT,
            site_id=2070397,
            started_at=datetime(2025, 11, 20, 2, 15, 56, 911000, UTC),
            title="hello",
            viewers=26,
            thumbnail=THUMBNAIL,
            playlist=PLAYLIST,
            creator=WALLET,
            mode="view-only",
        )
    )


@pytest.mark.parametrize("missing", ["title", "creatorAddress", "mode", "streamStartTimestamp"])
def test_optional_fields_may_be_missing(missing: str) -> None:
    assert isinstance(observed(**{missing: ...}), Live)
    assert isinstance(observed(**{missing: None}), Live)


@pytest.mark.parametrize(
    "thumbnail",
    [..., None, "", "javascript:alert(1)", 7, "https://a@b/c", "http://[", "http://a:b/"],
)
def test_without_media_a_stream_is_only_starting(thumbnail: object) -> None:
    observation = observed(thumbnail=thumbnail)
    assert isinstance(observation, Starting)
    assert observation.stream.site_id == 2070397


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_is_offline(body: bytes) -> None:
    assert payloads.observation(MINT, body) == Offline()


def test_is_live_false_is_offline() -> None:
    assert observed(isLive=False) == Offline()


@pytest.mark.parametrize(
    "changes",
    [
        {"mintId": ...},
        {"mintId": OTHER_MINT},
        {"mintId": MINT.lower()},
        {"mintId": ..., "isLive": False},
        {"isLive": ...},
        {"isLive": 1},
        {"isLive": "true"},
        {"id": ...},
        {"id": True},
        {"id": -1},
        {"id": 10**30},
        {"id": 1.5},
    ],
)
def test_an_answer_without_its_sense_is_unknown(changes: dict[str, object]) -> None:
    assert observed(**changes) == Unknown(Reason.WRONG_SHAPE)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", Reason.NOT_JSON),
        (b"error code: 504", Reason.NOT_JSON),
        (b"\xff\xfe\xff", Reason.NOT_JSON),
        (b"[" * 100_000, Reason.NOT_JSON),
        (b"1" * 5_000, Reason.NOT_JSON),
        (b"null", Reason.WRONG_SHAPE),
        (b"[]", Reason.WRONG_SHAPE),
        (b"true", Reason.WRONG_SHAPE),
    ],
)
def test_what_cannot_be_read_is_unknown(body: bytes, reason: Reason) -> None:
    assert payloads.observation(MINT, body) == Unknown(reason)


@pytest.mark.parametrize(
    "milliseconds", [0, -1, 10**30, 1e400, float("nan"), True, "soon", 1763604956]
)
def test_an_impossible_start_is_dropped(milliseconds: object) -> None:
    observation = observed(streamStartTimestamp=milliseconds)
    assert isinstance(observation, Live)
    assert observation.stream.started_at is None


@pytest.mark.parametrize(("viewers", "read"), [("12", 12), (12.0, 12), (True, None), (-1, None)])
def test_a_count_may_come_as_text_but_not_as_a_boolean(viewers: object, read: int | None) -> None:
    observation = observed(numParticipants=viewers)
    assert isinstance(observation, Live)
    assert observation.stream.viewers == read


def test_text_that_cannot_be_encoded_or_never_ends_is_made_sound() -> None:
    observation = observed(title="a\ud800\0" + "b" * 5000)
    assert isinstance(observation, Live)
    assert observation.stream.title.startswith("a?b")
    assert len(observation.stream.title) == 300


@pytest.mark.parametrize(
    "thumbnail",
    [
        "https://thumbnails.pump.fun/1624631/1763606368815.jpeg",
        f"https://clips.pump.fun/{OTHER_MINT}/2070397_20260827_101112/thumb.jpg",
        f"https://clips.pump.fun/{MINT}/2070397_2026/thumb.jpg",
        f"https://clips.pump.fun/{MINT}/clips/thumbnail.jpg",
        None,
    ],
)
def test_no_playlist_is_made_up_from_another_shape(thumbnail: str | None) -> None:
    assert payloads.playlist_beside(thumbnail, MINT) is None


@given(values)
def test_any_json_is_an_observation(value: Any) -> None:
    body = json.dumps(value).encode()
    observation = payloads.observation(MINT, body)
    assert isinstance(observation, Live | Starting | Offline | Unknown)


@given(st.dictionaries(st.sampled_from(sorted(live_answer())), values))
def test_a_live_answer_with_any_odd_fields_is_an_observation(changes: dict[str, Any]) -> None:
    assert isinstance(observed(**changes), Live | Starting | Offline | Unknown)


@given(st.binary())
def test_any_bytes_are_an_observation(body: bytes) -> None:
    assert isinstance(payloads.observation(MINT, body), Live | Starting | Offline | Unknown)


@given(values, st.dictionaries(st.sampled_from(sorted(roster_row())), values))
def test_any_json_elsewhere_is_a_value_or_a_pumpfun_error(
    value: Any, changes: dict[str, Any]
) -> None:
    row = roster_row(**changes)
    reads: list[Callable[[], object]] = [
        lambda: payloads.coin(MINT, value),
        lambda: payloads.coin(MINT, row),
        lambda: payloads.roster_page(value),
        lambda: payloads.roster_page([value, row]),
        lambda: payloads.join_token(value),
        lambda: payloads.join_token({"token": value}),
        lambda: payloads.join_token({"token": token_text(video=value)}),
        lambda: payloads.join_token({"token": token_text(metadata=value)}),
        lambda: regions.nearest_first(value, LIVEKIT),
        lambda: regions.nearest_first({"regions": [value, {"url": value}]}, LIVEKIT),
    ]
    assert [failure for read in reads if (failure := unforeseen(read))] == []


def unforeseen(read: Callable[[], object]) -> Exception | None:
    """What reading raised, unless it is what callers are told to expect."""
    try:
        read()
    except PumpfunError:
        return None
    except Exception as error:  # noqa: BLE001 - this is what the test looks for
        return error
    return None


def test_a_coin_is_read_and_its_creator_may_be_an_object() -> None:
    expected = Coin(MINT, "IAMPILL", "I AM PILL", "https://ipfs.io/ipfs/Qm", WALLET)
    assert payloads.coin(MINT, roster_row()) == expected
    assert payloads.coin(MINT, roster_row(creator={"address": WALLET})) == expected
    assert payloads.coin(MINT, None) is None


def test_the_marks_of_a_coin_are_read_and_what_cannot_be_read_is_no_mark() -> None:
    expiry = 1_800_000_000_000
    row = roster_row(nsfw=True, is_banned=True, livestream_ban_expiry=expiry)
    (read,) = payloads.roster_page([row]).rows
    until = datetime.fromtimestamp(expiry / 1000, UTC)
    assert read.coin.marks == CoinMarks(nsfw=True, is_banned=True, streams_banned_until=until)
    odd = roster_row(nsfw="yes", is_banned=1, livestream_ban_expiry="soon")
    found = payloads.coin(MINT, odd)
    assert found is not None
    assert found.marks == CoinMarks()


@pytest.mark.parametrize("no", [False, 0, "0"])
def test_a_mark_is_taken_away_by_a_no_alone(no: object) -> None:
    marks = CoinMarks(
        nsfw=True, is_banned=True, streams_banned_until=datetime(2027, 1, 1, tzinfo=UTC)
    )
    said = payloads.coin(MINT, roster_row(nsfw=no, is_banned=no, livestream_ban_expiry=no))
    assert said is not None
    assert said.marks_after(marks) == CoinMarks()
    unclears: list[object] = [None, "yes", 1, [], ""]
    for unclear in unclears:
        odd = roster_row(nsfw=unclear, is_banned=unclear, livestream_ban_expiry=unclear)
        found = payloads.coin(MINT, odd)
        assert found is not None
        assert found.marks_after(marks) == marks
        assert found.marks_after(CoinMarks()) == CoinMarks()


def test_another_coin_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(PumpfunError) as caught:
        payloads.coin(OTHER_MINT, roster_row())
    assert caught.value.reason is Reason.WRONG_SHAPE


@pytest.mark.parametrize(
    "rows", [[{"address": MINT}], [{"coin": roster_row()}], [roster_row(mint={"a": MINT})], [7]]
)
def test_a_board_whose_rows_all_have_another_shape_is_not_an_empty_one(rows: list[object]) -> None:
    with pytest.raises(PumpfunError) as caught:
        payloads.roster_page(rows)
    assert caught.value.reason is Reason.WRONG_SHAPE
    assert payloads.roster_page([]).rows == ()


def test_of_a_page_without_end_no_more_is_read_than_takes_a_moment() -> None:
    page = payloads.roster_page([roster_row()] * 60_000)
    assert page.received == len(page.rows) == 2000


def test_a_row_of_the_board_says_live_with_the_id_of_its_media() -> None:
    page = payloads.roster_page([roster_row(), roster_row(mint="0xabc"), 7])
    assert page.received == 3
    assert page.keys == {MINT, "0xabc"}
    (row,) = page.rows
    assert isinstance(row.observation, Live)
    assert row.observation.stream.site_id == 2070397
    assert row.observation.stream.playlist == PLAYLIST
    assert (row.viewers, row.title, row.coin.marks) == (78, "hi", CoinMarks())


@pytest.mark.parametrize(
    ("playlist", "master"),
    [
        (PLAYLIST, PLAYLIST),
        (f"{DIRECTORY}/playlist_20260827_101112_2_live.m3u8", PLAYLIST),
        ("https://clips.pump.fun/old/live.m3u8", "https://clips.pump.fun/old/live.m3u8"),
        ("javascript:alert(1)", PLAYLIST),
        (None, PLAYLIST),
    ],
)
def test_the_playlist_of_a_row_is_the_master_of_its_directory(
    playlist: str | None, master: str
) -> None:
    (row,) = payloads.roster_page([roster_row(playlist_url=playlist)]).rows
    assert row.observation is not None
    assert row.observation.stream.playlist == master


def test_an_old_thumbnail_names_the_stream_as_well() -> None:
    old = "https://thumbnails.pump.fun/1624631/1763606368815.jpeg"
    (row,) = payloads.roster_page([roster_row(thumbnail=old)]).rows
    assert row.observation is not None
    assert row.observation.stream.site_id == 1624631


@pytest.mark.parametrize(
    "changes",
    [
        {"is_currently_live": False},
        {"is_currently_live": "true"},
        {"playlist_status": "ENDED"},
        {"thumbnail": ""},
        {"thumbnail": f"https://clips.pump.fun/{OTHER_MINT}/1_20260827_101112/thumb.jpg"},
    ],
)
def test_a_row_that_proves_nothing_says_nothing(changes: dict[str, object]) -> None:
    (row,) = payloads.roster_page([roster_row(**changes)]).rows
    assert row.observation is None


def test_a_token_is_read_without_its_key() -> None:
    secret = token_text(exp=1763692828)
    token = payloads.join_token({"token": secret, "role": "viewer"})
    assert token.secret == secret
    assert token.room == f"livestream:{MINT}:2070397"
    assert token.expires_at == datetime(2025, 11, 21, 2, 40, 28, tzinfo=UTC)
    assert token.role == "viewer"
    assert secret not in repr(token)


def test_the_role_may_stand_in_the_metadata_only() -> None:
    token = payloads.join_token({"token": token_text(metadata='{"role":"host"}')})
    assert token.role == "host"


@pytest.mark.parametrize("exp", [float("inf"), 10**30, -1, "never", None])
def test_an_impossible_expiry_is_dropped(exp: object) -> None:
    assert payloads.join_token({"token": token_text(exp=exp)}).expires_at is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"token": None},
        {"token": "SECRET-not-a-jwt"},
        {"token": "SECRET.SECRET.SECRET"},
        {"token": token_text() + "\r\nX-Secret: SECRET"},
        {"token": token_text(video={"SECRET": 1})},
        {"token": token_text(video=None)},
    ],
)
def test_an_unusable_token_is_an_error_without_a_word_of_it(value: Any) -> None:
    with pytest.raises(PumpfunError) as caught:
        payloads.join_token(value)
    assert caught.value.reason is Reason.WRONG_SHAPE
    assert caught.value.__context__ is None
    shown = f"{caught.value} {caught.value!r}"
    assert "SECRET" not in shown
    assert "eyJ" not in shown


def listed(*entries: tuple[str, str, object], livekit: str = LIVEKIT) -> list[str]:
    value = {"regions": [{"region": n, "url": u, "distance": d} for n, u, d in entries]}
    return [region.url for region in regions.nearest_first(value, livekit)]


def test_regions_come_nearest_first_and_the_bare_host_last() -> None:
    cloud = "https://pump-prod-tg2x8veh.{}.production.livekit.cloud"
    assert listed(
        ("far", cloud.format("far"), "911231"),
        ("none", cloud.format("none"), None),
        ("near", cloud.format("near"), "1231"),
        ("nan", cloud.format("nan"), "NaN"),
    ) == [
        "wss://pump-prod-tg2x8veh.near.production.livekit.cloud",
        "wss://pump-prod-tg2x8veh.far.production.livekit.cloud",
        "wss://pump-prod-tg2x8veh.none.production.livekit.cloud",
        "wss://pump-prod-tg2x8veh.nan.production.livekit.cloud",
        LIVEKIT,
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "https://evillivekit.cloud",
        "https://livekit.cloud.evil.example",
        "https://livekit.cloud@evil.example",
        "https://evil.example\\.livekit.cloud",
        "http://x.livekit.cloud",
        "ws://x.livekit.cloud",
        "https://x.livekit.cloud:8443",
        "https://127.0.0.1",
        "ftp://x.livekit.cloud",
        "",
        None,
    ],
)
def test_a_region_elsewhere_never_gets_the_token(url: str) -> None:
    assert listed(("evil", url, "1")) == [LIVEKIT]


def test_a_server_of_ones_own_may_name_itself_and_names_under_it() -> None:
    own = "wss://lk.example.org:7443"
    assert listed(
        ("a", "https://lk.example.org:7443", 1),
        ("b", "https://eu.lk.example.org", 2),
        ("c", "https://example.org", 0),
        ("d", "https://other.example.org", 0),
        livekit=own,
    ) == ["wss://lk.example.org:7443", "wss://eu.lk.example.org", own]


def test_on_this_machine_only_this_machine_is_a_region() -> None:
    own = "ws://127.0.0.1:7880"
    assert listed(
        ("a", "http://127.0.0.1:7881", 1),
        ("b", "http://localhost:7882", 2),
        ("c", "https://x.livekit.cloud", 0),
        livekit=own,
    ) == ["ws://127.0.0.1:7881", "ws://localhost:7882", own]
