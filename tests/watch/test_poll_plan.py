from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Broadcast, Coin, Live, RosterRow, StreamSnapshot, StreamState
from bot.watch.poll_plan import Memory, Plan, Snapshot, plan
from bot.watch.stream_machine import Rules
from tests.fakes.clock import moment

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULES = Rules(start_grace=timedelta(seconds=60), end_grace=timedelta(seconds=300))


def on_air(state: StreamState = StreamState.LIVE, site_id: int = 1, **more: object) -> Broadcast:
    return replace(Broadcast(state, NOON, NOON, site_id), **more)  # type: ignore[arg-type]


def row(mint: str, site_id: int | None = 1) -> RosterRow:
    seen = Live(StreamSnapshot(mint, site_id)) if site_id is not None else None
    return RosterRow(Coin(mint), seen)


def snapshot(
    wanted: str = "",
    *,
    open_: dict[str, Broadcast] | None = None,
    roster: Iterable[RosterRow] = (),
    unchecked: str = "",
    seconds: float = 0.0,
) -> Snapshot:
    rows = {one.coin.mint: one for one in roster}
    return Snapshot(
        frozenset(wanted), frozenset(unchecked), open_ or {}, rows, moment(NOON, seconds)
    )


def decide(seen: Snapshot, memory: Memory | None = None, budget: int = 100) -> Plan:
    memory = memory or Memory()
    memory.meet(seen)
    return plan(seen, memory, RULES, budget)


def asked(mints: str) -> Memory:
    """They were asked for, one a second, and answered for."""
    memory = Memory()
    for second, mint in enumerate(mints):
        memory.note(mint, second - 1000.0, answered=True)
    return memory


def test_whoever_was_asked_for_longest_ago_comes_first() -> None:
    assert "".join(decide(snapshot("abcde"), asked("cbae")).looks) == "dcbae"
    assert "".join(decide(snapshot("abcde"), asked("cbaed"), budget=2).looks) == "cb"


def test_a_coin_that_the_roster_names_anew_goes_before_all_others() -> None:
    memory = asked("abcxyz")
    seen = snapshot("abcxyz", roster=[row("z"), row("not ours")])
    assert decide(seen, memory).looks[0] == "z"


def test_a_coin_that_the_roster_names_although_it_is_off_air_does_not_crowd_out_news() -> None:
    memory = asked("xz")
    seen = snapshot("xyz", roster=[row("z"), row("x")])
    memory.meet(seen)
    memory.note("z", 0.0, answered=True)
    looks = decide(seen, memory).looks
    assert "".join(looks) == "xzy"
    memory.note("x", 0.0, answered=False)
    assert decide(seen, memory).looks[0] == "x"  # nobody has answered for it yet


def test_a_coin_that_left_the_roster_and_is_named_again_is_news() -> None:
    memory = Memory()
    both, one = snapshot("xz", roster=[row("x"), row("z")]), snapshot("xz", roster=[row("x")])
    decide(both, memory)
    memory.note("x", 0.0, answered=True)
    memory.note("z", 1.0, answered=True)
    assert decide(both, memory).looks == ("x", "z")
    decide(one, memory)
    assert decide(both, memory).looks == ("z", "x")


def test_a_live_coin_with_a_row_is_refreshed_by_it_and_looked_at_in_its_turn_only() -> None:
    memory = asked("ab")
    chosen = decide(snapshot("ab", open_={"b": on_air()}, roster=[row("b")]), memory, budget=1)
    assert chosen.refresh == {"b": Live(StreamSnapshot("b", 1))}
    assert chosen.looks == ("a",)


def test_a_live_coin_is_looked_at_where_the_roster_does_not_tell() -> None:
    memory = asked("xyzab")
    streams = {"a": on_air(), "b": on_air()}
    chosen = decide(snapshot("xyzab", open_=streams, roster=[row("b", None)]), memory)
    assert not chosen.refresh
    assert "".join(chosen.looks[:2]) == "ab"


def test_starting_and_paused_coins_are_looked_at_whatever_the_roster_says() -> None:
    streams = {
        "a": on_air(),
        "s": on_air(StreamState.STARTING),
        "p": on_air(StreamState.GRACE, paused_at=NOON),
    }
    roster = [row(mint) for mint in "asp"]
    chosen = decide(snapshot("asp", open_=streams, roster=roster), asked("asp"), budget=3)
    assert set(chosen.looks[:2]) == {"s", "p"}
    assert set(chosen.refresh) == {"a"}


def test_a_row_with_another_id_refreshes_under_the_known_one_and_is_asked_about() -> None:
    memory = asked("xab")
    memory.note("a", -30.0, answered=True)
    seen = snapshot("xab", open_={"a": on_air(), "b": on_air()}, roster=[row("a", 2), row("b")])
    chosen = decide(seen, memory)
    assert chosen.refresh["a"].stream.site_id == 1
    assert chosen.looks[0] == "a"
    memory.note("a", -29.0, answered=True)
    assert decide(seen, memory).looks == ("x", "b", "a")


def test_after_a_silence_a_row_with_another_id_says_nothing_by_itself() -> None:
    seen = snapshot("ab", open_={"a": on_air(), "b": on_air()}, roster=[row("a", 2), row("b")])
    chosen = decide(replace(seen, now=moment(NOON, 301)), asked("ba"))
    assert set(chosen.refresh) == {"b"}
    assert chosen.looks[0] == "a"


def test_a_new_subscription_that_nobody_answered_for_goes_before_the_rest() -> None:
    seen = snapshot("abn", unchecked="na")
    memory = asked("ab")
    assert decide(seen, memory).looks[0] == "n"
    memory.note("n", 0.0, answered=True)
    assert decide(seen, memory).looks[-1] == "n"


