"""Who stays connected when there are too many: pure, of whatever can be hung up on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, Protocol, TypeVar


class Stage(IntEnum):
    """How far a connection is; the lower, the sooner it has to go."""

    SILENT = 0
    """It has never asked anything: no whole header has come."""

    IDLE = 1
    """It has been answered, and may ask again."""

    ASKING = 2
    """It is being answered."""

    FOLLOWING = 3
    """It follows events, which are bounded by themselves."""


class Caller(Protocol):
    """A connection. `hang_up` ends it at once, and may be called again."""

    @property
    def address(self) -> str: ...
    def hang_up(self) -> None: ...


C = TypeVar("C", bound=Caller)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and how many of one address that have asked nothing."""

    all: int
    silent_of_one: int


class ConnectionTable(Generic[C]):
    """Every connection, by its stage, and in the order in which it got there.

    The newest is always let in, and the one that matters least goes: so whoever asks is answered,
    though a thousand others sit there and say nothing. Those are counted by address; who has asked
    is not, for all the visitors of a proxy have one address.
    """

    def __init__(self, room: ConnectionLimits, on_full: Callable[[], None] = lambda: None) -> None:
        self._room = room
        self._on_full = on_full
        self._by_stage: dict[Stage, dict[C, None]] = {stage: {} for stage in Stage}
        self._stages: dict[C, Stage] = {}
        self._silent_of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._stages)

    def stage(self, caller: C) -> Stage | None:
        """None for who is not here (any more)."""
        return self._stages.get(caller)

    def enter(self, caller: C) -> None:
        """Let it in, and hang up on another where that is one too many."""
        if self._silent_of[caller.address] >= self._room.silent_of_one:
            self._end(next(each for each in self._silent() if each.address == caller.address))
        elif len(self) >= self._room.all:
            self._end(next(self._least()))
        self._put(caller, Stage.SILENT)

    def reach(self, caller: C, stage: Stage) -> None:
        """It is at another stage now. Nothing for who was hung up on."""
        if caller in self._stages:
            self._take(caller)
            self._put(caller, stage)

    def leave(self, caller: C) -> None:
        """It is gone. Nothing for who was hung up on."""
        if caller in self._stages:
            self._take(caller)

    def _silent(self) -> Iterator[C]:
        return iter(self._by_stage[Stage.SILENT])

    def _least(self) -> Iterator[C]:
        for stage in Stage:
            yield from self._by_stage[stage]

    def _end(self, caller: C) -> None:
        self.leave(caller)
        caller.hang_up()
        self._on_full()

    def _put(self, caller: C, stage: Stage) -> None:
        self._stages[caller] = stage
        self._by_stage[stage][caller] = None
        if stage is Stage.SILENT:
            self._silent_of[caller.address] += 1

    def _take(self, caller: C) -> None:
        stage = self._stages.pop(caller)
        del self._by_stage[stage][caller]
        if stage is Stage.SILENT:
            self._silent_of[caller.address] -= 1
            if not self._silent_of[caller.address]:
                del self._silent_of[caller.address]
