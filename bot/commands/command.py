"""What a command is to its platforms: name, words about it, parameters, who may use it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.errors import MintcastError
from bot.model import DEFAULT_CLIP_SECONDS


class Kind(StrEnum):
    """What a parameter takes. All of them are texts; a platform may help with typing them."""

    MINT = "mint"
    MINTS = "mints"
    DURATION = "duration"
    AGO = "ago"
    WORDS = "words"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. A platform that parses by itself hands over what was typed, and `ago` as
    `ago=2m`, so that it is not taken for the duration."""

    name: str
    description: str
    kind: Kind
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the catalogue. `manages`: only whoever may manage alerts may use it.

    `summary` has at most 100 characters, as Discord wants; `details` may have several lines, and
    `option_details` are those for a platform whose commands are filled in, not typed.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    manages: bool = False
    details: str = ""
    option_details: str = ""

    def shown(self, *, by_options: bool) -> Command:
        """As its platform shows it: what is free words elsewhere has options of its own there."""
        if not by_options:
            return self
        kept = tuple(one for one in self.parameters if one.kind is not Kind.WORDS)
        return replace(self, parameters=kept, details=self.option_details or self.details)

    @property
    def usage(self) -> str:
        """`/clip [duration] [ago] [mint]`."""
        shown = (f"<{p.name}>" if p.required else f"[{p.name}]" for p in self.parameters)
        return " ".join((f"/{self.name}", *shown))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be typed next: `value` is the word itself, `text` the whole line with it, `label`
    what a person picks from. `label` may hold a coin's name: an attacker's text, made harmless."""

    value: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The operator's settings that commands keep to. Durations are in seconds.

    `answer_seconds`: how long pump.fun is waited for before we answer without it.
    `store_seconds`: how long a command's write may wait: who asked hears of a busy database within
    three seconds.
    `follow_seconds`: how often a clip's row is looked at where no hint comes.
    `questions_a_minute`: what one place may make us ask pump.fun; one person in all places; and all
    of the service together, but for those who asked no more than `questions_a_minute_always`.
    `most_waiting`: clips in the queue of the whole service; of one place, one person, and all who
    have no name (`Person.is_anonymous`). `most_mints`: in one command. `most_in_place`:
    subscriptions of one place.
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
    most_waiting: int = 20
    most_waiting_place: int = 6
    most_waiting_person: int = 3
    most_waiting_unnamed: int = 4
    most_mints: int = 20
    most_in_place: int = 500


class Refused(MintcastError):
    """A command cannot be done as it was asked; `sentence` says why and what to do next."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
