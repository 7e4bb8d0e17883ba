"""Whose turn it is among the coins that nothing is urgent about: by age, and place by place. Pure.

A coin that the roster lacks is found when its turn comes. Were all turns by age alone, a place that
follows thousands of such coins would slow down the turn of everybody else's. So half of the turns
goes from place to place, each of which has its longest waiting coin looked at.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Protocol

_BY_PLACE = 2


class Order(Protocol):
    """What sorts coins: whoever was asked for the longest ago comes first."""

    def __call__(self, mint: str, /) -> tuple[object, str]: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """The coins whose turn it is; `places` have one. All have theirs within `turns` like this."""

    mints: tuple[str, ...]
    turns: int
    places: tuple[int, ...] = ()


class PlaceTurns:
    """Which places had a turn, and in which order. Lost at a restart, at no price."""

    def __init__(self) -> None:
        self._had: dict[int, int] = {}
        self._number = 0

    def note(self, places: Iterable[int]) -> None:
        """These had one."""
        for place in places:
            self._number += 1
            self._had[place] = self._number

    def order(self, places: Mapping[int, Set[str]]) -> list[int]:
        """Who had none for the longest comes first; places that are gone are forgotten."""
        self._had = {place: number for place, number in self._had.items() if place in places}
        return sorted(places, key=lambda place: (self._had.get(place, 0), place))


def take_turn(
    rest: Collection[str],
    places: Mapping[int, Set[str]],
    had: PlaceTurns,
    count: int,
    order: Order,
) -> Turn:
    """At most `count` of `rest`. With one place, or none, all of them by age."""
    chosen = _of_places(rest, places, had, count // _BY_PLACE, order) if len(places) > 1 else {}
    left = [mint for mint in rest if mint not in chosen] if chosen else rest
    by_age = heapq.nsmallest(count - len(chosen), left, key=order)
    mints = (*chosen, *by_age)
    turns = 1 if len(mints) == len(rest) else -(-len(rest) // max(1, len(by_age)))
    return Turn(mints, turns, tuple(chosen.values()))


def _of_places(
    rest: Collection[str], places: Mapping[int, Set[str]], had: PlaceTurns, most: int, order: Order
) -> dict[str, int]:
    """At most so many coins, each with its place: one of each place, and round and round again for
    as long as there are turns and coins."""
    chosen: dict[str, int] = {}
    resting, left = frozenset(rest), had.order(places) if most else []
    while left:
        those, left = left, []
        for place in those:
            mine = (places[place] & resting) - chosen.keys()
            if not mine:
                continue
            chosen[min(mine, key=order)] = place
            if len(chosen) == most:
                return chosen
            left.append(place)
    return chosen
