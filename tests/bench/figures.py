"""What a row of the benchmark gives, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table. `holds` is None where nothing is demanded."""

    name: str
    value: str
    demand: str = ""
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One row's table and how it was made."""

    title: str
    how: str
    figures: list[Figure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure. `folder` is for clips; it is emptied afterwards."""

    folder: Path
    quick: bool = False

    def seconds(self, full: float, quick: float) -> float:
        """So long, or only so long."""
        return quick if self.quick else full

    def times(self, full: int, quick: int) -> int:
        """So often, or only so often."""
        return quick if self.quick else full


Row = Callable[[Effort], Coroutine[Any, Any, Section]]
