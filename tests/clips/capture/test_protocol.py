from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture import MakeClip, OpenCapture, RingState, RoomAccess
from bot.clips.editing import part_of
from bot.clips.encoding import Rate
from bot.clips.results import clip_result, result_event
from bot.model import ClipFailure, ClipResult, ClipStatus
from tests.clips.strategies import numbers, results


def over_the_pipe(data: dict[str, Any]) -> dict[str, Any]:
    crossed: dict[str, Any] = json.loads(json.dumps(data))
    return crossed


@given(results)
@settings(deadline=None)
def test_a_result_is_the_same_on_the_other_side(result: ClipResult) -> None:
    assert clip_result(over_the_pipe(result_event(result))) == result


@given(results, st.text())
@settings(deadline=None)
def test_what_a_newer_worker_says_besides_is_left_aside(result: ClipResult, more: str) -> None:
    event = over_the_pipe({**result_event(result), "something_new": more})
    assert clip_result(event) == result


@given(results, st.sampled_from(["status", "path", "started_at", "notes", "end", "failure"]))
@settings(deadline=None)
def test_a_result_that_is_none_is_refused(result: ClipResult, key: str) -> None:
    event = over_the_pipe(result_event(result))
    with pytest.raises((KeyError, TypeError, ValueError)):
        clip_result({**event, key: ["nonsense"]})
    del event[key]
    with pytest.raises(KeyError):
        clip_result(event)


@given(st.lists(st.text(), max_size=4), st.text(), numbers, st.integers(0, 1 << 40))
@settings(deadline=None)
def test_an_order_is_the_same_on_the_other_side(
    urls: list[str], token: str, span: float, max_bytes: int
) -> None:
    order = OpenCapture(RoomAccess(tuple(urls), token), Rate(1, 2, 3, 4), span, max_bytes)
    assert OpenCapture.of(over_the_pipe(asdict(order))) == order
    assert RoomAccess.of(over_the_pipe(asdict(order.access))) == order.access


@given(numbers, st.text(), st.integers(0, 1 << 40), numbers | st.none(), st.integers(0))
@settings(deadline=None)
def test_a_wanted_clip_is_the_same_on_the_other_side(
    seconds: float, path: str, max_bytes: int, begins: float | None, clip_id: int
) -> None:
    want = MakeClip(seconds, path, max_bytes, None, begins, begins, clip_id)
    assert MakeClip.of(over_the_pipe(asdict(want) | {"command": "clip"})) == want


@given(
    numbers | st.none(),
    numbers | st.none(),
    numbers,
    st.integers(0, 99),
    st.sampled_from(ClipFailure) | st.none(),
)
@settings(deadline=None)
def test_what_is_at_hand_is_the_same_on_the_other_side(
    oldest: float | None,
    newest: float | None,
    cpu: float,
    sounds: int,
    lacks: ClipFailure | None,
) -> None:
    state = RingState(oldest, newest, cpu, sounds, lacks=lacks)
    assert RingState.of(over_the_pipe(asdict(state))) == state


def test_a_door_does_not_show_its_token() -> None:
    access = RoomAccess(("wss://x.example",), "eyJhbGciOiJIUzI1NiJ9.secret.secret")
    assert "secret" not in repr(access)
    assert "secret" not in repr(OpenCapture(access, Rate(1, 2, 3, 4), 1.0, 1))


def test_the_part_lies_hidden_beside_the_clip() -> None:
    """In the same folder, so that giving it its name is one step."""
    assert part_of(Path("clips") / "a.mp4") == Path("clips") / f".a.mp4.{os.getpid()}.part"


def test_an_instant_keeps_its_zone() -> None:
    at = datetime(2026, 9, 12, 5, 40, 0, 123456, tzinfo=UTC)
    told = clip_result(over_the_pipe(result_event(ClipResult(ClipStatus.COMPLETE, started_at=at))))
    assert told.started_at == at
    assert told.started_at is not None
    assert told.started_at.utcoffset() == at.utcoffset()
    assert replace(told, started_at=None).started_at is None
