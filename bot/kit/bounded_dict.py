"""What was noted last, and no more of it than there is room for."""

from __future__ import annotations

from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """A dictionary that keeps the `most` entries that were put last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, V] = {}

    def put(self, key: str, value: V) -> None:
        """In place of what was there; now the newest."""
        self._kept.pop(key, None)
        self._kept[key] = value
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def get(self, key: str) -> V | None:
        """None: never put, dropped, or forgotten."""
        return self._kept.get(key)

    def drop(self, key: str) -> None:
        """Forget it now."""
        self._kept.pop(key, None)
