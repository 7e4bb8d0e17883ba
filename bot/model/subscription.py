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


class Scope(StrEnum):
    """Who chose a preference; the nearest wins: subscription, then target, then place."""

    PLACE = "place"
    TARGET = "target"
    SUBSCRIPTION = "subscription"


class Preference(StrEnum):
    """What can be chosen. Values are text, checked by the command that sets them.

    role: who is mentioned by an alert, by the platform's id; empty for nobody. night:
    `22:00-08:00`, or off. time_zone: a name of the IANA list. night_mode: silent, skip or digest.
    night_mention: yes or no. at_end: edit, delete or leave. clip_by: everyone or managers.
    notices: the id of the target where notices go; empty for who subscribed. updates: yes or no;
    whether title and viewers are kept up to date.
    """

    ROLE = "role"
    NIGHT = "night"
    TIME_ZONE = "time_zone"
    NIGHT_MODE = "night_mode"
    NIGHT_MENTION = "night_mention"
    AT_END = "at_end"
    CLIP_BY = "clip_by"
    NOTICES = "notices"
    UPDATES = "updates"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A preference in force, and who chose it."""

    value: str
    scope: Scope


Preferences = dict[Preference, Chosen]
