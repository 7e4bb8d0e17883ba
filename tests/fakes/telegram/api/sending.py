"""sendMessage, sendPhoto, sendAnimation, sendVideo, sendChatAction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.telegram.api.method_call import LONGEST_CAPTION, LONGEST_TEXT, Ask
from tests.fakes.telegram.api.refusals import bad
from tests.fakes.telegram.people.actions import thread_of
from tests.fakes.telegram.state import media
from tests.fakes.telegram.state.chats import Chat, Topic
from tests.fakes.telegram.state.files import Media
from tests.fakes.telegram.state.keyboards import read_keyboard
from tests.fakes.telegram.state.messages import Content, Message
from tests.fakes.telegram.state.permissions import check_access, check_may_send
from tests.fakes.telegram.state.texts import Text

Json = dict[str, Any]

ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note"),
    "upload_video_note",
}


async def send_message(ask: Ask) -> Json:
    """Text."""
    chat = _reachable(ask, "text")
    body = ask.text(ask.parameters, "text", LONGEST_TEXT)
    if not body.text:
        raise bad("message text is empty")
    return _send(ask, chat, Content(body, preview=ask.get("link_preview_options") or {}))


async def send_photo(ask: Ask) -> Json:
    """A picture, uploaded or by its file_id."""
    chat = _reachable(ask, "photo")
    body = ask.text(ask.parameters, "caption", LONGEST_CAPTION)
    return _send(ask, chat, with_media(ask, body, "photo", "photo", ask.parameters))


async def send_animation(ask: Ask) -> Json:
    """A GIF, or a video without sound; uploaded or by its file_id."""
    chat = _reachable(ask, "animation")
    body = ask.text(ask.parameters, "caption", LONGEST_CAPTION)
    return _send(ask, chat, with_media(ask, body, "animation", "animation", ask.parameters))


async def send_video(ask: Ask) -> Json:
    """A video, uploaded or by its file_id."""
    chat = _reachable(ask, "video")
    body = ask.text(ask.parameters, "caption", LONGEST_CAPTION)
    return _send(ask, chat, with_media(ask, body, "video", "video", ask.parameters))


async def send_chat_action(ask: Ask) -> bool:
    """What the bot seems to be doing, for five seconds."""
    chat = ask.chat()
    check_access(chat)
    check_may_send(chat, "text")
    ask.topic(chat, action=True)
    if ask.get("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    ask.world.actions.append((chat.id, ask.get("action")))
    return True


def with_media(ask: Ask, body: Text, kind: str, name: str, told: Json) -> Content:
    """A caption, and what stands beside it. See `take_media`."""
    return Content(
        body,
        media=take_media(ask, kind, name, told),
        spoiler=bool(told.get("has_spoiler")),
        above=bool(told.get("show_caption_above_media")),
    )


def take_media(ask: Ask, kind: str, name: str, told: Json) -> Media:
    """What is shown: `told` has it under `name`, as a file_id or as a file that came along.
    Thumbnails that Telegram would leave out are noted as a break of the description."""
    value = told.get(name)
    data = ask.upload(name, value)
    if data is None:
        if not value:
            raise bad(f"there is no {kind} in the request")
        return ask.world.files.find(value, kind)
    if kind == "photo":
        taken = ask.world.files.add_photo(data)
    else:
        taken = ask.world.files.add_video(kind, data, told, _thumbnail(ask, told))
    ask.world.uploads[kind] += 1
    return taken


def _thumbnail(ask: Ask, told: Json) -> bytes | None:
    value = told.get("thumbnail")
    data = ask.upload("thumbnail", value)
    if data is None:
        if value is not None:
            ask.reject(["a thumbnail can only be uploaded, not named by its file_id"])
        return None
    ask.reject(media.thumbnail_faults(data))
    ask.world.uploads["thumbnail"] += 1
    return data


def _reachable(ask: Ask, kind: str) -> Chat:
    chat = ask.chat()
    check_access(chat)
    check_may_send(chat, kind)
    return chat


def _send(ask: Ask, chat: Chat, content: Content) -> Json:
    keyboard = read_keyboard(ask.get("reply_markup"))
    reply_to = _replied(ask, chat)
    topic = _topic(ask, chat, reply_to)
    ask.count(chat)
    message = chat.put(ask.world.bot, replace(content, keyboard=keyboard), topic)
    message.reply_to = reply_to
    message.thread_id = thread_of(topic, chat, reply_to) or ask.get("message_thread_id")
    message.silent = bool(ask.get("disable_notification"))
    if chat.kind == "channel":
        message.sender_chat = chat
    return message.as_json()


def _topic(ask: Ask, chat: Chat, reply_to: Message | None) -> Topic | None:
    """An answer without a topic goes where the message is that it answers."""
    if ask.get("message_thread_id") is None and reply_to is not None and reply_to.topic:
        return reply_to.topic
    return ask.topic(chat)


def _replied(ask: Ask, chat: Chat) -> Message | None:
    told = ask.get("reply_parameters")
    if told is None:
        return None
    found = chat.find(told["message_id"])
    if found is None and not told.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return found
