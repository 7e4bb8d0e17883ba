"""What the stand-in can do, by the name that the description gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.fakes.telegram import editing, looking, sending, talking
from tests.fakes.telegram.asking import Ask

METHODS: dict[str, Callable[[Ask], Awaitable[Any]]] = {
    "getMe": looking.get_me,
    "getUpdates": talking.get_updates,
    "setWebhook": talking.set_webhook,
    "deleteWebhook": talking.delete_webhook,
    "getWebhookInfo": talking.get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendVideo": sending.send_video,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_text,
    "editMessageCaption": editing.edit_caption,
    "editMessageMedia": editing.edit_media,
    "editMessageReplyMarkup": editing.edit_keyboard,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": talking.answer_callback_query,
    "setMyCommands": talking.set_my_commands,
    "getMyCommands": talking.get_my_commands,
    "deleteMyCommands": talking.delete_my_commands,
    "getChat": looking.get_chat,
    "getChatMember": looking.get_chat_member,
    "getChatAdministrators": looking.get_chat_administrators,
    "getChatMemberCount": looking.get_chat_member_count,
    "leaveChat": looking.leave_chat,
    "getFile": looking.get_file,
}
