"""Messages as they stand in a chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.state.keyboards import Button, Keyboard, as_markup

if TYPE_CHECKING:
    from tests.fakes.telegram.people.users import User
    from tests.fakes.telegram.state.chats import Chat, Topic
    from tests.fakes.telegram.state.files import Media
    from tests.fakes.telegram.state.texts import Text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What is shown; an edit puts another one in its place. `spoiler`: the media is covered until
    somebody touches it; `above`: the words stand above it. `preview` is what was said of the first
    link's preview, under Telegram's own names."""

    body: Text
    keyboard: Keyboard = ()
    media: Media | None = None
    spoiler: bool = False
    above: bool = False
    preview: Json = field(default_factory=dict)

    def same_as(self, other: Content) -> bool:
        """Whether Telegram would call an edit to it no modification."""
        mine, theirs = self.media and self.media.file, other.media and other.media.file
        same_media = (mine, self.spoiler, self.above) == (theirs, other.spoiler, other.above)
        return same_media and (self.body, self.keyboard) == (other.body, other.keyboard)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: the method, when (`time.monotonic`), and what stood there before."""

    method: str
    at: float
    before: Content


@dataclass(slots=True, eq=False, repr=False)
class Message:
    """`sender` is nobody in a channel. `posted` is the time of the stand-in's world in seconds
    since 1970, `at` is `time.monotonic`. `service` holds what a service message tells. A deleted
    message stays here, marked."""

    chat: Chat
    id: int
    content: Content
    posted: float
    at: float
    sender: User | None = None
    sender_chat: Chat | None = None
    topic: Topic | None = None
    thread_id: int | None = None
    reply_to: Message | None = None
    silent: bool = False
    service: Json = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    edited: float = 0.0
    deleted: bool = False

    def __repr__(self) -> str:
        return f"<Message {self.id} in {self.chat.title!r}: {self.content.body.text!r:.60}>"

    @property
    def text(self) -> str:
        """Of a message without media, after parsing."""
        return "" if self.content.media else self.content.body.text

    @property
    def caption(self) -> str:
        """Of a message with media, after parsing."""
        return self.content.body.text if self.content.media else ""

    @property
    def entities(self) -> tuple[Json, ...]:
        """Of the text or the caption."""
        return self.content.body.entities

    @property
    def keyboard(self) -> Keyboard:
        """The rows of buttons below it."""
        return self.content.keyboard

    @property
    def buttons(self) -> list[Button]:
        """All of them in a row."""
        return [button for row in self.keyboard for button in row]

    @property
    def photo(self) -> Media | None:
        """The picture, where it is one."""
        return self._media("photo")

    @property
    def video(self) -> Media | None:
        """The video, where it is one."""
        return self._media("video")

    @property
    def animation(self) -> Media | None:
        """The moving picture, where it is one."""
        return self._media("animation")

    @property
    def file_id(self) -> str | None:
        """Of its media."""
        return self.content.media.file_id if self.content.media else None

    @property
    def is_mine(self) -> bool:
        """Whether the bot sent it."""
        return self.sender is self.chat.world.bot and not self.service

    def _media(self, kind: str) -> Media | None:
        media = self.content.media
        return media if media and media.kind == kind else None

    def as_json(self, *, nested: bool = False) -> Json:
        """As updates and answers hold it; `nested` inside another message."""
        told: Json = {"message_id": self.id, "date": int(self.posted), "chat": self.chat.as_json()}
        if self.sender is not None and self.chat.kind != "channel":
            told["from"] = self.sender.as_json()
        if self.sender_chat is not None:
            told["sender_chat"] = self.sender_chat.as_json()
        if self.edited:
            told["edit_date"] = int(self.edited)
        if self.thread_id is not None:
            told["message_thread_id"] = self.thread_id
        if self.topic is not None and self.topic.id != 1:
            told["is_topic_message"] = True
        told |= self._shown() | self.service
        answered = self._answered()
        return told if nested or answered is None else told | {"reply_to_message": answered}

    def as_inaccessible(self) -> Json:
        """As a press on it names a message that the bot cannot see (any more)."""
        return {"message_id": self.id, "date": 0, "chat": self.chat.as_json()}

    def _shown(self) -> Json:
        body, media = self.content.body, self.content.media
        told: Json = {}
        if media is not None:
            told[media.kind] = media.as_json()
            if media.kind == "animation":  # for clients that know of none
                told["document"] = {
                    name: value
                    for name, value in told["animation"].items()
                    if name not in ("width", "height", "duration")
                }
        for name, value in (
            ("has_media_spoiler", self.content.spoiler),
            ("show_caption_above_media", self.content.above),
            ("link_preview_options", self.content.preview),
        ):
            if value:
                told[name] = value
        if body.text:
            told["caption" if media else "text"] = body.text
            if body.entities:
                told["caption_entities" if media else "entities"] = list(body.entities)
        if self.keyboard:
            told["reply_markup"] = as_markup(self.keyboard)
        return told

    def _answered(self) -> Json | None:
        """What it answers; in a topic that is the topic's own first message by default."""
        if self.reply_to is not None:
            return None if self.reply_to.deleted else self.reply_to.as_json(nested=True)
        if self.topic is not None and self.topic.root is not None and self.topic.root is not self:
            return self.topic.root.as_json(nested=True)
        return None
