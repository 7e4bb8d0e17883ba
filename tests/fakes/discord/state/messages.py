"""Messages, as a person and as the test sees them."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.state.components import BUTTON, SELECTS, walk

if TYPE_CHECKING:
    from tests.fakes.discord.state.places import Channel

CROSSPOSTED, SUPPRESS_EMBEDS = 1 << 0, 1 << 2
EPHEMERAL, LOADING, SILENT, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 12, 1 << 15

PICTURES = ("image", "thumbnail", "video")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `data` is what arrived."""

    id: int
    name: str
    data: bytes = field(repr=False)
    url: str
    description: str | None = None

    @property
    def content_type(self) -> str:
        """By the name, as there."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Shown:
    """How a message read at one time."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: list[Attachment]


@dataclass(slots=True, eq=False)
class Message:
    """One message.

    `mention_roles`, `mention_users` and `mention_everyone` are who was really pinged, by id.
    `versions` are all states that it was ever shown in, the last one is the present one.
    `interaction_id` is that of the interaction that it answers.
    """

    id: int
    channel: Channel
    author_id: int
    created: datetime
    nonce: str | None = None
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    mention_roles: list[int] = field(default_factory=list)
    mention_users: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    edited: int = 0
    edited_at: datetime | None = None
    deleted: bool = False
    interaction_id: int | None = None
    seen_by: int | None = None
    reactions: tuple[()] = ()
    versions: list[Shown] = field(default_factory=list, repr=False)

    @property
    def ephemeral(self) -> bool:
        """Whether only the person who asked sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it says "is thinking…"."""
        return bool(self.flags & LOADING)

    @property
    def silent(self) -> bool:
        """Whether it makes no sound."""
        return bool(self.flags & SILENT)

    @property
    def pings(self) -> bool:
        """Whether anybody was pinged."""
        return bool(self.mention_roles or self.mention_users or self.mention_everyone)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """All buttons in their order, as Discord was told."""
        return [part for part in walk(self.components) if part["type"] == BUTTON]

    @property
    def selects(self) -> list[dict[str, Any]]:
        """All selects in their order."""
        return [part for part in walk(self.components) if part["type"] in SELECTS]

    @property
    def in_embeds(self) -> set[str]:
        """The URLs of pictures in embeds."""
        return {
            embed[kind].get("url", "")
            for embed in self.embeds
            for kind in PICTURES
            if embed.get(kind)
        }

    def attachment(self, name: str) -> Attachment:
        """The file of that name."""
        (found,) = (one for one in self.attachments if one.name == name)
        return found

    def age(self, seconds: float) -> None:
        """Make it so many seconds older; its id still tells the old time."""
        self.created -= timedelta(seconds=seconds)

    def remember(self) -> None:
        """Keep how it reads now."""
        self.versions.append(
            Shown(self.content, self.embeds, self.components, list(self.attachments))
        )
