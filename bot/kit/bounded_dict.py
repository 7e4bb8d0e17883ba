"""Dictionaries for what was noted last, with no more of it than there is room for."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from bot.kit.timing.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedDict(Generic[K, V]):
    """Keeps the `most` entries that were put last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}

    def __iter__(self) -> Iterator[K]:
        """The keys, oldest first."""
        return iter(self._kept)

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def put(self, key: K, value: V) -> None:
        """In place of what was there; now the newest."""
        self._kept.pop(key, None)
        self._kept[key] = value
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def get(self, key: K) -> V | None:
        """None: never put, dropped, or forgotten."""
        return self._kept.get(key)

    def drop(self, key: K) -> None:
        """Forget it now."""
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()


class ExpiringDict(Generic[K, V]):
    """Keeps the `most` entries that were put last, each for as long as was said."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._kept: BoundedDict[K, tuple[V, float]] = BoundedDict(most)

    def __iter__(self) -> Iterator[K]:
        """The keys, oldest first; of what has expired, too."""
        return iter(self._kept)

    def put(self, key: K, value: V, seconds: float) -> None:
        """In place of what was there; it counts for so many seconds."""
        self._kept.put(key, (value, self._clock.monotonic() + seconds))

    def get(self, key: K) -> V | None:
        """None: never put, dropped, forgotten, or too old."""
        value, until = self._kept.get(key) or (None, 0.0)
        return value if until > self._clock.monotonic() else None

    def drop(self, key: K) -> None:
        """Forget it now."""
        self._kept.drop(key)
