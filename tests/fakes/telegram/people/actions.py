"""What people do: they write and they press buttons."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.state.chats import GENERAL, Chat, Topic, Where, place_of
from tests.fakes.telegram.state.keyboards import Button
from tests.fakes.telegram.state.messages import Content, Edit, Message
from tests.fakes.telegram.state.texts import Text, units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.telegram.people.users import User
    from tests.fakes.telegram.state.world import World

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class Pressed:
    """A button that somebody pressed, and the answer: `text`, as an `alert` or in passing."""

    id: str
    user: User
    message: Message
    data: str
    posted: float
    before: int
    edited: int
    answered: bool = False
    text: str = ""
    alert: bool = False
    url: str = ""
    answered_at: float = 0.0

    @property
    def edits(self) -> list[Edit]:
        """What happened to the message since then."""
        return self.message.edits[self.edited :]

    @property
    def posts(self) -> list[Message]:
        """What the bot wrote into the chat since then."""
        return self.message.chat.messages[self.before :]

    @property
    def changed(self) -> bool:
        """Whether anything did by now."""
        return bool(self.edits or self.posts or self.message.deleted)


def content(
    world: World,
    text: str,
    photo: bytes | None,
    links: Mapping[str, str],
    buttons: Mapping[str, str],
) -> Content:
    """What a person, or another bot, may put together; `links` and `buttons` by their words."""
    hidden = [
        {
            "type": "text_link",
            "offset": units(text[: text.index(words)]),
            "length": units(words),
            "url": url,
        }
        for words, url in links.items()
    ]
    body = Text(text, tuple(hidden)).trimmed().with_found()
    assert body.text or photo, "Telegram sends no empty messages"
    keyboard = (tuple(Button(label, {"url": url}) for label, url in buttons.items()),)
    media = world.files.add_photo(photo) if photo is not None else None
    return Content(body, keyboard if buttons else (), media)


def say(
    user: User,
    where: Where,
    content: Content,
    reply_to: Message | None,
    *,
    anonymous: bool,
    as_channel: Chat | None,
) -> Message:
    """See `User.say`."""
    chat, topic = place_of(where)
    _join(user, chat, anonymous=anonymous)
    message = chat.put(user, content, topic)
    message.reply_to = reply_to
    message.thread_id = thread_of(topic, chat, reply_to)
    world = chat.world
    if chat.kind == "channel":
        message.sender, message.sender_chat = None, chat
    elif anonymous:
        message.sender, message.sender_chat = world.anonymous, chat
    elif as_channel is not None:
        message.sender, message.sender_chat = world.channel_bot, as_channel
    world.tell_message(message)
    return message


def thread_of(topic: Topic | None, chat: Chat, reply_to: Message | None) -> int | None:
    """What stands in `message_thread_id`: the topic, or, where there is none, the first message
    of a thread of replies, which is no topic at all."""
    if topic is not None and topic.id != GENERAL:
        return topic.id
    if chat.kind != "supergroup" or reply_to is None:
        return None
    return reply_to.thread_id or reply_to.id


async def press(
    user: User,
    message: Message,
    label: str | None,
    data: str | None,
    within: float,
    *,
    inaccessible: bool,
) -> Pressed:
    """See `User.press`."""
    chat, world = message.chat, message.chat.world
    pressed = Pressed(
        str(world.next_number()),
        user,
        message,
        _data(message, label, data),
        time.monotonic(),
        len(chat.messages),
        len(message.edits),
    )
    world.callbacks[pressed.id] = pressed
    told = {
        "id": pressed.id,
        "from": user.as_json(),
        "message": message.as_inaccessible() if inaccessible else message.as_json(),
        "chat_instance": str(7_000_000_000_000 + abs(chat.id)),
        "data": pressed.data,
    }
    world.tell("callback_query", told)
    await world.until(lambda: pressed.answered, within=within)
    return pressed


def _join(user: User, chat: Chat, *, anonymous: bool) -> None:
    """What has to be so before somebody can write there."""
    member = chat.member(user)
    if chat.kind == "private":
        assert chat.user is user, "that is somebody else's private chat"
        assert chat.bot_member.is_in, "who blocked the bot has to unblock it first"
        chat.started = True
    elif chat.kind == "channel" or anonymous:
        assert member.manages, f"{user.name} is no administrator of {chat.title}"
    elif not member.is_in:
        assert member.status != "kicked", f"{user.name} was thrown out of {chat.title}"
        chat.add_member(user)


def _data(message: Message, label: str | None, data: str | None) -> str:
    """Of the one button that is meant, which must be one that tells the bot."""
    found = [
        button
        for button in message.buttons
        if label in (None, button.label) and data in (None, button.data)
    ]
    assert len(found) == 1, f"{len(found)} such buttons among {message.buttons}"
    assert found[0].data is not None, "the bot does not learn of that button"
    return found[0].data
