"""A crash between taking an update and handling it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram import Update

from bot.platforms.telegram.connection.update_inbox import MOST_TRIES, UpdateInbox
from bot.store import Store, Unit
from tests.fakes.telegram import Message
from tests.platforms.telegram.harness import PlatformHarness, until
from tests.pumpfun.samples import MINT


class Late(Store):
    """What it has written is there, and whoever wrote it does not hear of that."""

    def __init__(self, store: Store) -> None:
        self._inner = store
        self.committed = asyncio.Event()
        self.is_late = True
        self.writes = 0

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        async with self._inner.read() as unit:
            yield unit

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        async with self._inner.write() as unit:
            yield unit
        self.writes += 1
        self.committed.set()
        if self.is_late:
            await asyncio.Event().wait()


async def wait(event: asyncio.Event) -> None:
    await event.wait()


async def crash(harness: PlatformHarness) -> Callable[[], Awaitable[None]]:
    """The process is gone in the middle of its work, and the next one runs; what clears the
    first one away."""
    before, running = harness.platform, harness.running
    assert running is not None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    harness.restart()
    await harness.platform.login()
    harness.start()
    return before.close


def block_commands(harness: PlatformHarness) -> Callable[[], None]:
    """No command ends; the way back."""
    works = harness.commands.service.run

    async def run(request: object, text: str) -> None:
        await asyncio.Event().wait()

    harness.commands.service.run = run  # type: ignore[method-assign]

    def unblock() -> None:
        harness.commands.service.run = works  # type: ignore[method-assign]

    return unblock


async def until_taken(harness: PlatformHarness) -> None:
    """Telegram has been told, and has forgotten."""
    await until(lambda: harness.platform.dispatcher.waiting and not harness.telegram.updates.queue)


async def test_a_command_that_a_crash_cut_off_is_done_by_the_next_start(
    harness: PlatformHarness,
) -> None:
    unblock = block_commands(harness)
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await until_taken(harness)
    unblock()
    clear = await crash(harness)
    await harness.telegram.until(lambda: harness.al.chat.messages)
    assert "Following " in harness.al.chat.messages[0].text
    assert await harness.mints(harness.al.chat) == [(str(harness.al.chat.id), MINT)]
    await clear()


async def test_what_was_done_is_not_done_again(harness: PlatformHarness) -> None:
    await harness.say("/help")
    await harness.idle()
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    await harness.idle()
    await until(lambda: not harness.telegram.updates.queue)
    clear = await crash(harness)
    await harness.say("/help", harness.telegram.add_user("a third"))
    assert len(harness.al.chat.messages) == 1
    await clear()


async def test_who_was_told_that_we_restart_is_not_answered_after_it(
    harness: PlatformHarness,
) -> None:
    unblock = block_commands(harness)
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await until_taken(harness)
    await harness.platform.close_dispatcher()
    unblock()
    await harness.stop()
    harness.restart()
    await harness.platform.login()
    harness.start()
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    assert ["restarting" in one.text for one in harness.al.chat.messages] == [True]


async def test_what_ends_every_process_that_tries_it_is_left(harness: PlatformHarness) -> None:
    unblock = block_commands(harness)
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await until_taken(harness)
    clears = []
    for _ in range(MOST_TRIES):
        clears.append(await crash(harness))
        await until(lambda: harness.platform.dispatcher.waiting)
    unblock()
    clears.append(await crash(harness))
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    await harness.idle()
    assert harness.al.chat.messages == []
    for clear in clears:
        await clear()


async def test_what_telegram_tells_again_is_done_once(harness: PlatformHarness) -> None:
    unblock = block_commands(harness)
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    told = list(harness.telegram.updates.queue)
    await until_taken(harness)
    unblock()
    harness.telegram.updates.queue += told
    clear = await crash(harness)
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    await harness.idle()
    answers: list[Message] = harness.al.chat.messages
    assert len(answers) == 1
    await clear()


async def test_an_inbox_of_another_bot_is_not_ours(harness: PlatformHarness) -> None:
    unblock = block_commands(harness)
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await until_taken(harness)
    unblock()
    assert (
        await UpdateInbox(harness.commands.store, "42").unfinished(harness.platform.connection.bot)
        == []
    )
    await harness.platform.close_dispatcher()


async def test_what_is_written_while_we_stop_is_left_to_the_next_start(
    harness: PlatformHarness,
) -> None:
    store, bot = Late(harness.commands.store), harness.platform.connection.bot
    inbox = UpdateInbox(store, "42")
    store.is_late = False
    await inbox.unfinished(bot)
    store.committed.clear()
    store.is_late = True
    inbox.take(Update(7))
    settling = asyncio.create_task(inbox.settle())
    await store.committed.wait()
    settling.cancel()
    await asyncio.gather(settling, return_exceptions=True)
    inbox.leave(Update(7))  # it was not begun
    store.is_late = False
    await inbox.close()
    assert await UpdateInbox(harness.commands.store, "42").unfinished(bot) == [Update(7)]


async def keep(store: Store, *kept: tuple[int, str]) -> None:
    """What processes of an earlier version, for bot 42, have tried so often, and not finished."""
    async with store.write() as unit:
        await unit.key_values.put("telegram:taken:42", json.dumps(kept))


async def test_what_an_earlier_version_kept_is_taken_over_once(harness: PlatformHarness) -> None:
    store, bot = harness.commands.store, harness.platform.connection.bot
    await keep(store, (0, Update(7).to_json()), (1, Update(8).to_json()))
    assert await UpdateInbox(store, "42").unfinished(bot) == [Update(7), Update(8)]
    async with store.read() as unit:
        assert await unit.key_values.get("telegram:taken:42") is None
        tries = [(one.id, one.tries) for one in await unit.taken_updates.all("42")]
    assert tries == [(7, 1), (8, 2)]


async def test_what_was_tried_too_often_is_left_though_telegram_tells_it_again(
    harness: PlatformHarness,
) -> None:
    await keep(harness.commands.store, (MOST_TRIES, Update(7).to_json()))
    inbox = UpdateInbox(harness.commands.store, "42")
    assert await inbox.unfinished(harness.platform.connection.bot) == []
    assert inbox.knows(Update(7))


async def test_what_another_version_has_left_and_this_one_cannot_read_holds_up_nothing(
    harness: PlatformHarness,
) -> None:
    odd = json.dumps({"update_id": 6, "message": {"message_id": "x"}})
    await keep(harness.commands.store, (0, odd), (0, Update(7).to_json()))
    inbox = UpdateInbox(harness.commands.store, "42")
    assert await inbox.unfinished(harness.platform.connection.bot) == [Update(7)]


async def test_a_stop_in_the_middle_of_the_start_loses_nothing(harness: PlatformHarness) -> None:
    await keep(harness.commands.store, (0, Update(7).to_json()))
    store, bot = Late(harness.commands.store), harness.platform.connection.bot
    inbox = UpdateInbox(store, "42")
    starting = asyncio.create_task(inbox.unfinished(bot))
    await store.committed.wait()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    store.is_late = False
    await inbox.close()
    assert await UpdateInbox(harness.commands.store, "42").unfinished(bot) == [Update(7)]


async def test_a_connection_that_is_made_anew_does_nothing_twice(harness: PlatformHarness) -> None:
    begun = []

    async def run(request: object, text: str) -> None:
        begun.append(text)
        await asyncio.Event().wait()

    harness.commands.service.run = run  # type: ignore[method-assign]
    await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await until_taken(harness)
    assert harness.running is not None
    harness.running.cancel()
    await asyncio.gather(harness.running, return_exceptions=True)
    harness.start()  # as after a fault of ours
    await harness.al.say(harness.al.chat, f"/unsubscribe {MINT}")
    await until(lambda: len(begun) > 1)
    assert begun == [f"/subscribe {MINT}", f"/unsubscribe {MINT}"]
    await harness.platform.close_dispatcher()


async def test_what_telegram_told_of_a_chat_is_not_lost_in_a_stop(harness: PlatformHarness) -> None:
    works, begun = harness.commands.service.left, asyncio.Event()

    async def left(platform: str, place: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    group = harness.telegram.add_supergroup("Coins", bot="administrator")
    await harness.say(f"/subscribe {MINT}", group.owner, group)
    harness.commands.service.left = left  # type: ignore[method-assign]
    group.bot("kicked")
    await begun.wait()
    await until(lambda: not harness.telegram.updates.queue)
    await harness.stop()
    harness.commands.service.left = works  # type: ignore[method-assign]
    harness.restart()
    await harness.platform.login()
    harness.start()
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    await harness.idle()
    assert [target.disabled for target in await harness.targets(group)] == ["left"]


@pytest.mark.parametrize("text", ["hello everybody", "/start"])
async def test_what_is_not_for_us_is_not_kept(harness: PlatformHarness, text: str) -> None:
    group = harness.telegram.add_supergroup("Coins", bot="administrator")
    assert group.owner is not None
    await harness.unanswered(group, group.owner, text)


async def test_of_many_that_end_together_one_writes_it_for_all(harness: PlatformHarness) -> None:
    store = Late(harness.commands.store)
    store.is_late = False
    inbox = UpdateInbox(store, "42")
    await inbox.unfinished(harness.platform.connection.bot)
    over = asyncio.Event()
    works = [asyncio.create_task(wait(over)) for _ in range(20)]
    for number in range(len(works)):
        inbox.take(Update(number))
    await inbox.settle()
    for number, work in enumerate(works):
        inbox.hold(Update(number), work)
    before = store.writes
    over.set()
    await asyncio.wait(works)
    await until(lambda: store.writes > before)
    await inbox.close()
    assert store.writes - before == 1
    assert (
        await UpdateInbox(harness.commands.store, "42").unfinished(harness.platform.connection.bot)
        == []
    )
