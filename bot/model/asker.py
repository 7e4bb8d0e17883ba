"""For whom pump.fun is asked: whoever shares its budget with others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """The kinds of askers, each of which is sure of a share of every budget."""

    POLL = "poll"
    """The watcher: nobody waits for the answer, and it will ask again."""
    ALERT = "alert"
    """What belongs to an alert: its picture."""
    SERVICE = "service"
    """What was accepted before: a clip's way into its room."""
    PERSON = "person"
    """Somebody waits for the answer to a command."""


@dataclass(frozen=True, slots=True)
class Asker:
    """`name` tells persons apart, over all their places."""

    lane: Lane
    name: str = ""


POLLER = Asker(Lane.POLL)
ALERTS = Asker(Lane.ALERT)
SERVICE = Asker(Lane.SERVICE)
