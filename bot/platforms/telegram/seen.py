"""What a message of ours shows, so that a change of it needs one request and repeats no upload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

V = TypeVar("V")

_MOST = 8192


class Memory(Generic[V]):
    """What was noted last, of so many things at most: a dictionary that forgets."""

    def __init__(self, most: int = _MOST) -> None:
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


class Kind(StrEnum):
    """How a message can be changed: its text, or its caption, and then perhaps its picture."""

    TEXT = "text"
    PHOTO = "photo"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Seen:
    """`unique` is Telegram's name of the picture that a photo shows."""

    kind: Kind
    unique: str = ""
