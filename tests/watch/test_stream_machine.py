from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import (
    Broadcast,
    Live,
    Observation,
    Offline,
    Reason,
    Starting,
    StreamSnapshot,
    StreamState,
    Unknown,
)
from bot.watch import Event, Rules, Step, step
from tests.fakes.clock import FakeClock
from tests.fakes.clock import moment as moment_at

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULES = Rules(start_grace=timedelta(seconds=60), end_grace=timedelta(seconds=300))
MINT = "9p3N8qDq3kpdsJ4vYkGq1zq3VhkZ1nXvR4mG9wQ7Apump"
PICTURE = "https://clips.pump.fun/m/1_20261123_120000/thumb.jpg"
OFF = Offline()
UNKNOWN = Unknown(Reason.TIMEOUT)

Moment = tuple[float, Observation]
"""Seconds after noon, and what was seen."""


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def shown(site_id: int = 1, started: float | None = 0.0, **more: object) -> StreamSnapshot:
    start = None if started is None else at(started)
    return replace(StreamSnapshot(MINT, site_id, start), **more)  # type: ignore[arg-type]


def live(site_id: int = 1, started: float | None = 0.0, **more: object) -> Live:
    return Live(shown(site_id, started, **more))


def starting(site_id: int = 1, started: float | None = 0.0) -> Starting:
    return Starting(shown(site_id, started))


class Story:
    """Plays looks through the machine, and keeps all that comes out."""

    def __init__(self) -> None:
        self.known: Broadcast | None = None
        self.steps: list[Step] = []

    def see(self, *moments: Moment) -> Story:
        for seconds, seen in moments:
            done = step(self.known, seen, moment_at(NOON, seconds), RULES)
            self.known = done.known
            self.steps.append(done)
        return self

    @property
    def events(self) -> list[Event]:
        return [event for done in self.steps for event in done.events]

    @property
    def ended(self) -> list[Broadcast]:
        return [done.ended for done in self.steps if done.ended]

    def count(self, event: Event) -> int:
        return self.events.count(event)


def play(*moments: Moment) -> Story:
    return Story().see(*moments)


def test_a_coin_that_is_live_is_announced_at_once() -> None:
    story = play((5, live(title="hello", viewers=7, thumbnail=PICTURE)))
    assert story.events == [Event.WENT_LIVE]
    assert story.known == Broadcast(
        StreamState.LIVE,
        first_seen_at=at(5),
        last_seen_at=at(5),
        site_id=1,
        started_at=NOON,
        announced_at=at(5),
        title="hello",
        viewers=7,
        peak_viewers=7,
        thumbnail=PICTURE,
    )


def test_a_coin_that_shows_nothing_is_announced_when_media_appear() -> None:
    story = play((0, starting()), (10, starting()), (20, live()))
    assert story.events == [Event.CONNECTED, Event.WENT_LIVE]
    assert story.known is not None
    assert story.known.announced_at == at(20)


def test_a_coin_that_goes_on_showing_nothing_is_announced_after_the_start_grace() -> None:
    story = play((0, starting()), (59, starting()))
    assert story.count(Event.WENT_LIVE) == 0
    story.see((60, starting()), (70, starting()))
    assert story.count(Event.WENT_LIVE) == 1
    assert story.known is not None
    assert story.known.state is StreamState.LIVE


def test_a_start_that_goes_away_is_never_announced() -> None:
    story = play((0, starting()), (10, OFF))
    assert story.events == [Event.CONNECTED, Event.ABANDONED]
    assert story.known is None
    assert [one.state for one in story.ended] == [StreamState.ENDED]


def test_a_live_stream_that_loses_its_media_stays_live() -> None:
    story = play((0, live()), (10, starting()), (100, starting()))
    assert story.events == [Event.WENT_LIVE]


def test_off_air_is_a_pause_until_the_grace_is_over() -> None:
    story = play((0, live()), (10, live()), (20, OFF), (319, OFF))
    assert story.events == [Event.WENT_LIVE, Event.PAUSED]
    story.see((320, OFF))
    assert story.events[-1] is Event.ENDED
    assert story.known is None


def test_the_end_is_when_it_was_last_seen() -> None:
    (ended,) = play((0, live()), (10, live()), (20, OFF), (400, OFF)).ended
    assert (ended.state, ended.ended_at, ended.last_seen_at) == (StreamState.ENDED, at(10), at(10))


@pytest.mark.parametrize(
    "back", [live(1), live(2, 290), live(3, None), live(4, -9000), starting(2, 290)]
)
def test_a_return_within_grace_is_the_same_stream_whatever_id_or_start_it_has(
    back: Observation,
) -> None:
    story = play((0, live()), (10, OFF), (305, back))
    assert story.events == [Event.WENT_LIVE, Event.PAUSED, Event.RESUMED]
    assert story.known is not None
    assert story.known.paused_at is None
    assert story.known.started_at == NOON


