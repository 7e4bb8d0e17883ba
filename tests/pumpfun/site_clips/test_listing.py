"""What the site says of its own clips, believed as far as it can be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PumpfunError
from bot.model import Asker, AskerKind, Reason, SiteClip, SiteClipKind
from bot.pumpfun import Endpoint, PumpfunClient
from bot.pumpfun.media_hosts import MediaHosts
from bot.pumpfun.site_clips import site_clips
from tests.pumpfun.samples import MINT, NO_NAMES, OTHER_MINT, not_found
from tests.pumpfun.site_clips.rows import FOLDER, HIGHLIGHT, SESSION, complete, highlight

ClientFor = Callable[..., PumpfunClient]

HOSTS = MediaHosts(["clips.pump.fun"])
BEGAN = datetime(2025, 9, 14, 13, 52, 25, 735_000, tzinfo=UTC)


def listed(*rows: object, kind: SiteClipKind = SiteClipKind.HIGHLIGHT) -> tuple[SiteClip, ...]:
    return site_clips(MINT, kind, {"clips": list(rows), "hasMore": False}, HOSTS)


def test_a_highlight_is_read_as_it_was_seen() -> None:
    assert listed(highlight()) == (
        SiteClip(
            id=HIGHLIGHT,
            kind=SiteClipKind.HIGHLIGHT,
            begins_at=BEGAN,
            seconds=12.0,
            stream_id=535897,
            video=f"{FOLDER}/{HIGHLIGHT}/clip.mp4",
            thumbnail=f"{FOLDER}/20250914_135225:{SESSION}/thumbnail.jpg",
            bytes=1267218,
        ),
    )


def test_a_whole_session_has_a_playlist_and_no_video() -> None:
    (clip,) = listed(complete(), kind=SiteClipKind.COMPLETE)
    assert (clip.stream_id, clip.seconds, clip.video) == (535897, 3600.0, None)
    assert clip.playlist == f"{FOLDER}/20250914_134855:{SESSION}/playlist.m3u8"


def test_the_newest_come_first_and_each_once() -> None:
    later = highlight(clipId="b", startTime="2025-09-14T15:00:00Z")
    first = highlight(clipId="a", startTime="2025-09-13T15:00:00Z")
    assert [clip.id for clip in listed(first, later, highlight(), later)] == ["b", HIGHLIGHT, "a"]


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": True},
        {"hidden": "yes"},
        {"roomName": OTHER_MINT},
        {"clipType": "COMPLETE"},
        {"clipId": "../../secrets"},
        {"clipId": ""},
        {"clipId": "x" * 121},
        {"startTime": "soon"},
        {"startTime": "1969-01-01T00:00:00Z"},
        {"startTime": "9999-12-31T23:59:59.999999-23:59"},
        {"startTime": ...},
        {"startTime": {}},
        {"duration": 0},
        {"duration": 1e-300},
        {"duration": 1e9},
        {"duration": "nan", "endTime": ...},
        {"duration": ..., "endTime": "2025-09-14T13:52:25.735Z"},
        {"mp4Url": ""},
        {"mp4Url": ...},
        {"mp4Url": f"http://clips.pump.fun/{MINT}/clip.mp4"},
        {"mp4Url": "https://clips.pump.fun@evil.example/clip.mp4"},
        {"mp4Url": "https://clips.pump.fun.evil.example/clip.mp4"},
        {"mp4Url": "https://clips.pump.fun:444/clip.mp4"},
        {"mp4Url": "file:///etc/passwd"},
        {"mp4Url": ["https://clips.pump.fun/clip.mp4"]},
        *({"mp4Url": f"https://{name}/clip.mp4"} for name in NO_NAMES),
    ],
)
def test_what_cannot_be_used_or_is_hidden_is_left_out(changes: dict[str, object]) -> None:
    assert listed(highlight(**changes)) == ()


@pytest.mark.parametrize("row", [None, 7, "clip", [], {}, [[]]])
def test_a_row_of_another_shape_costs_no_other(row: object) -> None:
    assert [clip.id for clip in listed(row, highlight())] == [HIGHLIGHT]


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [({}, 12.0), ({"duration": "12.5"}, 12.5), ({"duration": ...}, 12.0), ({"duration": []}, 12.0)],
)
def test_its_length_is_said_or_told_by_its_ends(changes: dict[str, Any], seconds: float) -> None:
    assert [clip.seconds for clip in listed(highlight(**changes))] == [seconds]


@pytest.mark.parametrize("start", [1757857945735, "1757857945735", "2025-09-14T13:52:25.735"])
def test_its_beginning_may_come_as_milliseconds_or_without_a_zone(start: object) -> None:
    assert [clip.begins_at for clip in listed(highlight(startTime=start))] == [BEGAN]


def test_what_else_is_odd_is_left_out_of_it() -> None:
    odd = highlight(sessionId="x", thumbnailUrl="https://evil.example/a", mp4SizeBytes=-1)
    (clip,) = listed(odd)
    assert (clip.stream_id, clip.thumbnail, clip.bytes) == (None, None, None)


@pytest.mark.parametrize(
    "answer",
    [
        *(None, [], [[]], {}, {"clips": None}, {"clips": {"a": 1}}, 7),
        {"clips": [7]},
        {"clips": [{"id": HIGHLIGHT}]},
        {"clips": [highlight(clipId=7)]},
        {"clips": [{"clip": highlight()}]},
    ],
)
def test_another_shape_is_no_list(answer: object) -> None:
    with pytest.raises(PumpfunError) as caught:
        site_clips(MINT, SiteClipKind.HIGHLIGHT, answer, HOSTS)
    assert caught.value.reason is Reason.WRONG_SHAPE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(highlight())), JSON))
def test_no_value_of_any_field_breaks_it(changes: dict[str, object]) -> None:
    for clip in listed(highlight(**changes), highlight()):
        assert clip.begins_at + timedelta(seconds=clip.seconds) > clip.begins_at


# Asking


def answering(status: int, body: object) -> Any:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, content=body if isinstance(body, str) else json.dumps(body))

    return answer, asked


async def test_they_are_asked_for_by_kind_and_no_more_come_than_were_wanted(
    client_for: ClientFor,
) -> None:
    rows = [highlight(clipId=f"c{n}", startTime=f"2025-09-14T13:0{n}:00Z") for n in range(5)]
    answer, asked = answering(200, {"clips": rows, "hasMore": True})
    async with client_for(answer) as client:
        clips = await client.clips(MINT, SiteClipKind.HIGHLIGHT, 3)
        assert client.tries(Endpoint.CLIPS) == 1
    assert [clip.id for clip in clips] == ["c4", "c3", "c2"]
    assert asked[0].url.path == f"/clips/{MINT}"
    assert dict(asked[0].url.params) == {"limit": "3", "clipType": "HIGHLIGHT"}


async def test_a_coin_that_the_handler_does_not_know_has_none(client_for: ClientFor) -> None:
    answer, _ = answering(404, not_found("No clips"))
    async with client_for(answer) as client:
        assert await client.clips(MINT, SiteClipKind.COMPLETE, 20) == ()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, not_found(f"Cannot GET /clips/{MINT}"), Reason.ROUTE_GONE),
        (401, "", Reason.FORBIDDEN),
        (200, "<html>", Reason.NOT_JSON),
        (200, "", Reason.EMPTY),
        (200, [], Reason.WRONG_SHAPE),
        (200, " " * (2 << 20), Reason.TOO_LARGE),
        (503, "", Reason.SERVER_ERROR),
    ],
)
async def test_whatever_else_is_told_as_it_is(
    client_for: ClientFor, status: int, body: object, reason: Reason
) -> None:
    answer, _ = answering(status, body)
    async with client_for(answer) as client:
        with pytest.raises(PumpfunError) as caught:
            await client.clips(MINT, SiteClipKind.HIGHLIGHT, 20, asker=Asker(AskerKind.POLL))
    assert caught.value.reason is reason
