"""What a client shows and takes, whichever platform's it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]
Messages = Sequence[tuple[str, str]]
"""The id and the HTML of each, oldest first."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel or a chat in the list. `sign` stands before its name, `about` below it."""

    id: str
    name: str
    sign: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks, and at which place."""

    person: str
    place: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message."""

    data: bytes
    kind: str


class View(Protocol):
    """The client of one platform. A person is named, a place has its `Place.id`."""

    name: str
    title: str

    @property
    def people(self) -> Sequence[str]:
        """Whose client it can be."""
        ...

    def places(self, person: str) -> list[Place]:
        """All that this person has in the list; never empty."""
        ...

    def messages(self, eyes: Eyes) -> Messages:
        """What is there to read."""
        ...

    def file(self, path: str) -> File | None:
        """A file that the HTML names."""
        ...

    async def suggest(self, eyes: Eyes, line: str) -> list[Json]:
        """How a line that is being typed may go on: `line`, `label` and `about` of each."""
        ...

    async def act(self, eyes: Eyes, told: Json) -> Json:
        """Do what the page tells: `line` is typed, or something of the message `message` is pressed
        (`press`) or chosen (`choose`, `values`). What the person sees of it beside messages:
        `toast`, `alert`, `modal`. Raises AssertionError where the client would not do it."""
        ...
