from __future__ import annotations

import pytest

from bot.clips.capture.liveness import (
    LOST_SECONDS,
    RETURN_SECONDS,
    STALL_SECONDS,
    TAIL_SECONDS,
    Signs,
    cut_short,
    given_up,
)
from bot.clips.capture.timeline import SECOND
from bot.model import CaptureEnd

NOW = 100 * SECOND


def ago(seconds: float) -> int:
    return NOW - round(seconds * SECOND)


@pytest.mark.parametrize("expected", [True, False])
def test_while_pictures_come_nothing_is_given_up(expected: bool) -> None:
    assert given_up(Signs(NOW, last_picture=ago(0.1), picture_expected=expected)) is None


@pytest.mark.parametrize(
    ("signs", "end"),
    [
        (Signs(NOW, publisher_gone_since=ago(RETURN_SECONDS)), None),
        (Signs(NOW, publisher_gone_since=ago(RETURN_SECONDS + 0.1)), CaptureEnd.PUBLISHER_GONE),
        (Signs(NOW, disconnected_since=ago(LOST_SECONDS)), None),
        (Signs(NOW, disconnected_since=ago(LOST_SECONDS + 0.1)), CaptureEnd.CONNECTION_LOST),
        (Signs(NOW, last_picture=ago(STALL_SECONDS), picture_expected=True), None),
        (
            Signs(NOW, last_picture=ago(STALL_SECONDS + 0.1), picture_expected=True),
            CaptureEnd.PICTURE_STOPPED,
        ),
    ],
)
def test_each_sign_has_its_patience(signs: Signs, end: CaptureEnd | None) -> None:
    assert given_up(signs) is end


def test_a_camera_that_is_muted_is_no_reason_to_stop() -> None:
    assert given_up(Signs(NOW, last_picture=ago(60), picture_expected=False)) is None


def test_through_a_broken_line_nobody_is_seen_to_leave() -> None:
    signs = Signs(
        NOW,
        last_picture=ago(15),
        publisher_gone_since=ago(15),
        disconnected_since=ago(15),
        picture_expected=True,
    )
    assert given_up(signs) is None


def test_a_picture_that_never_came_does_not_stop() -> None:
    assert given_up(Signs(NOW, picture_expected=True)) is None


@pytest.mark.parametrize("since", [0.0, TAIL_SECONDS])
def test_a_short_freeze_at_the_end_is_held(since: float) -> None:
    assert cut_short(Signs(NOW, last_picture=ago(since), picture_expected=True), NOW) is None


@pytest.mark.parametrize(
    ("signs", "end"),
    [
        (Signs(NOW, ago(3), picture_expected=True), CaptureEnd.PICTURE_STOPPED),
        (Signs(NOW, ago(3), publisher_gone_since=ago(3)), CaptureEnd.PUBLISHER_GONE),
        (Signs(NOW, ago(3), disconnected_since=ago(3)), CaptureEnd.CONNECTION_LOST),
        (Signs(NOW, ago(3), ago(3), ago(3)), CaptureEnd.CONNECTION_LOST),
        (Signs(NOW, ago(3)), None),  # muted
        (Signs(NOW), None),  # sound alone
    ],
)
def test_a_clip_whose_last_seconds_froze_says_why(signs: Signs, end: CaptureEnd | None) -> None:
    assert cut_short(signs, NOW) is end
