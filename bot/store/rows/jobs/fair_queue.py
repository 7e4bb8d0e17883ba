"""Whose clip is recorded next: places and people take turns. Pure.

Next is whoever's place and whoever's person both had their last turn the longest ago, so that one
place, however many people it has, and one person, in however many places, gets one clip while
everybody else who waits gets one as well. Those without a name count as one person. A capture
that several wait for has the best turn of theirs, and costs each of them one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Person


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who waits for a capture: a place's id, and a person, who is empty where it has no name."""

    place: int
    person: str

    @classmethod
    def of(cls, place: int, person_id: str) -> Claimant:
        """From a row."""
        return cls(place, "" if Person(person_id).is_anonymous else person_id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A capture that has not begun, by its leader's `id`. Nobody wants it any more where there
    are no `claimants`. `had_turn`: it was begun before, and broke off. `is_ahead`: it shows what is
    still to come, so that it takes as long as that does."""

    id: int
    claimants: tuple[Claimant, ...]
    had_turn: bool = False
    is_ahead: bool = True

    @property
    def is_unnamed(self) -> bool:
        """All who want it have no name."""
        return bool(self.claimants) and not any(one.person for one in self.claimants)


class FairQueue:
    """When each place and each person had a turn, as numbers that grow with each, up to `last`. Not
    times: a clock can be set."""

    def __init__(self, had: Iterable[tuple[Claimant, int]], last: int) -> None:
        self._had: dict[int | str, int] = {}
        self.last = last
        for claimant, number in had:
            self._note(claimant, number)

    def order(self, waiting: Iterable[Waiting]) -> list[Waiting]:
        """All of them in the order of their turns, if nobody else comes."""
        queue, left, ordered = self._copy(), list(waiting), []
        while left:
            first = min(left, key=queue._rank)
            left.remove(first)
            ordered.append(first)
            queue.last += 1
            for claimant in first.claimants:
                queue._note(claimant, queue.last)
        return ordered

    def _rank(self, one: Waiting) -> tuple[bool, bool, tuple[int, int], int]:
        """The least goes first: what had its turn already; what nobody wants any more goes last."""
        best = min((self._turn_of(claimant) for claimant in one.claimants), default=(0, 0))
        return not one.claimants, not one.had_turn, best, one.id

    def _turn_of(self, claimant: Claimant) -> tuple[int, int]:
        person = self._had.get(claimant.person, 0)
        return max(self._had.get(claimant.place, 0), person), person

    def _note(self, claimant: Claimant, number: int) -> None:
        for key in (claimant.place, claimant.person):
            self._had[key] = max(self._had.get(key, 0), number)

    def _copy(self) -> FairQueue:
        copy = FairQueue((), self.last)
        copy._had = dict(self._had)
        return copy
