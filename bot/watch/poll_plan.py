"""Whom one tick looks at, when it may not look at all. Pure.

The roster refreshes live coins by their rows and names new ones; whatever it cannot say is asked
of the per-mint endpoint, the most urgent first:

1. coins that the roster names, or that are unchecked, and that nobody has answered for since; and
   what is followed since the last tick, where that is much a quarter of the looks: the first of
   each place, then the second of each;
2. coins that are starting or paused;
3. live coins whose row is missing, says nothing, or has another id than we know, unless they
   were asked for within half a minute;
4. coins that the roster names although they were found to be off air;
5. the rest in turn (`bot.watch.rotation`). It holds the live coins whose rows are fine, too: a
   roster that goes on naming a coin for ever cannot keep it on air.

A fifth of what may be asked is for the rest, whatever the others need.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from bot.kit.timing.ages import Moment
from bot.model import Broadcast, Live, RosterRow, StreamState
from bot.watch.rotation import PlaceTurns, take_turn
from bot.watch.stream_machine import Rules, replaces

_FOR_THE_REST = 5
_FOR_ADDED = 4
_ASK_AGAIN = 30.0
_NEVER = -math.inf


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a tick knows when it decides. `roster`: the rows that were read, by mint. `places`: what
    each place follows, by the place's id."""

    wanted: frozenset[str]
    unchecked: frozenset[str]
    open: Mapping[str, Broadcast]
    roster: Mapping[str, RosterRow]
    now: Moment
    places: Mapping[int, Set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """`looks` in the order in which they are taken, `news` among them for the first time.

    `rest` coins take `turns` ticks like this; `places` have had one.
    """

    refresh: Mapping[str, Live]
    looks: tuple[str, ...]
    news: frozenset[str]
    rest: int
    turns: int
    places: tuple[int, ...] = ()


class Memory:
    """What ticks remember of earlier ones, by monotonic times. Lost at a restart, at the price of a
    few looks."""

    def __init__(self) -> None:
        self._tried: dict[str, float] = {}
        self._named: frozenset[str] = frozenset()
        self._mentioned: frozenset[str] = frozenset()
        self._wanted: frozenset[str] | None = None
        self._news: set[str] = set()
        self._added: set[str] = set()
        self.place_turns = PlaceTurns()

    def note(self, mint: str, at: float, *, answered: bool) -> None:
        """It was asked for; `answered`, if that told anything."""
        self._tried[mint] = at
        if answered:
            self._news.discard(mint)
            self._added.discard(mint)

    def tried(self, mint: str) -> float:
        """When it was last asked for."""
        return self._tried.get(mint, _NEVER)

    @property
    def news(self) -> Set[str]:
        """Coins that were named or subscribed, and that nobody has answered for since."""
        return self._news | self._added

    @property
    def added(self) -> Set[str]:
        """Those of them of which no more is known than that somebody follows them now."""
        return self._added - self._news

    def meet(self, snapshot: Snapshot, *, roster_failed: bool = False) -> None:
        """Take in what the roster names; if it failed, it names what it did before, too.

        What is followed since the last tick is news, however lately it was asked for: what was
        seen before anybody followed it, was seen for nobody. What nobody follows is forgotten.
        """
        before = self._named if roster_failed else frozenset()
        self._named = before.union(snapshot.roster)
        closed = snapshot.wanted - snapshot.open.keys()
        mentioned = closed & (self._named | snapshot.unchecked)
        added = frozenset() if self._wanted is None else snapshot.wanted - self._wanted
        self._news = (self._news | (mentioned - self._mentioned)) & closed
        self._added = (self._added | added) & closed
        self._mentioned, self._wanted = mentioned, snapshot.wanted
        if len(self._tried) > len(snapshot.wanted) + len(snapshot.open):
            self._tried = {m: at for m, at in self._tried.items() if _followed(m, snapshot)}


def _followed(mint: str, snapshot: Snapshot) -> bool:
    return mint in snapshot.wanted or mint in snapshot.open


def plan(snapshot: Snapshot, memory: Memory, rules: Rules, budget: int) -> Plan:
    """Which live coins their rows refresh, and at most `budget` coins to look at."""
    refresh = dict(_by_row(snapshot, rules))
    news = frozenset(memory.news)
    urgent = _urgent(snapshot, memory, refresh)
    held = frozenset(urgent) | memory.added
    rest = [mint for mint in snapshot.wanted | snapshot.open.keys() if mint not in held]
    kept = max(1, budget // _FOR_THE_REST) if rest and budget > 1 else 0
    added = _in_turn(memory.added, snapshot.places, _longest_ago(memory))
    soon = added[: max(1, budget // _FOR_ADDED)] if budget > 1 or not urgent else []
    first = [*soon, *urgent, *added[len(soon) :]][: budget - kept]
    order, count = _longest_ago(memory), budget - len(first)
    turn = take_turn(rest, snapshot.places, memory.place_turns, count, order)
    looks = (*first, *turn.mints)
    return Plan(refresh, looks, news, len(rest), turn.turns, turn.places)


def _in_turn(
    coins: Set[str], places: Mapping[int, Set[str]], order: Callable[[str], tuple[float, str]]
) -> list[str]:
    """The first of each place, then the second of each, and so on: one may have hundreds."""
    turns: dict[str, int] = {}
    for followed in places.values() if coins else ():
        for turn, mint in enumerate(sorted(coins & followed, key=order)):
            turns[mint] = min(turn, turns.get(mint, turn))
    return sorted(coins, key=lambda mint: (turns.get(mint, 0), *order(mint)))


def _by_row(snapshot: Snapshot, rules: Rules) -> Iterable[tuple[str, Live]]:
    """Rows that may stand for a look: they say live, of a coin that is, and it is the same one.

    A row's id is the one of its media's directory, and it has no start; so who is on air is for
    the per-mint answer to say, and the row's id is not taken.
    """
    for mint, broadcast in snapshot.open.items():
        row = snapshot.roster.get(mint)
        seen = row.observation if row else None
        if broadcast.state is not StreamState.LIVE or not isinstance(seen, Live):
            continue
        if not replaces(broadcast, seen.stream, snapshot.now, rules):
            yield mint, Live(replace(seen.stream, site_id=broadcast.site_id))


def _urgent(snapshot: Snapshot, memory: Memory, refresh: Mapping[str, Live]) -> list[str]:
    """The groups of the head of this file but the last; in each, the longest ago first."""
    order = _longest_ago(memory)
    unsettled = {m for m, b in snapshot.open.items() if b.state is not StreamState.LIVE}
    adrift = {
        m for m in snapshot.open if m not in unsettled and _adrift(m, snapshot, memory, refresh)
    }
    stale = (snapshot.wanted & snapshot.roster.keys()) - snapshot.open.keys() - memory.news
    groups = (memory.news - memory.added, unsettled, adrift, stale)
    return [mint for group in groups for mint in sorted(group, key=order)]


def _adrift(mint: str, snapshot: Snapshot, memory: Memory, refresh: Mapping[str, Live]) -> bool:
    """Its row does not tell how it is, or has another id; and it was not just asked for."""
    if snapshot.now.monotonic - memory.tried(mint) < _ASK_AGAIN:
        return False
    row = snapshot.roster[mint].observation if mint in refresh else None
    return row is None or row.stream.site_id != snapshot.open[mint].site_id


def _longest_ago(memory: Memory) -> Callable[[str], tuple[float, str]]:
    return lambda mint: (memory.tried(mint), mint)