def test_a_return_that_nobody_looked_for_in_time_is_judged_by_its_start() -> None:
    before = play((0, live()), (10, OFF), (900, live(2, 309)))
    assert before.events == [Event.WENT_LIVE, Event.PAUSED, Event.RESUMED]
    after = play((0, live()), (10, OFF), (900, live(2, 311)))
    assert after.events == [Event.WENT_LIVE, Event.PAUSED, Event.ENDED, Event.WENT_LIVE]


def test_unknown_never_ends_anything_however_long_it_lasts() -> None:
    story = play((0, live()), *((10.0 * n, UNKNOWN) for n in range(1, 1000)), (10_000, live()))
    assert story.events == [Event.WENT_LIVE]


def test_after_a_silence_another_id_that_began_later_is_another_stream() -> None:
    story = play((0, live(title="old")), (3600, live(2, 1800, title="new")))
    assert story.events == [Event.WENT_LIVE, Event.ENDED, Event.WENT_LIVE]
    assert story.known is not None
    assert (story.known.site_id, story.known.title) == (2, "new")
    assert story.known.announced_at == at(3600)
    assert [(one.site_id, one.ended_at) for one in story.ended] == [(1, NOON)]


@pytest.mark.parametrize(
    "same", [live(1, 1800), live(1, None), live(2, 250), live(2, -50), starting(2, 299)]
)
def test_after_a_silence_the_same_id_or_an_early_start_is_the_same_stream(
    same: Observation,
) -> None:
    assert play((0, live()), (3600, same)).count(Event.WENT_LIVE) == 1


def test_without_a_start_another_id_after_a_silence_is_another_stream() -> None:
    assert play((0, live()), (299, live(2, None))).count(Event.WENT_LIVE) == 1
    assert play((0, live()), (301, live(2, None))).count(Event.WENT_LIVE) == 2


def test_a_start_in_the_future_proves_no_silence() -> None:
    assert play((0, live()), (10, live(2, 900))).events == [Event.WENT_LIVE]


def test_after_a_silence_a_stream_that_begins_without_media_waits_for_its_own_grace() -> None:
    story = play((0, live()), (3600, starting(2, 3590)), (3610, starting(2, 3590)))
    assert story.events == [Event.WENT_LIVE, Event.ENDED, Event.CONNECTED]
    assert story.known is not None
    assert story.known.state is StreamState.STARTING


def test_after_a_silence_a_start_that_was_never_announced_is_abandoned() -> None:
    story = play((0, starting()), (3600, live(2, 3500)))
    assert story.events == [Event.CONNECTED, Event.ABANDONED, Event.WENT_LIVE]


def test_offline_after_a_silence_begins_a_grace_now() -> None:
    story = play((0, live()), (7200, OFF))
    story.see((7260, live(2, 7250)), (7300, OFF))
    assert story.events == [Event.WENT_LIVE, Event.PAUSED, Event.RESUMED, Event.PAUSED]
    story.see((7600, OFF))
    assert story.count(Event.ENDED) == 1


def test_what_a_look_lacks_stays_and_the_most_viewers_are_kept() -> None:
    first = live(title="hello", viewers=7, thumbnail=PICTURE, thumbnail_updated_at=at(-5))
    story = play((0, first), (10, live(viewers=3)), (20, live()))
    known = story.known
    assert known is not None
    assert (known.title, known.viewers, known.peak_viewers) == ("hello", 3, 7)
    assert (known.thumbnail, known.thumbnail_updated_at) == (PICTURE, at(-5))
    assert known.last_seen_at == at(20)


def test_a_title_or_viewers_that_change_are_told_once() -> None:
    story = play((0, live(title="a", viewers=1)), (10, live(title="b", viewers=1)))
    assert story.events == [Event.WENT_LIVE, Event.CHANGED]
    story.see((20, live(title="b", viewers=1)), (30, live(title="b", viewers=2)))
    assert story.count(Event.CHANGED) == 2


def test_a_thumbnail_that_was_missing_is_told_when_it_appears_and_no_more() -> None:
    story = play((0, starting()), (60, starting()), (70, live()))
    assert Event.PICTURE not in story.events
    shots = [live(thumbnail=PICTURE, thumbnail_updated_at=at(n)) for n in (75, 120, 180)]
    story.see(*((80 + n, shot) for n, shot in enumerate(shots)))
    assert story.count(Event.PICTURE) == 1


def test_the_first_renewal_of_the_thumbnail_is_told_and_no_later_one() -> None:
    shots = [live(thumbnail=PICTURE, thumbnail_updated_at=at(n)) for n in (-30, -30, 60, 120, 180)]
    story = play(*((10.0 * n, shot) for n, shot in enumerate(shots)))
    assert story.events == [Event.WENT_LIVE, Event.PICTURE]


