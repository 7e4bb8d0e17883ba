"""Who gets a ring: never more than there are places, in order, and without a tug of war."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clips.rings.policy import (
    Candidate,
    HeldRing,
    Reason,
    RingChoice,
    Wish,
    choose,
    places_for,
)

HOUR = 3600.0

mints = st.sampled_from([f"coin{n}" for n in range(8)])
spans = st.one_of(st.floats(0, 30), st.floats(0, 2 * HOUR))
wishes = st.builds(
    Wish,
    place_id=st.integers(1, 4),
    choice=st.sampled_from(RingChoice),
    asked_ago=st.none() | spans,
    makes_clips=st.booleans(),
)


def coins_of(most_places: int) -> st.SearchStrategy[list[Candidate]]:
    several = st.lists(wishes, min_size=1, max_size=most_places).map(tuple)
    one = st.builds(Candidate, mint=mints, live_for=spans, wishes=several)
    return st.lists(one, unique_by=lambda each: each.mint)


candidates = coins_of(3)
rings = st.lists(
    st.builds(HeldRing, mint=mints, unused_for=spans, over_for=st.none() | st.floats(0, 300)),
    unique_by=lambda one: one.mint,
)
places = st.integers(0, 4)


def live(
    mint: str,
    live_for: float = HOUR,
    choice: str = RingChoice.AUTO,
    *,
    place: int | None = None,
    asked_ago: float | None = None,
    makes_clips: bool = False,
    is_failing: bool = False,
) -> Candidate:
    """A coin that one place follows, and if nothing is said that place follows no other."""
    place_id = own_place(mint) if place is None else place
    return Candidate(mint, live_for, (Wish(place_id, choice, asked_ago, makes_clips),), is_failing)


def own_place(mint: str) -> int:
    return int.from_bytes(mint.encode())


def held(*chosen: str, unused_for: float = 0.0) -> list[HeldRing]:
    return [HeldRing(mint, unused_for) for mint in chosen]


# What each reason is worth


def test_what_managers_ask_for_goes_before_everything_else() -> None:
    others = [live("asked", asked_ago=1.0), live("new", 1.0, makes_clips=True)]
    assert choose([*others, live("wanted", choice=RingChoice.ON)], [], 1) == ("wanted",)


def test_then_comes_what_a_clip_was_asked_for_of_late() -> None:
    coins = [live("new", 1.0, makes_clips=True), live("asked", asked_ago=599.0)]
    assert choose(coins, [], 1) == ("asked",)


def test_then_what_people_follow_who_make_clips() -> None:
    coins = [live("new", 1.0), live("clipped", makes_clips=True)]
    assert choose(coins, [], 2) == ("clipped", "new")


def test_who_switched_it_off_gets_none_even_if_they_ask_for_clips() -> None:
    coins = [live("off", 1.0, choice=RingChoice.OFF, asked_ago=1.0, makes_clips=True)]
    assert choose(coins, held("off"), 4) == ()


def test_where_nobody_makes_clips_a_stream_has_its_ring_for_ten_minutes() -> None:
    assert choose([live("coin", 599.0)], [], 1) == ("coin",)
    assert choose([live("coin", 600.0)], [], 1) == ()


def test_a_ring_of_which_nothing_is_cut_for_ten_minutes_is_freed() -> None:
    assert choose([live("coin")], held("coin", unused_for=599.0), 1) == ("coin",)
    assert choose([live("coin")], held("coin", unused_for=600.0), 1) == ()


def test_it_is_not_freed_where_people_make_clips_or_managers_want_it() -> None:
    coins = [live("clipped", makes_clips=True), live("wanted", choice=RingChoice.ON)]
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


# Whose turn it is

CHAT, OTHERS = 1, 2


@pytest.mark.parametrize(
    "many", [{"choice": RingChoice.ON}, {"asked_ago": 1.0}, {"makes_clips": True}]
)
def test_one_chat_does_not_take_the_first_ring_of_others(many: dict[str, Any]) -> None:
    coins = [live(mint, place=CHAT, **many) for mint in ("a", "b", "c")]
    kept = choose([*coins, live("new", 1.0, place=OTHERS)], held("a", "b", "c"), 3)
    assert kept == ("a", "new", "b")


def test_within_a_turn_the_reasons_count() -> None:
    chat = [live(mint, choice=RingChoice.ON, place=CHAT) for mint in ("a", "b")]
    others = [live("asked", asked_ago=1.0, place=OTHERS), live("new", 1.0, place=OTHERS)]
    assert choose([*chat, *others], [], 4) == ("a", "asked", "b", "new")


def test_a_coin_of_several_places_has_the_best_of_their_turns() -> None:
    chat = [live(mint, choice=RingChoice.ON, place=CHAT) for mint in ("a", "b", "c")]
    both = Candidate("d", HOUR, (Wish(CHAT, RingChoice.ON), Wish(OTHERS, makes_clips=True)))
    assert choose([*chat, both], [], 4) == ("a", "d", "b", "c")


def test_a_place_that_wants_a_coin_for_several_reasons_has_one_turn_for_it() -> None:
    twice = Wish(CHAT, RingChoice.ON), Wish(CHAT, asked_ago=1.0)
    coins = [Candidate("a", HOUR, twice), live("b", asked_ago=2.0, place=CHAT)]
    assert choose([*coins, live("c", asked_ago=3.0, place=OTHERS)], [], 3) == ("a", "c", "b")


def test_a_place_that_switched_it_off_takes_no_turn_for_it() -> None:
    off = live("off", choice=RingChoice.OFF, asked_ago=1.0, place=CHAT)
    mine, theirs = live("a", 2.0, place=CHAT), live("b", 1.0, place=OTHERS)
    assert choose([off, mine, theirs], [], 2) == ("b", "a")


def test_a_ring_of_another_node_is_one_that_its_places_have() -> None:
    chat = [live(mint, choice=RingChoice.ON, place=CHAT) for mint in ("a", "b", "c")]
    coins = [*chat, live("new", 1.0, place=OTHERS)]
    assert choose(coins, [], 2, elsewhere=frozenset({"c"})) == ("new", "a")


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


@given(coins_of(1), rings, places)
def test_no_place_waits_for_anothers_ring_that_is_more_than_its_next(
    coins: list[Candidate], kept: list[HeldRing], count: int
) -> None:
    chosen = choose(coins, kept, count)
    place_of = {one.mint: one.wishes[0].place_id for one in coins}
    has = Counter(place_of[mint] for mint in chosen if mint in place_of)
    for waiting in set(choose(coins, kept, 100)) & place_of.keys() - set(chosen):
        assert max(has.values(), default=0) <= has[place_of[waiting]] + 1


@given(coins_of(1).map(lambda coins: [alone(one) for one in coins]), rings, places)
def test_nobody_waits_for_somebody_with_a_lesser_reason_who_has_as_many(
    coins: list[Candidate], kept: list[HeldRing], count: int
) -> None:
    chosen = choose(coins, kept, count)
    unused = {one.mint: one.unused_for for one in kept}
    best = {one.mint: reason_of(one, unused.get(one.mint, HOUR)) for one in coins}
    for waiting in best.keys() - set(chosen):
        if (reason := best[waiting]) is not None:
            assert len(chosen) == count
            assert all((best.get(one) or Reason.OVER) <= reason for one in chosen)


def alone(coin: Candidate) -> Candidate:
    """The same of a place that follows nothing else."""
    return replace(coin, wishes=(replace(coin.wishes[0], place_id=own_place(coin.mint)),))


def reason_of(coin: Candidate, unused_for: float) -> Reason | None:
    """The table, once more and in other words."""
    (wish,) = coin.wishes
    reasons = {
        Reason.WANTED: wish.choice is RingChoice.ON,
        Reason.ASKED: wish.asked_ago is not None and wish.asked_ago < 600,
        Reason.CLIPPED_HERE: wish.makes_clips,
        Reason.LIVE: coin.live_for < 600 or unused_for < 600,
    }
    if wish.choice is RingChoice.OFF:
        return None
    return min((reason for reason, holds in reasons.items() if holds), default=None)


@given(coins_of(1), rings, places)
def test_a_choice_stands_until_something_happens(
    coins: list[Candidate], kept: list[HeldRing], count: int
) -> None:
    first = choose(coins, kept, count)
    assert set(choose(coins, after(first, kept), count)) == set(first)


@given(candidates, rings, places)
def test_where_places_share_coins_it_stands_from_the_second_on(
    coins: list[Candidate], kept: list[HeldRing], count: int
) -> None:
    """The first may have counted a ring for one place that by now counts for two."""
    second = after(choose(coins, kept, count), kept)
    third = after(choose(coins, second, count), second)
    assert set(choose(coins, third, count)) == {one.mint for one in third}


def after(chosen: Sequence[str], kept: list[HeldRing]) -> list[HeldRing]:
    """The rings that there are then."""
    before = {one.mint: one for one in kept}
    return [before.get(mint, HeldRing(mint, 0.0)) for mint in chosen]


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
        return live(mint, HOUR + self.now, asked_ago=asked_ago, makes_clips=True)

    def _take(self, chosen: Sequence[str], coins: list[Candidate]) -> None:
        self.moves += [self.now for mint in chosen if mint not in self.used]
        cut = {coin.mint for coin in coins if coin.wishes[0].asked_ago == 0}
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
