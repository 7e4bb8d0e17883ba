"""editMessage… and deleteMessage(s)."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from tests.fakes.telegram.api.method_call import LONGEST_CAPTION, LONGEST_TEXT, Ask
from tests.fakes.telegram.api.refusals import NOT_MODIFIED, bad
from tests.fakes.telegram.api.sending import with_media
from tests.fakes.telegram.state.chats import Chat
from tests.fakes.telegram.state.keyboards import Keyboard, read_keyboard
from tests.fakes.telegram.state.messages import Content, Edit, Message
from tests.fakes.telegram.state.permissions import bot_may, check_access

Json = dict[str, Any]

DELETABLE = 48 * 3600
"""Seconds."""


async def edit_text(ask: Ask) -> Json:
    """Text and keyboard; without a keyboard in the request the old one goes."""
    message = _target(ask)
    body = ask.text(ask.parameters, "text", LONGEST_TEXT)
    if not body.text:
        raise bad("message text is empty")
    if message.content.media is not None:
        raise bad("there is no text in the message to edit")
    preview = ask.get("link_preview_options") or {}
    return _change(ask, message, Content(body, _keyboard(ask), preview=preview))


async def edit_caption(ask: Ask) -> Json:
    """Caption and keyboard."""
    message = _target(ask)
    body = ask.text(ask.parameters, "caption", LONGEST_CAPTION)
    if message.content.media is None:
        raise bad("there is no caption in the message to edit")
    above = bool(ask.get("show_caption_above_media"))
    shown = replace(message.content, body=body, keyboard=_keyboard(ask), above=above)
    return _change(ask, message, shown)


async def edit_media(ask: Ask) -> Json:
    """Media, caption and keyboard, all of them new."""
    message = _target(ask)
    told = ask.get("media")
    if told["type"] not in ("photo", "animation", "video"):
        raise bad(f"the stand-in knows no {told['type']}")
    body = ask.text(told, "caption", LONGEST_CAPTION)
    shown = with_media(ask, body, told["type"], "media", told)
    return _change(ask, message, replace(shown, keyboard=_keyboard(ask)))


async def edit_keyboard(ask: Ask) -> Json:
    """The keyboard alone."""
    message = _target(ask)
    return _change(ask, message, replace(message.content, keyboard=_keyboard(ask)))


async def delete_message(ask: Ask) -> bool:
    """For everyone, younger than 48 hours."""
    chat = ask.chat()
    check_access(chat)
    message = chat.find(ask.get("message_id"))
    if message is None:
        raise bad("message to delete not found")
    _check_deletable(chat, message)
    _delete(ask, message)
    return True


async def delete_messages(ask: Ask) -> bool:
    """Those that can be; the others stay without a word."""
    chat = ask.chat()
    check_access(chat)
    for message_id in ask.get("message_ids"):
        message = chat.find(message_id)
        if message is not None and not _undeletable(chat, message):
            _delete(ask, message)
    return True


def _target(ask: Ask) -> Message:
    """The bot's own message that is meant."""
    if ask.get("inline_message_id") or not ask.get("message_id"):
        raise bad("message identifier is not specified")
    chat = ask.chat()
    check_access(chat)
    message = chat.find(ask.get("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if not message.is_mine or (chat.kind == "channel" and not bot_may(chat, "can_send_messages")):
        raise bad("message can't be edited")
    return message


def _keyboard(ask: Ask) -> Keyboard:
    return read_keyboard(ask.get("reply_markup"))


def _change(ask: Ask, message: Message, content: Content) -> Json:
    ask.count(message.chat)
    if content.same_as(message.content):
        raise bad(NOT_MODIFIED)
    message.edits.append(Edit(ask.call.method, time.monotonic(), message.content))
    message.content = content
    message.edited = ask.world.now()
    return message.as_json()


def _check_deletable(chat: Chat, message: Message) -> None:
    reason = _undeletable(chat, message)
    if reason:
        raise bad(reason)


def _undeletable(chat: Chat, message: Message) -> str:
    """Telegram's reason, or nothing."""
    mine = message.is_mine or chat.kind == "private"
    if not mine and "can_delete_messages" not in chat.bot_member.rights:
        return "message can't be deleted"
    if chat.world.now() - message.posted > DELETABLE:
        return "message can't be deleted for everyone"
    return ""


def _delete(ask: Ask, message: Message) -> None:
    message.deleted = True
    message.content = replace(message.content, keyboard=())
    ask.world.changed()