def test_twenty_drops_of_one_to_four_minutes_are_one_alert_and_one_end() -> None:
    story, now = Story(), 0.0
    for drop in range(20):
        story.see(*((now + n, live(drop + 1, now)) for n in range(0, 600, 10)))
        now += 600
        away = 60 + drop * 9
        story.see(*((now + n, OFF) for n in range(0, away, 10)))
        now += away
    story.see(*((now + n, OFF) for n in range(0, 600, 10)))
    assert story.count(Event.WENT_LIVE) == 1
    assert story.count(Event.ENDED) == 1
    assert story.count(Event.PAUSED) == 20
    assert story.count(Event.RESUMED) == 19


snapshots = st.builds(
    shown,
    site_id=st.integers(1, 4),
    started=st.none() | st.floats(-4000, 20_000),
    title=st.sampled_from(["", "a", "b"]),
    viewers=st.none() | st.integers(0, 50),
    thumbnail=st.none() | st.just(PICTURE),
    thumbnail_updated_at=st.none() | st.floats(-4000, 20_000).map(at),
)
looks: st.SearchStrategy[Observation] = st.one_of(
    st.builds(Live, snapshots), st.builds(Starting, snapshots), st.just(OFF), st.just(UNKNOWN)
)
pauses = st.sampled_from([0.0, 1.0, 10.0, 59.0, 60.0, 299.0, 300.0, 301.0, 4000.0])


@st.composite
def stories(draw: st.DrawFn) -> list[Moment]:
    now, moments = 0.0, []
    for pause, seen in draw(st.lists(st.tuples(pauses, looks), max_size=40)):
        now += pause
        moments.append((now, seen))
    return moments


def last_open(events: Iterable[Event]) -> int:
    """How many announced streams are open after these events, which must be none or one."""
    open_ = 0
    for event in events:
        if event is Event.WENT_LIVE:
            open_ += 1
        elif event is Event.ENDED:
            open_ -= 1
        assert open_ in (0, 1)
    return open_


@given(stories())
def test_no_two_alerts_without_an_end_between_and_no_end_without_an_alert(
    moments: list[Moment],
) -> None:
    story = play(*moments)
    known = story.known
    announced = known is not None and known.announced_at is not None
    assert last_open(story.events) == int(announced)
    for one in story.ended:
        assert (one.state, one.ended_at) == (StreamState.ENDED, one.last_seen_at)
    assert len(story.ended) == story.count(Event.ENDED) + story.count(Event.ABANDONED)


@given(stories(), st.data())
def test_unknown_changes_nothing_wherever_it_comes(
    moments: list[Moment], data: st.DataObject
) -> None:
    told = [moment for moment in moments if moment[1] is not UNKNOWN]
    noisy: list[Moment] = []
    for moment in told:
        noisy += [(moment[0], UNKNOWN)] * data.draw(st.integers(0, 3))
        noisy.append(moment)
    quiet, loud = play(*told), play(*noisy)
    assert quiet.known == loud.known
    assert quiet.events == loud.events
    assert quiet.ended == loud.ended


@given(stories())
def test_what_is_known_always_holds_together(moments: list[Moment]) -> None:
    story = Story()
    for moment in moments:
        known = story.see(moment).known
        if known is None:
            continue
        assert known.state is not StreamState.ENDED
        assert known.ended_at is None
        assert (known.announced_at is None) == (known.state is StreamState.STARTING)
        assert (known.paused_at is not None) == (known.state is StreamState.GRACE)
        assert known.first_seen_at <= known.last_seen_at <= at(moment[0])
        assert (known.viewers or 0) <= (known.peak_viewers or 0)


@given(st.lists(st.sampled_from([live(1), live(2, None), starting(3), UNKNOWN]), max_size=60))
def test_a_coin_that_is_never_seen_off_air_and_never_out_of_sight_has_one_alert(
    seen: list[Observation],
) -> None:
    moments: list[Moment] = [(0, live(1))]
    moments += [(4.0 * n, look) for n, look in enumerate(seen, 1)]
    story = play(*moments)
    assert story.count(Event.WENT_LIVE) == 1
    assert story.count(Event.ENDED) == 0


def test_a_broadcast_that_began_while_the_machine_was_asleep_is_another_one() -> None:
    """Its monotonic clock has slept, too; the other was set forward, and is right."""
    clock = FakeClock(NOON)
    before = step(None, live(1), clock.moment(), RULES).known
    clock.set(8 * 3600)
    after = step(before, live(2, started=7 * 3600), clock.moment(), RULES)
    assert after.events == (Event.ENDED, Event.WENT_LIVE)


@pytest.mark.parametrize("ahead", [-86_400, -45, 3600])
def test_a_wrong_clock_makes_no_other_broadcast_of_a_return(ahead: float) -> None:
    clock = FakeClock(NOON)
    before = step(None, live(1), clock.moment(), RULES).known
    paused = step(before, OFF, clock.moment(), RULES).known
    clock.set(ahead)
    after = step(paused, live(2, started=0), clock.moment(), RULES)
    assert after.events == (Event.RESUMED,)
