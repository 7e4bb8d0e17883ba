"""Who gets a ring: never more than there are places, in order, and without a tug of war."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clips.rings.policy import Candidate, HeldRing, Reason, RingChoice, choose, places_for

HOUR = 3600.0

mints = st.sampled_from([f"coin{n}" for n in range(8)])
spans = st.one_of(st.floats(0, 30), st.floats(0, 2 * HOUR))
candidates = st.lists(
    st.builds(
        Candidate,
        mint=mints,
        live_for=spans,
        choice=st.sampled_from(RingChoice),
        asked_ago=st.none() | spans,
        is_clipped_here=st.booleans(),
    ),
    unique_by=lambda one: one.mint,
)
rings = st.lists(
    st.builds(HeldRing, mint=mints, unused_for=spans, over_for=st.none() | st.floats(0, 300)),
    unique_by=lambda one: one.mint,
)
places = st.integers(0, 4)


def live(mint: str, live_for: float = HOUR, **more: object) -> Candidate:
    return replace(Candidate(mint, live_for), **more)  # type: ignore[arg-type]


def held(*chosen: str, unused_for: float = 0.0) -> list[HeldRing]:
    return [HeldRing(mint, unused_for) for mint in chosen]


# What each reason is worth


def test_what_managers_ask_for_goes_before_everything_else() -> None:
    others = [live("asked", asked_ago=1.0), live("new", 1.0, is_clipped_here=True)]
    assert choose([*others, live("wanted", choice=RingChoice.ON)], [], 1) == ("wanted",)


def test_then_comes_what_a_clip_was_asked_for_of_late() -> None:
    coins = [live("new", 1.0, is_clipped_here=True), live("asked", asked_ago=599.0)]
    assert choose(coins, [], 1) == ("asked",)


def test_then_what_people_follow_who_make_clips() -> None:
    coins = [live("new", 1.0), live("clipped", is_clipped_here=True)]
    assert choose(coins, [], 2) == ("clipped", "new")


def test_who_switched_it_off_gets_none_even_if_they_ask_for_clips() -> None:
    coins = [live("off", 1.0, choice=RingChoice.OFF, asked_ago=1.0, is_clipped_here=True)]
    assert choose(coins, held("off"), 4) == ()


def test_where_nobody_makes_clips_a_stream_has_its_ring_for_ten_minutes() -> None:
    assert choose([live("coin", 599.0)], [], 1) == ("coin",)
    assert choose([live("coin", 600.0)], [], 1) == ()


def test_a_ring_of_which_nothing_is_cut_for_ten_minutes_is_freed() -> None:
    assert choose([live("coin")], held("coin", unused_for=599.0), 1) == ("coin",)
    assert choose([live("coin")], held("coin", unused_for=600.0), 1) == ()


def test_it_is_not_freed_where_people_make_clips_or_managers_want_it() -> None:
    coins = [live("clipped", is_clipped_here=True), live("wanted", choice=RingChoice.ON)]
    kept = choose(coins, held("clipped", "wanted", unused_for=HOUR), 2)
    assert kept == ("wanted", "clipped")


def test_what_is_left_of_a_stream_that_ended_stays_while_there_is_something() -> None:
    assert choose([], [HeldRing("coin", 0.0, over_for=119.0)], 1) == ("coin",)
    assert choose([], [HeldRing("coin", 0.0)], 1) == ()


def test_a_room_of_which_nothing_comes_leaves_its_place_to_whoever_needs_one() -> None:
    failing = live("failing", choice=RingChoice.ON, is_failing=True)
    assert choose([failing], held("failing"), 1) == ("failing",)
    assert choose([failing, live("coin", 1.0)], held("failing"), 1) == ("coin",)


def test_unless_its_place_is_needed() -> None:
    assert choose([live("coin", 1.0)], [HeldRing("over", 0.0, over_for=1.0)], 1) == ("coin",)


def test_a_ring_whose_coin_nobody_follows_any_more_goes_at_once() -> None:
    assert choose([], held("coin"), 1) == ()


# What holds for all


@given(candidates, rings, places, st.frozensets(mints))
def test_there_are_never_more_than_there_are_places(
    coins: list[Candidate], kept: list[HeldRing], count: int, others: frozenset[str]
) -> None:
    chosen = choose(coins, kept, count, others)
    assert len(chosen) == len(set(chosen)) <= max(0, count - len(others.difference(chosen)))
    assert set(chosen) <= {one.mint for one in coins} | {one.mint for one in kept}


@given(candidates, rings)
def test_fewer_places_take_from_the_end(coins: list[Candidate], kept: list[HeldRing]) -> None:
    everything = choose(coins, kept, 100)
    for count in range(len(everything)):
        assert choose(coins, kept, count) == everything[:count]


@given(candidates, rings, places)
def test_nobody_waits_for_somebody_with_a_lesser_reason(
    coins: list[Candidate], kept: list[HeldRing], count: int
) -> None:
    chosen = choose(coins, kept, count)
    unused = {one.mint: one.unused_for for one in kept}
    best = {one.mint: reason_of(one, unused.get(one.mint, HOUR)) for one in coins}
    for waiting in best.keys() - set(chosen):
        if (reason := best[waiting]) is not None:
            assert len(chosen) == count
            assert all((best.get(one) or Reason.OVER) <= reason for one in chosen)


def reason_of(coin: Candidate, unused_for: float) -> Reason | None:
    """The table, once more and in other words."""
    reasons = {
        Reason.WANTED: coin.choice is RingChoice.ON,
        Reason.ASKED: coin.asked_ago is not None and coin.asked_ago < 600,
        Reason.CLIPPED_HERE: coin.is_clipped_here,
        Reason.LIVE: coin.live_for < 600 or unused_for < 600,
    }
    if coin.choice is RingChoice.OFF:
        return None
    return min((reason for reason, holds in reasons.items() if holds), default=None)


@given(candidates, rings, places)
def test_a_choice_stands_until_something_happens(
    coins: list[Candidate], kept: list[HeldRing], count: int
) -> None:
    first = choose(coins, kept, count)
    before = {one.mint: one for one in kept}
    now = [before.get(mint, HeldRing(mint, 0.0)) for mint in first]
    assert set(choose(coins, now, count)) == set(first)


# Over time


class Hour:
    """What becomes of the rings, second by second, while clips are asked for now and then."""

    def __init__(self, count: int, **asked_each: float) -> None:
        self.count = count
        self.asked_each = asked_each
        self.now = 0.0
        self.used: dict[str, float] = {}
        self.moves: list[float] = []

    def run(self, seconds: int = 3600) -> None:
        for _ in range(seconds):
            self.now += 1
            coins = [self._coin(mint, each) for mint, each in self.asked_each.items()]
            kept = [HeldRing(mint, self.now - at) for mint, at in self.used.items()]
            self._take(choose(coins, kept, self.count), coins)

    def _coin(self, mint: str, each: float) -> Candidate:
        asked_ago = self.now % each if self.now >= each else None
        return live(mint, HOUR + self.now, asked_ago=asked_ago, is_clipped_here=True)

    def _take(self, chosen: Sequence[str], coins: list[Candidate]) -> None:
        self.moves += [self.now for mint in chosen if mint not in self.used]
        cut = {coin.mint for coin in coins if coin.asked_ago == 0}
        self.used = {
            mint: self.now if mint in cut else self.used.get(mint, self.now) for mint in chosen
        }


@pytest.mark.parametrize("each", [5.0, 60.0, 400.0])
def test_two_streams_that_are_clipped_in_turn_do_not_take_the_ring_from_one_another(
    each: float,
) -> None:
    hour = Hour(1, one=each, other=each + 2)
    hour.run()
    assert len(hour.moves) == 1


def test_one_that_is_no_longer_clipped_gives_way_once() -> None:
    hour = Hour(1, one=30.0, other=1e9)
    hour.run(100)
    assert set(hour.used) == {"one"}
    hour.asked_each = {"one": 1e9, "other": 30.0}
    hour.run()
    assert set(hour.used) == {"other"}
    assert len(hour.moves) == 2


# How many there may be


def test_a_capture_that_is_no_ring_takes_a_place() -> None:
    coins = [live("first", 1.0), live("second", 2.0)]
    assert choose(coins, [], 2, frozenset({"elsewhere"})) == ("first",)


def test_it_takes_none_of_the_coin_whose_ring_it_becomes() -> None:
    """Else a clip would cost two others what they remember, for a moment."""
    coins = [live("clipped", asked_ago=1.0), live("first", 1.0), live("second", 2.0)]
    kept = choose(coins, held("first", "second"), 3, frozenset({"clipped"}))
    assert kept == ("clipped", "first", "second")


@pytest.mark.parametrize(("cores", "count"), [(1, 1), (2, 3), (4, 7), (8, 15)])
def test_by_itself_a_machine_gives_rings_what_it_can_spare(cores: int, count: int) -> None:
    assert places_for(0, cores) == count


def test_an_operator_may_say_how_many_there_are() -> None:
    assert places_for(5, 1) == 5
