"""Where messages go, who asks, what they follow, and what is shown: the same for every platform."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.model.controls import Select
from bot.model.lines import Line, Span


@dataclass(frozen=True, slots=True)
class Address:
    """A target as its platform names it. `place` is a community, `channel` one spot in it.

    The platform alone reads them: a Discord server and channel, a Telegram chat and
    `chat/topic`, on the page `page` and `page`. The names are what people call them.
    """

    platform: str
    place: str
    channel: str
    place_name: str = ""
    channel_name: str = ""

    @property
    def is_part(self) -> bool:
        """Whether it is one spot of its place, which goes on without it."""
        return self.channel != self.place


@dataclass(frozen=True, slots=True)
class Target:
    """Where messages go: our row. `disabled` is why nothing is posted there, a code, or None.

    `sender` names who posts there, one for each token (`local`, `discord`, `telegram`). An id of 0
    is none: nothing is kept about that target yet, or (`place_id`) about its whole place.
    """

    id: int
    place_id: int
    sender: str
    address: Address
    disabled: str | None = None


ANONYMOUS = "chat:"
"""What the id of a person begins with who speaks in the name of a whole chat."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `id` is the platform's; `name` is that person's text: never trust it."""

    id: str
    name: str = ""

    @property
    def is_anonymous(self) -> bool:
        """It is not known who it is: one person can have any number of such ids."""
        return self.id.startswith(ANONYMOUS)


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


class MessageKind(StrEnum):
    """What a message is to its readers."""

    REPLY = "reply"
    ALERT = "alert"
    PROGRESS = "progress"
    CLIP = "clip"
    TOAST = "toast"
    """A word to whoever pressed a button, of what is seen there anyway. It is shown in passing,
    where the platform can, and never as a message."""


class Tone(StrEnum):
    """What a platform may show as a colour."""

    PLAIN = "plain"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Button:
    """One of: an `action` (see `Action`), a `url` to open, or a text to `copy` by a tap."""

    label: str
    action: str = ""
    url: str | None = None
    copy: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A JPEG among our files. `key` names it for ever: the same key is the same picture."""

    key: str
    width: int
    height: int


_SECRET = re.compile(r"-[0-9a-f]{16}(?=\.mp4$)")
"""Of a key: who knows it may fetch the file from us."""


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """An MP4 among our files; `seconds` long, `bytes` large, sides in pixels (None: sound only).

    `poster` is the key of a small JPEG of its beginning, if there is one. `begins_at` is when that
    was, where it is known.
    """

    key: str
    seconds: float
    bytes: int
    width: int | None
    height: int | None
    poster: str | None = None
    begins_at: datetime | None = None

    @property
    def file_name(self) -> str:
        """What it is called where people save it: whose it is, when it begins, how long it is;
        another cut of the same stream is called otherwise. Nothing secret is in it."""
        stem = _SECRET.sub("", self.key).removesuffix(".mp4")
        when = f"-{self.begins_at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if self.begins_at else ""
        return f"{stem}{when}-{max(1, round(self.seconds))}s.mp4"


class Spoiler(StrEnum):
    """Whether a picture is hidden until its reader asks for it."""

    NO = "no"
    NSFW = "nsfw"
    """It is, except where everybody who reads it has confirmed to be of age."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be read, without any platform's markup.

    `link` is where its title leads. `preview` says in a few words what it is about, and stays true:
    it stands beside a mention, for whoever reads only the notification. `moving` is shown in
    place of `picture`, where the platform takes it: a few seconds without sound, again and again.
    `spoiler` is about the picture or video. `keeps_picture`: an edit without a picture leaves the
    one that stands there; `keeps_video`: that is so of a video, too.
    `progress` is a share from 0 to 1. `role` is who is mentioned, and nobody else ever is.
    `silent`: it arrives without a sound. `private`: where the platform can, only who asked sees it.
    `buttons` are rows, `selects` what can be chosen there.
    """

    kind: MessageKind = MessageKind.REPLY
    title: str = ""
    link: str | None = None
    preview: str = ""
    lines: tuple[Line, ...] = ()
    tone: Tone = Tone.PLAIN
    picture: StoredPicture | None = None
    moving: StoredVideo | None = None
    video: StoredVideo | None = None
    spoiler: Spoiler = Spoiler.NO
    keeps_picture: bool = True
    keeps_video: bool = False
    buttons: tuple[tuple[Button, ...], ...] = ()
    selects: tuple[Select, ...] = ()
    progress: float | None = None
    role: str | None = None
    silent: bool = False
    private: bool = False

    @property
    def told(self) -> tuple[Line, ...]:
        """Its lines, those that tell of its selects first."""
        return (*(select.told for select in self.selects if select.told), *self.lines)

    @property
    def text(self) -> str:
        """All of it as plain text, a line each."""
        lines = ("".join(span.text for span in line) for line in self.told)
        return "\n".join(part for part in (self.title, *lines) if part)


LONGEST_TOAST = 200
"""Characters; Telegram takes no more (`answerCallbackQuery`)."""


def is_toast(message: Message) -> bool:
    """A few words that need not stay: a refusal, or that something is done."""
    if message.kind is MessageKind.TOAST:
        return True
    if message.kind is not MessageKind.REPLY or message.picture or message.moving or message.video:
        return False
    if message.tone is Tone.BAD:
        return True
    has_more = message.title or message.buttons or message.selects
    is_plain = not has_more and len(message.text) <= LONGEST_TOAST
    return is_plain and not any(span.code or span.url for line in message.lines for span in line)


def plain(text: str, **more: object) -> Message:
    """A reply of plain lines."""
    lines = tuple((Span(line),) for line in text.splitlines())
    return Message(lines=lines, **more)  # type: ignore[arg-type]
