"""Who wants to hear of what, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubjectKind(StrEnum):
    """What can be subscribed to. A creator's wallet comes later, and fits."""

    MINT = "mint"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A target wants to hear of a mint. `checked_at`: when pump.fun first confirmed the coin."""

    id: int
    target_id: int
    mint: str
    person_id: str
    person_name: str
    created_at: datetime
    checked_at: datetime | None = None