def test_a_fifth_is_for_the_rest_whatever_the_others_need() -> None:
    live = {chr(1000 + n): on_air() for n in range(100)}
    wanted = "".join(live) + "abcdefgh"
    chosen = decide(snapshot(wanted, open_=live), asked(wanted), budget=20)
    assert sum(mint in "abcdefgh" for mint in chosen.looks) == 4
    assert (chosen.rest, chosen.turns) == (8, 2)


def test_a_stream_that_nobody_wants_any_more_is_followed_to_its_end() -> None:
    assert decide(snapshot("", open_={"a": on_air()})).looks == ("a",)


def test_memory_forgets_what_nobody_follows() -> None:
    memory = asked("abcdef")
    memory.meet(snapshot("ab"))
    assert memory.tried("c") < memory.tried("a")
    assert not memory.news


def test_what_the_roster_named_stays_news_until_somebody_answers_for_it() -> None:
    memory = asked("abz")
    decide(snapshot("abz", roster=[row("z")]), memory)
    memory.meet(snapshot("abz"), roster_failed=True)
    assert memory.news == {"z"}
    memory.meet(snapshot("abz"))
    memory.note("z", 0.0, answered=False)
    assert memory.news == {"z"}
    memory.note("z", 0.0, answered=True)
    assert not memory.news


def test_a_failing_roster_makes_nothing_new() -> None:
    memory, named = asked("abz"), snapshot("abz", roster=[row("z")])
    decide(named, memory)
    memory.note("z", 0.0, answered=True)
    memory.meet(snapshot("abz"), roster_failed=True)
    assert decide(named, memory).news == frozenset()


def test_a_roster_that_was_cut_short_makes_new_only_what_it_names() -> None:
    memory = asked("abyz")
    decide(snapshot("abyz", roster=[row("z")]), memory)
    memory.note("z", 0.0, answered=True)
    memory.meet(snapshot("abyz", roster=[row("y")]), roster_failed=True)
    assert memory.news == {"y"}
    memory.meet(snapshot("abyz", roster=[row("y"), row("z")]))
    assert memory.news == {"y"}


def test_a_coin_on_the_roster_is_news_to_whoever_subscribes_to_it() -> None:
    memory = asked("ab")
    decide(snapshot("ab", roster=[row("z")]), memory)
    assert decide(snapshot("abz", roster=[row("z")]), memory).news == {"z"}


def test_a_coin_is_news_once_somebody_follows_it_however_lately_it_was_asked_for() -> None:
    """It was found live for a person who only looked, which opened no stream."""
    memory = asked("ab")
    decide(snapshot("ab"), memory)
    memory.note("z", 5.0, answered=True)
    first = decide(snapshot("abz", seconds=10.0), memory, budget=2)
    assert first.news == {"z"}
    assert first.looks[0] == "z"
    memory.note("z", 10.0, answered=True)
    assert decide(snapshot("abz", seconds=20.0), memory).news == frozenset()


def test_hundreds_that_are_followed_at_once_put_off_nobody() -> None:
    """One place is back with all of its coins; another follows one more; and streams go on."""
    old, back = "abcd", "".join(chr(1000 + n) for n in range(300))
    paused = {one: on_air(StreamState.GRACE) for one in old}
    memory = asked(old)
    decide(snapshot(old, open_=paused), memory)
    places = {1: frozenset(back), 2: frozenset("z")}
    seen = replace(snapshot(old + back + "z", open_=paused), places=places)
    looks = decide(seen, memory, budget=20).looks
    assert set(old) <= set(looks)
    assert "z" in looks
    assert len(set(looks) & set(back)) >= 10


def test_after_a_start_nothing_is_news_for_being_followed() -> None:
    assert decide(snapshot("ab")).news == frozenset()


def test_every_coin_has_its_turn_within_the_turns_that_are_told() -> None:
    memory, wanted = Memory(), "".join(chr(200 + n) for n in range(101))
    met: set[str] = set()
    turns = decide(snapshot(wanted), memory, budget=10).turns
    assert turns == 11
    for n in range(turns):
        for mint in decide(snapshot(wanted), memory, budget=10).looks:
            memory.note(mint, 10.0 * n, answered=bool(n % 2))
            met.add(mint)
    assert met == set(wanted)


coins = st.sets(st.sampled_from("abcdefgh"))
states = st.sampled_from([StreamState.STARTING, StreamState.LIVE, StreamState.GRACE])
broadcasts = st.builds(on_air, states, st.integers(1, 2))


@given(
    coins,
    coins,
    st.dictionaries(st.sampled_from("abcdefgh"), broadcasts),
    st.lists(st.builds(row, st.sampled_from("abcdefgh"), st.none() | st.integers(1, 2))),
    st.integers(1, 12),
)
def test_a_plan_keeps_its_budget_and_looks_at_nobody_twice(
    wanted: set[str],
    unchecked: set[str],
    open_: dict[str, Broadcast],
    roster: list[RosterRow],
    budget: int,
) -> None:
    seen = snapshot("".join(wanted), open_=open_, roster=roster, unchecked="".join(unchecked))
    chosen = decide(seen, budget=budget)
    assert len(chosen.looks) == len(set(chosen.looks))
    assert len(chosen.looks) == min(budget, len(wanted | open_.keys()))
    assert set(chosen.looks) <= wanted | open_.keys()
    assert all(open_[mint].state is StreamState.LIVE for mint in chosen.refresh)
