from __future__ import annotations

import pytest

from bot.clips.capture.history import Hole, Part, longest_part
from bot.clips.capture.media.timeline import SECOND
from bot.model import CaptureEnd
from tests.clips.capture.stream import TICK, Stream

GONE = CaptureEnd.PUBLISHER_GONE


def test_a_look_at_the_past_is_the_last_one_before_it() -> None:
    history = Stream().goes_on(10).history
    assert history.at(5 * SECOND).now == 5 * SECOND
    assert history.at(5 * SECOND + TICK - 1).now == 5 * SECOND
    assert history.at(-SECOND).now == TICK, "the first, where there was none"
    assert history.at(99 * SECOND) == history.latest


def test_what_was_counted_in_a_window_is_what_came_in_it() -> None:
    history = Stream().goes_on(60).history
    counts = history.at(40 * SECOND).counts.since(history.at(10 * SECOND).counts)
    assert counts.received == 300


def test_what_nobody_can_ask_for_is_forgotten() -> None:
    history = Stream().goes_on(60).history
    history.forget_before(50 * SECOND)
    assert history.at(0).now == 50 * SECOND
    assert [look.now for look in history.between(59 * SECOND, 60 * SECOND)] == [
        59 * SECOND + TICK * number for number in range(10)
    ]


def test_a_hole_lasts_from_the_last_picture_to_the_first() -> None:
    (hole,) = Stream().goes_on(10).goes_on(20, publisher=False).goes_on(10).history.holes()
    assert hole.start == pytest.approx(10 * SECOND, abs=TICK)
    assert hole.end == pytest.approx(30 * SECOND, abs=TICK)
    assert hole.reason is GONE


def test_a_hole_that_lasts_has_no_end() -> None:
    (hole,) = Stream().goes_on(10).goes_on(20, publisher=False).history.holes()
    assert hole.end is None


def test_whoever_returns_in_time_leaves_no_hole() -> None:
    stream = Stream().goes_on(10).goes_on(7, publisher=False).goes_on(10)
    assert stream.history.holes() == []


def test_a_picture_that_cannot_be_had_is_no_hole_in_the_sound() -> None:
    history = Stream().goes_on(10).goes_on(20, faulty=True).history
    assert [hole.reason for hole in history.holes()] == [CaptureEnd.VIDEO_FAULT]
    assert history.holes(in_sound=True) == []


@pytest.mark.parametrize(
    ("holes", "part"),
    [
        ([], Part(0, 100)),
        ([Hole(60, 80, GONE)], Part(0, 60, GONE)),
        ([Hole(20, 40, GONE)], Part(40, 100, None, late=True)),
        ([Hole(60, None, GONE)], Part(0, 60, GONE)),
        ([Hole(30, 40, GONE), Hole(70, 80, GONE)], Part(40, 70, GONE, late=True)),
        ([Hole(40, 60, GONE)], Part(60, 100, None, late=True)),
        ([Hole(-50, -10, GONE)], Part(0, 100)),
        ([Hole(-50, 30, GONE)], Part(30, 100, None, late=True)),
        ([Hole(120, 140, GONE)], Part(0, 100)),
        ([Hole(-50, None, GONE)], Part(0, 0, GONE)),
        ([Hole(-50, 200, GONE)], Part(0, 0, GONE)),
    ],
)
def test_the_longest_part_of_a_window_lies_in_no_hole(holes: list[Hole], part: Part) -> None:
    assert longest_part(0, 100, holes) == part
