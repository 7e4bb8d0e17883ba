"""A crash between taking a command and doing it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram import Update

from bot.platforms.telegram.connection.update_inbox import MOST_TRIES, Inbox
from bot.store import Store, Unit
from tests.fakes.telegram import Message
from tests.platforms.telegram.harness import Scene, until
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


async def die(scene: Scene) -> Callable[[], Awaitable[None]]:
    """The process is gone in the middle of what it does; the way to clear that away."""
    before, running = scene.platform, scene.running
    assert running is not None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    scene.restart()
    await scene.platform.login()
    scene.start()
    return before.close


def stuck(scene: Scene) -> Callable[[], None]:
    """No command comes to its end, until the way back is taken."""
    works = scene.room.commands.run

    async def run(request: object, text: str) -> None:
        await asyncio.Event().wait()

    scene.room.commands.run = run  # type: ignore[method-assign]

    def mend() -> None:
        scene.room.commands.run = works  # type: ignore[method-assign]

    return mend


async def taken(scene: Scene) -> None:
    """Telegram has been told, and has forgotten."""
    await until(lambda: scene.platform.dispatcher.waiting and not scene.telegram.updates.queue)


async def test_a_command_that_a_crash_cut_off_is_done_by_the_next_start(scene: Scene) -> None:
    mend = stuck(scene)
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await taken(scene)
    mend()
    clear = await die(scene)
    await scene.telegram.until(lambda: scene.al.chat.messages)
    assert "1 coin is followed now" in scene.al.chat.messages[0].text
    assert await scene.mints(scene.al.chat) == [(str(scene.al.chat.id), MINT)]
    await clear()


async def test_what_was_done_is_not_done_again(scene: Scene) -> None:
    await scene.say("/help")
    await scene.idle()
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    await scene.idle()
    await until(lambda: not scene.telegram.updates.queue)
    clear = await die(scene)
    await scene.say("/help", scene.telegram.add_user("a third"))
    assert len(scene.al.chat.messages) == 1
    await clear()


async def test_who_was_told_that_we_restart_is_not_answered_after_it(scene: Scene) -> None:
    mend = stuck(scene)
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await taken(scene)
    await scene.platform.close_dispatcher()
    mend()
    await scene.stop()
    scene.restart()
    await scene.platform.login()
    scene.start()
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    assert ["restarting" in one.text for one in scene.al.chat.messages] == [True]


async def test_what_ends_every_process_that_tries_it_is_left(scene: Scene) -> None:
    mend = stuck(scene)
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await taken(scene)
    clears = []
    for _ in range(MOST_TRIES):
        clears.append(await die(scene))
        await until(lambda: scene.platform.dispatcher.waiting)
    mend()
    clears.append(await die(scene))
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    await scene.idle()
    assert scene.al.chat.messages == []
    for clear in clears:
        await clear()


async def test_what_telegram_tells_again_is_done_once(scene: Scene) -> None:
    mend = stuck(scene)
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    told = list(scene.telegram.updates.queue)
    await taken(scene)
    mend()
    scene.telegram.updates.queue += told
    clear = await die(scene)
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    await scene.idle()
    answers: list[Message] = scene.al.chat.messages
    assert len(answers) == 1
    await clear()


async def test_an_inbox_of_another_bot_is_not_ours(scene: Scene) -> None:
    mend = stuck(scene)
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await taken(scene)
    mend()
    assert await Inbox(scene.room.store, "42").left(scene.platform.connection.bot) == []
    await scene.platform.close_dispatcher()


async def test_what_is_written_while_we_stop_is_taken_back(scene: Scene) -> None:
    store = Late(scene.room.store)
    inbox = Inbox(store, "42")
    await inbox.left(scene.platform.connection.bot)
    done = asyncio.Event()
    inbox.hold(Update(7), asyncio.create_task(wait(done)))
    settling = asyncio.create_task(inbox.settle())
    await store.committed.wait()
    settling.cancel()
    await asyncio.gather(settling, return_exceptions=True)
    store.is_late = False
    done.set()
    await until(lambda: not inbox.knows(Update(7)))
    await inbox.close()
    again = Inbox(scene.room.store, "42")
    assert await again.left(scene.platform.connection.bot) == []


async def keep(store: Store, *kept: tuple[int, str]) -> None:
    """What an earlier life of bot 42 has tried so often, and not done."""
    async with store.write() as unit:
        await unit.key_values.put("telegram:taken:42", json.dumps(kept))


async def test_what_was_tried_too_often_is_left_though_telegram_tells_it_again(
    scene: Scene,
) -> None:
    await keep(scene.room.store, (MOST_TRIES, Update(7).to_json()))
    inbox = Inbox(scene.room.store, "42")
    assert await inbox.left(scene.platform.connection.bot) == []
    assert inbox.knows(Update(7))


async def test_what_another_version_has_left_and_this_one_cannot_read_holds_up_nothing(
    scene: Scene,
) -> None:
    odd = json.dumps({"update_id": 6, "message": {"message_id": "x"}})
    await keep(scene.room.store, (0, odd), (0, Update(7).to_json()))
    inbox = Inbox(scene.room.store, "42")
    assert await inbox.left(scene.platform.connection.bot) == [Update(7)]


async def test_a_stop_in_the_middle_of_the_start_loses_nothing(scene: Scene) -> None:
    await keep(scene.room.store, (0, Update(7).to_json()))
    store, bot = Late(scene.room.store), scene.platform.connection.bot
    inbox = Inbox(store, "42")
    starting = asyncio.create_task(inbox.left(bot))
    await store.committed.wait()
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    store.is_late = False
    await inbox.close()
    assert await Inbox(scene.room.store, "42").left(bot) == [Update(7)]


async def test_a_connection_that_is_made_anew_does_nothing_twice(scene: Scene) -> None:
    begun = []

    async def run(request: object, text: str) -> None:
        begun.append(text)
        await asyncio.Event().wait()

    scene.room.commands.run = run  # type: ignore[method-assign]
    await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await taken(scene)
    assert scene.running is not None
    scene.running.cancel()
    await asyncio.gather(scene.running, return_exceptions=True)
    scene.start()  # as after a fault of ours
    await scene.al.say(scene.al.chat, f"/unsubscribe {MINT}")
    await until(lambda: len(begun) > 1)
    assert begun == [f"/subscribe {MINT}", f"/unsubscribe {MINT}"]
    await scene.platform.close_dispatcher()


async def test_what_telegram_told_of_a_chat_is_not_lost_in_a_stop(scene: Scene) -> None:
    works, begun = scene.room.commands.left, asyncio.Event()

    async def left(platform: str, place: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    group = scene.telegram.add_supergroup("Coins", bot="administrator")
    await scene.say(f"/subscribe {MINT}", group.owner, group)
    scene.room.commands.left = left  # type: ignore[method-assign]
    group.bot("kicked")
    await begun.wait()
    await until(lambda: not scene.telegram.updates.queue)
    await scene.stop()
    scene.room.commands.left = works  # type: ignore[method-assign]
    scene.restart()
    await scene.platform.login()
    scene.start()
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    await scene.idle()
    assert [target.disabled for target in await scene.targets(group)] == ["left"]


@pytest.mark.parametrize("text", ["hello everybody", "/start"])
async def test_what_is_not_for_us_is_not_kept(scene: Scene, text: str) -> None:
    group = scene.telegram.add_supergroup("Coins", bot="administrator")
    assert group.owner is not None
    await scene.unanswered(group, group.owner, text)


async def test_of_many_that_end_together_one_writes_it_for_all(scene: Scene) -> None:
    store = Late(scene.room.store)
    store.is_late = False
    inbox = Inbox(store, "42")
    await inbox.left(scene.platform.connection.bot)
    over = asyncio.Event()
    works = [asyncio.create_task(wait(over)) for _ in range(20)]
    for number, work in enumerate(works):
        inbox.hold(Update(number), work)
    await inbox.settle()
    before = store.writes
    over.set()
    await asyncio.wait(works)
    await until(lambda: store.writes > before)
    await inbox.close()
    assert store.writes - before == 1
    assert await Inbox(scene.room.store, "42").left(scene.platform.connection.bot) == []
