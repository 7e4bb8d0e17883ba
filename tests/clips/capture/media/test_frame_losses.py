"""What became of pictures on their way, from what libwebrtc counts twice a second."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.clips.capture.media.frame_losses import FrameLosses, LossCounts, TrackCounts
from bot.clips.capture.media.timeline import SECOND

HALF = SECOND // 2
NOTHING = TrackCounts(0, 0, 0, 0)


@dataclass
class Track:
    """A track that is measured each half second."""

    sid: str = "TR_1"
    losses: FrameLosses = field(default_factory=FrameLosses)
    figures: TrackCounts = NOTHING
    now: int = 0

    def goes_on(self, seconds: float, *, received: int = 15, decoded: float = 15, keys: float = 0.5,
                lost: int = 0, calm: bool = True) -> float | None:  # fmt: skip
        """So much each half second; after how many of them it was found undecodable, if so."""
        self.losses.measure(self.sid, self.figures, self.now)
        start, found = self.figures, None
        for step in range(1, round(2 * seconds) + 1):
            self.now += HALF
            came = replace(
                start,
                received=start.received + step * received,
                decoded=start.decoded + round(step * decoded),
                taken=start.taken + round(step * decoded),
                keys=start.keys + round(step * keys),
                packets_lost=start.packets_lost + step * lost,
            )
            self.figures = came
            if self.losses.measure(self.sid, came, self.now, calm=calm) and found is None:
                found = step / 2
        return found

    def counts(self) -> LossCounts:
        return self.losses.counts(late=0, stalls=0, unusable=0)


def test_a_healthy_track_is_never_undecodable() -> None:
    track = Track()
    assert track.goes_on(60) is None
    assert track.counts().since(LossCounts()) == LossCounts(received=1800)


def test_b_frames_are_found_out_within_three_seconds() -> None:
    """As measured: of fifteen received, one decoded; a key frame each second."""
    assert (Track().goes_on(20, decoded=1) or 99) <= 3.0


def test_so_is_a_track_that_turns_bad_in_the_middle() -> None:
    track = Track()
    track.goes_on(30)
    assert (track.goes_on(20, decoded=1) or 99) <= 3.0


def test_what_is_received_at_three_a_second_is_judged_as_well() -> None:
    assert (Track().goes_on(20, received=2, decoded=0, keys=0.5) or 99) <= 5.0


def test_a_keyframe_that_was_missed_is_waited_for() -> None:
    """Some publishers send one each ten seconds, whatever anybody asks for."""
    track = Track()
    assert track.goes_on(10, decoded=0, keys=0) is None
    assert track.goes_on(30) is None


def test_nothing_decoded_at_all_is_undecodable_in_the_end() -> None:
    assert Track().goes_on(30, decoded=0, keys=0) == pytest.approx(11.0)


def test_a_bad_line_explains_everything() -> None:
    assert Track().goes_on(30, decoded=1, lost=3) is None


def test_a_busy_machine_is_given_more_time_to_decode() -> None:
    found = Track().goes_on(30, decoded=1, calm=False)
    assert found is not None
    assert 5.0 < found <= 9.0


def test_a_silent_track_is_not_judged() -> None:
    track = Track()
    track.goes_on(1.5, decoded=1)
    assert track.goes_on(60, received=0, decoded=0, keys=0) is None


def test_pictures_are_trusted_once_some_could_be_decoded() -> None:
    track = Track()
    assert track.losses.decodable(0) is None
    track.goes_on(0)
    assert track.losses.decodable(track.now) is None
    track.goes_on(0.5)
    assert track.losses.decodable(track.now) is True
    track.goes_on(1, decoded=1)
    assert track.losses.decodable(track.now) is False
    assert track.losses.decodable(track.now + 3 * SECOND) is None, "it is read no more"


def test_what_was_not_decoded_is_counted_and_says_how_much_it_is() -> None:
    track = Track()
    track.goes_on(2)
    before = track.counts()
    track.goes_on(10, decoded=1)
    counts = track.counts().since(before)
    assert counts.received == 300
    assert 0.8 * 280 <= counts.undecoded <= 280, "what came last may only wait"
    assert counts.dropped == counts.undecoded
    assert counts.mostly_undecoded
    assert not counts.busy


def test_pictures_that_only_wait_are_not_lost() -> None:
    """A jitter buffer that grows holds more of them back."""
    track = Track()
    track.goes_on(2)
    before = track.counts()
    track.figures = replace(track.figures, received=track.figures.received + 6)
    track.goes_on(10)
    assert track.counts().since(before).undecoded == 0


def test_what_was_decoded_and_never_given_to_us_is_lost_but_for_what_a_start_loses() -> None:
    losses = FrameLosses()
    losses.measure("TR_1", TrackCounts(10, 10, 1, 7), 0)
    losses.measure("TR_1", TrackCounts(400, 400, 13, 392), SECOND)
    counts = losses.counts(late=0, stalls=0, unusable=0)
    assert counts.lost == 5
    assert counts.since(LossCounts()).lost == 4, "one may be on its way"


def test_a_track_that_is_taken_again_counts_from_zero() -> None:
    """As a camera does that comes back after a screen share: the same sid, and new figures."""
    track = Track()
    track.goes_on(10)
    before = track.counts()
    track.figures = NOTHING
    assert track.goes_on(10) is None
    assert track.counts().since(before) == LossCounts(received=300)


def test_the_machine_is_blamed_where_it_was_late_and_not_else() -> None:
    assert not LossCounts(lost=9).busy
    assert LossCounts(lost=9, stalls=1).busy
    assert LossCounts(late=1).busy


def test_a_track_that_was_left_out_for_a_minute_is_judged_anew() -> None:
    """Its figures may go on where they were, and the minute was no trial."""
    losses = FrameLosses()
    verdicts = [
        losses.measure("a", TrackCounts(15 * n, 0, n // 2, 0), n * SECOND // 2) for n in range(20)
    ]
    assert verdicts[-1]
    later = 70 * SECOND
    assert not losses.measure("a", TrackCounts(500, 0, 10, 0), later)
    assert not losses.measure("a", TrackCounts(515, 0, 10, 0), later + SECOND // 2)
