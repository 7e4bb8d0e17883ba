"""Posting and editing in threads that are archived, locked, or both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import Fault, SendError
from tests.fakes.discord import Channel, Refuse, Reset, ServerError, When
from tests.fakes.discord.state.permissions import BOT_BY_DEFAULT
from tests.platforms.discord.sender_harness import ALERT, SenderHarness, open_sender

ENDED = replace(ALERT, title="Ended")


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


def thread_of(harness: SenderHarness, where: str) -> Channel:
    """A thread of a text channel or an announcement channel, or a post of a forum."""
    if where == "forum":
        return harness.guild.add_forum("talk").add_thread("a coin")
    return harness.guild.add_text_channel("a", news=where == "news").add_thread("a coin")


async def shown(harness: SenderHarness, thread: Channel) -> str:
    """The id of an alert there."""
    return await harness.sender.send(harness.target(thread), ALERT, nonce="abc")


async def fault_of(deed: Coroutine[Any, Any, object]) -> Fault:
    with pytest.raises(SendError) as caught:
        await deed
    return caught.value.fault


def managing(harness: SenderHarness) -> None:
    """The bot manages threads."""
    harness.guild.set_bot_permissions(*BOT_BY_DEFAULT, "manage_threads")


def patched(harness: SenderHarness, thread: Channel) -> list[int]:
    """How Discord answered each wish to open the thread."""
    here = f"/channels/{thread.id}"
    return [one.status for one in harness.fake.calls if (one.method, one.path) == ("PATCH", here)]


@pytest.mark.parametrize("where", ["text", "news", "forum"])
async def test_an_archived_thread_is_opened_for_a_change(
    harness: SenderHarness, where: str
) -> None:
    thread = thread_of(harness, where)
    message_id = await shown(harness, thread)
    thread.set_thread(archived=True)

    await harness.sender.edit(harness.target(thread), message_id, ENDED)

    assert not thread.archived
    assert thread.messages[0].embeds[0]["title"] == "Ended"


async def test_an_archived_thread_is_opened_to_delete_there(harness: SenderHarness) -> None:
    thread = thread_of(harness, "text")
    message_id = await shown(harness, thread)
    thread.set_thread(archived=True)

    await harness.sender.delete(harness.target(thread), message_id)

    assert thread.messages == []


async def test_a_thread_that_is_only_archived_opens_by_itself(harness: SenderHarness) -> None:
    thread = thread_of(harness, "text")
    thread.set_thread(archived=True)

    await shown(harness, thread)

    assert not thread.archived
    assert patched(harness, thread) == []


async def test_a_thread_that_does_not_open_by_itself_is_opened_first(
    harness: SenderHarness,
) -> None:
    thread = thread_of(harness, "text")
    thread.set_thread(archived=True)
    harness.fake.faults.add(("POST", thread), Refuse(400, 50083), times=1)

    await shown(harness, thread)

    assert len(thread.messages) == 1
    assert patched(harness, thread) == [200]


@pytest.mark.parametrize("archived", [False, True])
async def test_who_manages_threads_writes_in_a_locked_one(
    harness: SenderHarness, archived: bool
) -> None:
    managing(harness)
    thread = thread_of(harness, "forum")
    message_id = await shown(harness, thread)
    thread.set_thread(archived=archived, locked=True)

    await harness.sender.edit(harness.target(thread), message_id, ENDED)
    assert thread.messages[0].embeds[0]["title"] == "Ended"

    thread.set_thread(archived=archived)
    await harness.sender.send(harness.target(thread), ALERT, nonce="next")
    assert len(thread.messages) == 2
    assert (thread.archived, thread.locked) == (False, True)


Deed = Callable[[SenderHarness, Channel, str], Coroutine[Any, Any, object]]


async def edit(harness: SenderHarness, thread: Channel, message_id: str) -> None:
    await harness.sender.edit(harness.target(thread), message_id, ENDED)


async def send(harness: SenderHarness, thread: Channel, _: str) -> str:
    return await harness.sender.send(harness.target(thread), ALERT, nonce="next")


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("deed", [edit, send])
async def test_a_locked_thread_is_closed_to_everybody_else(
    harness: SenderHarness, deed: Deed, archived: bool
) -> None:
    thread = thread_of(harness, "text")
    message_id = await shown(harness, thread)
    thread.set_thread(archived=archived, locked=True)

    assert await fault_of(deed(harness, thread, message_id)) is Fault.TARGET_CLOSED
    assert [one.embeds[0]["title"] for one in thread.messages] == [ALERT.title]
    assert thread.archived is archived


async def test_a_locked_thread_that_discord_calls_archived_is_closed_too(
    harness: SenderHarness,
) -> None:
    thread = thread_of(harness, "text")
    message_id = await shown(harness, thread)
    thread.set_thread(locked=True)
    harness.fake.faults.add(("PATCH", thread), Refuse(403, 50083))  # discord/discord-api-docs#7707

    assert await fault_of(edit(harness, thread, message_id)) is Fault.TARGET_CLOSED


async def test_who_may_not_write_in_threads_opens_none(harness: SenderHarness) -> None:
    thread = thread_of(harness, "text")
    message_id = await shown(harness, thread)
    thread.set_thread(archived=True)
    harness.guild.set_bot_permissions(*(set(BOT_BY_DEFAULT) - {"send_messages_in_threads"}))

    assert await fault_of(edit(harness, thread, message_id)) is Fault.FORBIDDEN
    assert thread.archived


@pytest.mark.parametrize("trouble", [ServerError(When.BEFORE), Reset(When.AFTER)])
async def test_what_waits_for_a_thread_to_open_was_surely_not_sent(
    harness: SenderHarness, trouble: ServerError | Reset
) -> None:
    thread = thread_of(harness, "text")
    harness.fake.faults.add(("POST", thread), Refuse(400, 50083), times=1)
    harness.fake.faults.add(("PATCH", f"/channels/{thread.id}"), trouble, times=1)

    assert await fault_of(send(harness, thread, "")) is Fault.NOT_SENT
