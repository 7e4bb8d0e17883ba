"""What commands keep to: waits, and how many questions, clips and subscriptions there may be."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import DEFAULT_CLIP_SECONDS


@dataclass(frozen=True, slots=True)
class Limits:
    """What commands keep to. Durations are in seconds.

    Clips' lengths and number at once, cool-downs, `poll_seconds`, `keep_hours` and `most_in_place`
    are the operator's settings: the service puts them in place of what stands here
    (`bot/app/parts.py`).

    `answer_seconds`: how long pump.fun is waited for before we answer without it.
    `store_seconds`: how long a command's write may wait: who asked hears of a busy database within
    three seconds.
    `follow_seconds`: how often a clip's row is looked at where no hint comes.
    `questions_a_minute`: what one place may make us ask pump.fun; one person in all places; and all
    of the service together, but for those who asked no more than `questions_a_minute_always`.
    `concurrent`: clips that are recorded at once. `most_waiting`: clips in the queue of the whole
    service; of one place, one person, and all who have no name (`Person.is_anonymous`).
    `most_mints`: in one command. `most_in_place`: subscriptions of one place.
    """

    default_seconds: float = DEFAULT_CLIP_SECONDS
    max_seconds: float = 120.0
    per_place_cooldown_seconds: float = 20.0
    per_person_cooldown_seconds: float = 60.0
    poll_seconds: float = 10.0
    keep_hours: float = 72.0
    answer_seconds: float = 6.0
    store_seconds: float = 1.5
    follow_seconds: float = 5.0
    questions_a_minute: int = 60
    questions_a_minute_person: int = 40
    questions_a_minute_service: int = 150
    questions_a_minute_always: int = 6
    concurrent: int = 2
    most_waiting: int = 20
    most_waiting_place: int = 6
    most_waiting_person: int = 3
    most_waiting_unnamed: int = 4
    most_mints: int = 20
    most_in_place: int = 500
