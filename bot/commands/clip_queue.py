"""Whether one more clip may wait: nobody may fill the queue that all share. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot import texts
from bot.commands.limits import Limits
from bot.errors import Refused
from bot.model import Person

Waiting = Sequence[tuple[int, Person]]
"""A place's id and a person for each clip."""


def check_room(waiting: Waiting, place_id: int, person: Person, limits: Limits) -> None:
    """Raises Refused where as many wait already as may: of that person, or of all who have no name;
    of that place; of everybody."""
    if person.is_anonymous:
        unnamed = sum(one.is_anonymous for _, one in waiting)
        if unnamed >= limits.most_waiting_unnamed:
            raise Refused(texts.clips.queue_full_of_unnamed(unnamed))
    own = sum(one.id == person.id for _, one in waiting)
    if own >= limits.most_waiting_person:
        raise Refused(texts.clips.queue_full_of_you(own))
    here = sum(place == place_id for place, _ in waiting)
    if here >= limits.most_waiting_place:
        raise Refused(texts.clips.queue_full_here(here))
    if len(waiting) >= limits.most_waiting:
        raise Refused(texts.clips.queue_full(len(waiting)))
