"""What a message of ours shows, so that a change of it needs one request and repeats no upload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

REMEMBERED = 8192
"""Messages of which it is known what they show, and files of which it is known where they are."""


class Kind(StrEnum):
    """How a message can be changed: its text, or its caption, and then perhaps its picture."""

    TEXT = "text"
    PHOTO = "photo"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """`unique` is Telegram's name of the picture that a photo shows."""

    kind: Kind
    unique: str = ""
