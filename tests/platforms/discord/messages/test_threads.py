"""Posting and editing in threads that are archived, locked, or both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import Fault, SendError
from tests.fakes.discord import Channel, Refuse, Reset, ServerError, When
from tests.fakes.discord.permissions import BOT_BY_DEFAULT
from tests.platforms.discord.messages.test_sender import ALERT
from tests.platforms.discord.sender_harness import Line, line

ENDED = replace(ALERT, title="Ended")


@pytest.fixture
async def up(database: Path) -> AsyncIterator[Line]:
    async with line(database.parent) as running:
        yield running


def thread_of(up: Line, where: str) -> Channel:
    """A thread of a text channel or an announcement channel, or a post of a forum."""
    if where == "forum":
        return up.guild.add_forum("talk").add_thread("a coin")
    return up.guild.add_text_channel("a", news=where == "news").add_thread("a coin")


async def shown(up: Line, thread: Channel) -> str:
    """The id of an alert there."""
    return await up.sender.send(up.target(thread), ALERT, nonce="abc")


async def fault_of(deed: Coroutine[Any, Any, object]) -> Fault:
    with pytest.raises(SendError) as caught:
        await deed
    return caught.value.fault


def managing(up: Line) -> None:
    """The bot manages threads."""
    up.guild.set_bot_permissions(*BOT_BY_DEFAULT, "manage_threads")


def patched(up: Line, thread: Channel) -> list[int]:
    """How Discord answered each wish to open the thread."""
    here = f"/channels/{thread.id}"
    return [one.status for one in up.fake.calls if (one.method, one.path) == ("PATCH", here)]


@pytest.mark.parametrize("where", ["text", "news", "forum"])
async def test_an_archived_thread_is_opened_for_a_change(up: Line, where: str) -> None:
    thread = thread_of(up, where)
    message_id = await shown(up, thread)
    thread.set_thread(archived=True)

    await up.sender.edit(up.target(thread), message_id, ENDED)

    assert not thread.archived
    assert thread.messages[0].embeds[0]["title"] == "Ended"


async def test_an_archived_thread_is_opened_to_delete_there(up: Line) -> None:
    thread = thread_of(up, "text")
    message_id = await shown(up, thread)
    thread.set_thread(archived=True)

    await up.sender.delete(up.target(thread), message_id)

    assert thread.messages == []


async def test_a_thread_that_is_only_archived_opens_by_itself(up: Line) -> None:
    thread = thread_of(up, "text")
    thread.set_thread(archived=True)

    await shown(up, thread)

    assert not thread.archived
    assert patched(up, thread) == []


async def test_a_thread_that_does_not_open_by_itself_is_opened_first(up: Line) -> None:
    thread = thread_of(up, "text")
    thread.set_thread(archived=True)
    up.fake.faults.add(("POST", thread), Refuse(400, 50083), times=1)

    await shown(up, thread)

    assert len(thread.messages) == 1
    assert patched(up, thread) == [200]


@pytest.mark.parametrize("archived", [False, True])
async def test_who_manages_threads_writes_in_a_locked_one(up: Line, archived: bool) -> None:
    managing(up)
    thread = thread_of(up, "forum")
    message_id = await shown(up, thread)
    thread.set_thread(archived=archived, locked=True)

    await up.sender.edit(up.target(thread), message_id, ENDED)
    assert thread.messages[0].embeds[0]["title"] == "Ended"

    thread.set_thread(archived=archived)
    await up.sender.send(up.target(thread), ALERT, nonce="next")
    assert len(thread.messages) == 2
    assert (thread.archived, thread.locked) == (False, True)


Deed = Callable[[Line, Channel, str], Coroutine[Any, Any, object]]


async def edit(up: Line, thread: Channel, message_id: str) -> None:
    await up.sender.edit(up.target(thread), message_id, ENDED)


async def send(up: Line, thread: Channel, _: str) -> str:
    return await up.sender.send(up.target(thread), ALERT, nonce="next")


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("deed", [edit, send])
async def test_a_locked_thread_is_closed_to_everybody_else(
    up: Line, deed: Deed, archived: bool
) -> None:
    thread = thread_of(up, "text")
    message_id = await shown(up, thread)
    thread.set_thread(archived=archived, locked=True)

    assert await fault_of(deed(up, thread, message_id)) is Fault.TARGET_CLOSED
    assert [one.embeds[0]["title"] for one in thread.messages] == [ALERT.title]
    assert thread.archived is archived


async def test_a_locked_thread_that_discord_calls_archived_is_closed_too(up: Line) -> None:
    thread = thread_of(up, "text")
    message_id = await shown(up, thread)
    thread.set_thread(locked=True)
    up.fake.faults.add(("PATCH", thread), Refuse(403, 50083))  # discord/discord-api-docs#7707

    assert await fault_of(edit(up, thread, message_id)) is Fault.TARGET_CLOSED


async def test_who_may_not_write_in_threads_opens_none(up: Line) -> None:
    thread = thread_of(up, "text")
    message_id = await shown(up, thread)
    thread.set_thread(archived=True)
    up.guild.set_bot_permissions(*(set(BOT_BY_DEFAULT) - {"send_messages_in_threads"}))

    assert await fault_of(edit(up, thread, message_id)) is Fault.FORBIDDEN
    assert thread.archived


@pytest.mark.parametrize("trouble", [ServerError(When.BEFORE), Reset(When.AFTER)])
async def test_what_waits_for_a_thread_to_open_was_surely_not_sent(
    up: Line, breaker: ServerError | Reset
) -> None:
    thread = thread_of(up, "text")
    up.fake.faults.add(("POST", thread), Refuse(400, 50083), times=1)
    up.fake.faults.add(("PATCH", f"/channels/{thread.id}"), breaker, times=1)

    assert await fault_of(send(up, thread, "")) is Fault.NOT_SENT
