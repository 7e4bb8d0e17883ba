from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.clips.capture.liveness import (
    LOST_SECONDS,
    RETURN_SECONDS,
    STALL_SECONDS,
    TAIL_SECONDS,
    Liveness,
    LivenessTracker,
    cut_short,
    given_up,
    media_deadline,
)
from bot.clips.capture.media.timeline import SECOND
from bot.model import CaptureEnd

NOW = 100 * SECOND
PATIENCE = 14.0


def ago(seconds: float) -> int:
    return NOW - round(seconds * SECOND)


@dataclass
class Room:
    """A room that is looked at twenty times a second, with a picture at each look while `flows`."""

    seen: dict[str, Any] = field(
        default_factory=lambda: {"connected": True, "publisher": True, "picture": True}
    )
    tracker: LivenessTracker = field(default_factory=LivenessTracker)
    now: int = 0
    flows: bool = True
    last_picture: int | None = None
    liveness: Liveness = field(default_factory=lambda: Liveness(0))

    def goes_on(
        self, seconds: float, *, flows: bool | None = None, **seen: bool
    ) -> CaptureEnd | None:
        """What was decided first in so many seconds; None: nothing."""
        self.flows = self.flows if flows is None else flows
        self.seen |= seen
        for _ in range(round(20 * seconds)):
            self.now += SECOND // 20
            if self.flows:
                self.last_picture = self.now
            self.liveness = self.tracker.look(self.now, **self.seen, last_picture=self.last_picture)
            if (end := given_up(self.liveness)) is not None:
                return end
        return None


GONE = {"publisher": False, "picture": False, "flows": False}
BACK = {"publisher": True, "picture": True}


def test_while_pictures_come_nothing_is_given_up() -> None:
    assert Room().goes_on(60) is None


@pytest.mark.parametrize(
    ("what", "patience", "end"),
    [
        ({"flows": False}, STALL_SECONDS, CaptureEnd.PICTURE_STOPPED),
        (GONE, RETURN_SECONDS, CaptureEnd.PUBLISHER_GONE),
        ({"flows": False, "connected": False}, LOST_SECONDS, CaptureEnd.CONNECTION_LOST),
    ],
)
def test_each_thing_has_its_patience(what: Any, patience: float, end: CaptureEnd) -> None:
    room = Room()
    room.goes_on(2)
    assert room.goes_on(patience, **what) is None
    assert room.goes_on(0.3) is end


def test_a_server_that_was_away_is_not_the_creators_picture_that_stopped() -> None:
    """The server dies and is back 3 s later; the publisher 7 s after that, its picture 3 s on."""
    room = Room()
    room.goes_on(5)
    assert room.goes_on(3, connected=False, flows=False) is None
    assert room.goes_on(7, connected=True, **GONE) is None
    assert room.goes_on(3, **BACK) is None
    assert room.goes_on(60, flows=True) is None


def test_after_our_own_return_a_picture_has_its_whole_patience() -> None:
    room = Room()
    room.goes_on(5)
    room.goes_on(9, connected=False, flows=False)
    assert room.goes_on(STALL_SECONDS, connected=True) is None
    assert room.goes_on(0.3) is CaptureEnd.PICTURE_STOPPED


def test_so_has_a_publisher_who_must_come_back() -> None:
    room = Room()
    room.goes_on(5)
    room.goes_on(9, connected=False, **GONE)
    assert room.goes_on(RETURN_SECONDS, connected=True) is None
    assert room.goes_on(0.3) is CaptureEnd.PUBLISHER_GONE


def test_a_camera_that_is_switched_on_again_has_time_for_its_first_picture() -> None:
    room = Room()
    room.goes_on(5)
    assert room.goes_on(60, picture=False, flows=False) is None, "muted: the picture is held"
    assert room.goes_on(STALL_SECONDS, picture=True) is None
    assert room.goes_on(0.3) is CaptureEnd.PICTURE_STOPPED


@pytest.mark.parametrize("so", [{"flows": False}, GONE, {"flows": False, "connected": False}])
def test_what_we_slept_through_counts_for_nobody(so: Any) -> None:
    """A process that was stopped for half a minute gives up nobody when it wakes."""
    room = Room()
    room.goes_on(2)
    room.goes_on(1, **so)
    room.now += 30 * SECOND
    assert room.goes_on(7) is None


def test_a_line_that_breaks_again_and_again_is_forgiven_each_time() -> None:
    room = Room(flows=False, last_picture=0)
    for _ in range(5):
        assert room.goes_on(LOST_SECONDS / 2, connected=False) is None
        assert room.goes_on(0.5, connected=True) is None


def test_a_picture_that_never_came_does_not_stop() -> None:
    assert Room(flows=False).goes_on(60) is None


@pytest.mark.parametrize("since", [0.0, TAIL_SECONDS])
def test_a_short_freeze_at_the_end_is_held(since: float) -> None:
    assert cut_short(Liveness(NOW, whole=ago(since), picture_expected_since=0), NOW) is None


@pytest.mark.parametrize(
    ("liveness", "end"),
    [
        (Liveness(NOW, ago(3), picture_expected_since=0), CaptureEnd.PICTURE_STOPPED),
        (Liveness(NOW, ago(3), publisher_gone_since=ago(3)), CaptureEnd.PUBLISHER_GONE),
        (Liveness(NOW, ago(3), disconnected_since=ago(3)), CaptureEnd.CONNECTION_LOST),
        (Liveness(NOW, ago(3), ago(3), ago(3)), CaptureEnd.CONNECTION_LOST),
        (Liveness(NOW, ago(9), publisher_gone_since=ago(1)), None),
        (Liveness(NOW, ago(9), picture_expected_since=ago(1)), None),
        (Liveness(NOW, ago(3)), None),  # muted
        (Liveness(NOW, publisher_gone_since=ago(3)), None),  # sound alone
    ],
)
def test_a_clip_whose_last_seconds_froze_says_why(
    liveness: Liveness, end: CaptureEnd | None
) -> None:
    assert cut_short(liveness, NOW) is end


def test_a_muted_camera_whose_creator_leaves_loses_only_what_came_after() -> None:
    room = Room()
    room.goes_on(5)
    room.goes_on(10, picture=False, flows=False)
    assert room.goes_on(60, publisher=False) is CaptureEnd.PUBLISHER_GONE
    assert room.liveness.whole == 15 * SECOND


@pytest.mark.parametrize(
    ("liveness", "deadline"),
    [
        (Liveness(5 * SECOND, connected_since=0), 14.0),
        (Liveness(12 * SECOND, connected_since=0, picture_expected_since=10 * SECOND), 24.0),
        (Liveness(12 * SECOND, connected_since=9 * SECOND), 23.0),
        (Liveness(12 * SECOND, disconnected_since=SECOND), 28.0),
        (Liveness(40 * SECOND, connected_since=39 * SECOND), 28.0),
    ],
)
def test_media_are_waited_for_from_when_there_was_something_to_wait_for(
    liveness: Liveness, deadline: float
) -> None:
    assert media_deadline(liveness, 0, PATIENCE) == deadline * SECOND
