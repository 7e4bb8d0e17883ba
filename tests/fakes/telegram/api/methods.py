"""What the stand-in can do, by the name that the description gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.fakes.telegram.api import editing, lookups, polling, sending
from tests.fakes.telegram.api.method_call import Ask

METHODS: dict[str, Callable[[Ask], Awaitable[Any]]] = {
    "getMe": lookups.get_me,
    "getUpdates": polling.get_updates,
    "setWebhook": polling.set_webhook,
    "deleteWebhook": polling.delete_webhook,
    "getWebhookInfo": polling.get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendAnimation": sending.send_animation,
    "sendVideo": sending.send_video,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_text,
    "editMessageCaption": editing.edit_caption,
    "editMessageMedia": editing.edit_media,
    "editMessageReplyMarkup": editing.edit_keyboard,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": polling.answer_callback_query,
    "setMyCommands": polling.set_my_commands,
    "getMyCommands": polling.get_my_commands,
    "deleteMyCommands": polling.delete_my_commands,
    "getChat": lookups.get_chat,
    "getChatMember": lookups.get_chat_member,
    "getChatAdministrators": lookups.get_chat_administrators,
    "getChatMemberCount": lookups.get_chat_member_count,
    "leaveChat": lookups.leave_chat,
    "getFile": lookups.get_file,
}
