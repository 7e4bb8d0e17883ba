"""Polling, the list of commands, and answers to pressed buttons."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.fakes.telegram.api.method_call import Ask
from tests.fakes.telegram.api.refusals import bad

Json = dict[str, Any]

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS = 100


async def get_updates(ask: Ask) -> list[Json]:
    """See `Updates`."""
    return await ask.world.updates.poll(
        ask.get("offset", 0),
        ask.get("limit", 100),
        ask.get("timeout", 0),
        ask.get("allowed_updates"),
    )


async def set_webhook(ask: Ask) -> bool:
    """Nothing is ever posted there."""
    ask.world.updates.set_webhook(ask.get("url", ""))
    _drop(ask)
    return True


async def delete_webhook(ask: Ask) -> bool:
    """Polling may begin."""
    ask.world.updates.set_webhook("")
    _drop(ask)
    return True


async def get_webhook_info(ask: Ask) -> Json:
    """The little that there is to tell."""
    updates = ask.world.updates
    told = {"url": updates.webhook, "has_custom_certificate": False}
    return told | {"pending_update_count": len(updates.queue)}


async def set_my_commands(ask: Ask) -> bool:
    """All of a scope and language at once."""
    commands = ask.get("commands")
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not _COMMAND.fullmatch(one["command"].removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
    ask.world.commands[_scope(ask)] = {
        one["command"].removeprefix("/"): one["description"] for one in commands
    }
    return True


async def get_my_commands(ask: Ask) -> list[Json]:
    """Of exactly that scope and language."""
    kept = ask.world.commands.get(_scope(ask), {})
    return [{"command": name, "description": said} for name, said in kept.items()]


async def delete_my_commands(ask: Ask) -> bool:
    """Of exactly that scope and language."""
    ask.world.commands.pop(_scope(ask), None)
    return True


async def answer_callback_query(ask: Ask) -> bool:
    """Once, and soon."""
    pressed = ask.world.callbacks.get(ask.get("callback_query_id"))
    now = time.monotonic()
    if pressed is None or pressed.answered or now - pressed.posted > ask.world.callback_lives:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    pressed.answered, pressed.answered_at = True, now
    pressed.text = ask.get("text", "")
    pressed.alert = bool(ask.get("show_alert"))
    pressed.url = ask.get("url", "")
    return True


def _drop(ask: Ask) -> None:
    if ask.get("drop_pending_updates"):
        ask.world.updates.queue.clear()


def _scope(ask: Ask) -> tuple[str, str]:
    scope = ask.get("scope") or {"type": "default"}
    parts = [scope["type"], *(str(scope[each]) for each in ("chat_id", "user_id") if each in scope)]
    if "chat_id" in scope and scope["chat_id"] not in ask.world.chats:
        raise bad("chat not found")
    return ":".join(parts), ask.get("language_code", "")
