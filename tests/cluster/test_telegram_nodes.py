"""Two nodes with one bot of Telegram: one polls, and what it took is never lost."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.kit.leadership import HeldLease, Lease, under
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import SystemClock
from bot.model import Target, plain
from bot.platforms.telegram.addresses import chat_address
from tests.cluster.telegram_nodes import LEASE, TelegramNode, telegram_node
from tests.fakes import clock
from tests.fakes.proxy import FakeProxy
from tests.fakes.telegram import Chat, FakeTelegram, Refuse
from tests.platforms.telegram.harness import until
from tests.pumpfun.samples import MINT
from tests.store.raw_sql import ask, write
from tests.store.rows.cluster.terms import end_terms

MUTED = "SELECT count(*) FROM leases WHERE name = 'muted:telegram'"


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        fake.updates.pause = 0.0
        yield fake
    assert fake.rejected == []


async def give_to_other(node: TelegramNode, until_ms: int) -> None:
    """The lease is another's, whose term ends so much later."""
    sql = "UPDATE leases SET holder = 'other', epoch = epoch + 1, until = until + ? WHERE name = ?"
    await asyncio.to_thread(write, node.store.name, sql, [(until_ms, LEASE)])


async def until_sent(node: TelegramNode, target: Target) -> None:
    """It sends again once the minute is over in which nothing is sent."""

    async def is_sent() -> bool:
        await asyncio.to_thread(end_terms, node.store, "muted:telegram")
        try:
            await node.platform.sender.send(target, plain("hello"), nonce="n")
        except SendError:
            return False
        return True

    await clock.until(is_sent)


async def until_disabled(node: TelegramNode, chat: Chat, why: str | None) -> None:
    """Nothing is posted to that chat, for that reason."""
    sql = "SELECT disabled FROM targets JOIN places ON places.id = place_id WHERE places.key = ?"
    await until(lambda: ask(node.store.name, sql, (str(chat.id),)) == [(why,)])


async def is_coming_back(node: TelegramNode, chat: Chat, telegram: FakeTelegram) -> asyncio.Event:
    """The bot has left it, and is back: that is being handled until the event is set."""
    await node.polls()
    await node.commands.follow(MINT, chat_address(chat.id))
    chat.bot("left")
    await until_disabled(node, chat, "left")
    event = node.block("returned")
    chat.bot("member")
    await until(lambda: len(node.platform.dispatcher.tasks) and not telegram.updates.queue)
    return event


async def wins_anew(node: TelegramNode) -> None:
    """Its first term is over, and it has the lease a second time."""
    await asyncio.to_thread(end_terms, node.store, LEASE)
    await until(lambda: ask(node.store.name, "SELECT max(epoch) FROM lease_history") == [(2,)])
    await node.polls()


async def test_one_polls_and_a_clean_end_hands_over_without_a_conflict(
    database: Path, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    al, heard = telegram.add_user("Al"), Notifier()
    async with telegram_node(database, telegram, "b", notifier=heard) as b:
        await b.polls()
        async with telegram_node(database, telegram, "a", notifier=heard) as a:
            await a.stands_by()
            await al.say(al.chat, "/help")
            await telegram.until(lambda: al.chat.messages)
            assert a.part.detail == "another node does it"
    async with telegram_node(database, telegram, "c", notifier=heard) as c:
        await c.polls()
        await al.say(al.chat, "/help")
        await telegram.until(lambda: len(al.chat.messages) > 1)
        await until(lambda: not telegram.updates.queue)
    assert len(al.chat.messages) == 2
    assert "another program" not in caplog.text


async def test_a_node_that_is_stopped_hands_updates_over_first_and_still_sends(
    database: Path, telegram: FakeTelegram
) -> None:
    al, heard = telegram.add_user("Al"), Notifier()
    async with telegram_node(database, telegram, "b", notifier=heard) as b:
        await b.polls()
        async with telegram_node(database, telegram, "a", notifier=heard) as a:
            await a.stands_by()
            await b.chat.close_dispatcher()
            await al.say(al.chat, "/help")
            await telegram.until(lambda: al.chat.messages)
            assert "restarting" not in al.chat.messages[0].text
            target = await b.commands.target(chat_address(al.chat.id))
            await b.platform.sender.send(target, plain("hello"), nonce="n")
            await telegram.until(lambda: len(al.chat.messages) > 1)
        await b.stands_by()


async def test_whoever_lost_the_lease_takes_nothing_and_confirms_nothing(
    database: Path, telegram: FakeTelegram
) -> None:
    al = telegram.add_user("Al")
    async with telegram_node(database, telegram, "a") as a:
        await a.polls()
        await until(lambda: telegram.updates.is_polled)
        await give_to_other(a, until_ms=600_000)  # as where it stood still meanwhile
        await al.say(al.chat, "/help")
        await a.stands_by()
        assert [one["message"]["text"] for one in telegram.updates.queue] == ["/help"]
        assert not telegram.updates.is_polled
        assert ask(a.store.name, "SELECT count(*) FROM taken_updates") == [(0,)]
        assert al.chat.messages == []
        await give_to_other(a, until_ms=-1_200_000)  # which is gone by now
        await telegram.until(lambda: al.chat.messages)
        await until(lambda: not telegram.updates.queue)
    assert len(al.chat.messages) == 1


async def test_what_is_under_way_is_not_begun_again_by_the_same_node(
    database: Path, telegram: FakeTelegram
) -> None:
    al = telegram.add_user("Al")
    async with telegram_node(database, telegram, "a") as a:
        await a.polls()
        event = a.block()
        await al.say(al.chat, "/help")
        await until(lambda: a.platform.dispatcher.waiting and not telegram.updates.queue)
        await wins_anew(a)
        event.set()
        await telegram.until(lambda: al.chat.messages)
        await until(lambda: ask(a.store.name, "SELECT * FROM taken_updates") == [])
        other = telegram.add_user("somebody else")
        await other.say(other.chat, "/help")
        await telegram.until(lambda: other.chat.messages)
    assert len(al.chat.messages) == 1


async def test_news_of_a_chat_that_the_lease_was_lost_under_are_left_to_whoever_has_it_next(
    database: Path, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    group = telegram.add_supergroup("Coins")
    async with telegram_node(database, telegram, "a") as a:
        event = await is_coming_back(a, group, telegram)
        await give_to_other(a, until_ms=600_000)
        await a.stands_by()
        event.set()
        await until(lambda: not len(a.platform.dispatcher.tasks))
        assert ask(a.store.name, "SELECT count(*) FROM taken_updates") == [(1,)]
        await give_to_other(a, until_ms=-1_200_000)
        await until_disabled(a, group, None)
        await until(lambda: ask(a.store.name, "SELECT * FROM taken_updates") == [])
    assert "Traceback" not in caplog.text


async def test_news_of_a_chat_that_end_under_an_older_term_are_taken_up_again(
    database: Path, telegram: FakeTelegram
) -> None:
    al, group = telegram.add_user("Al"), telegram.add_supergroup("Coins")
    async with telegram_node(database, telegram, "a") as a:
        event = await is_coming_back(a, group, telegram)
        await wins_anew(a)
        event.set()
        await until(lambda: not len(a.platform.dispatcher.tasks))
        await al.say(al.chat, "/help")
        await until_disabled(a, group, None)
        await until(lambda: ask(a.store.name, "SELECT * FROM taken_updates") == [])


async def test_who_asked_is_told_of_a_failure_by_a_node_that_has_lost_the_lease(
    database: Path, telegram: FakeTelegram
) -> None:
    al = telegram.add_user("Al")
    async with telegram_node(database, telegram, "a") as a:
        await a.polls()
        event = asyncio.Event()

        async def run(request: object, text: str) -> None:
            await event.wait()
            raise ZeroDivisionError

        a.commands.service.run = run  # type: ignore[method-assign]
        await al.say(al.chat, "/help")
        await until(lambda: a.platform.dispatcher.waiting)
        await give_to_other(a, until_ms=600_000)
        await a.stands_by()
        event.set()
        await telegram.until(lambda: al.chat.messages)
        assert "Something went wrong" in al.chat.messages[0].text


async def test_while_another_program_polls_no_node_sends(
    database: Path, telegram: FakeTelegram
) -> None:
    al, heard = telegram.add_user("Al"), Notifier()
    await al.say(al.chat, "/start")
    sends = under(HeldLease(Lease("sender:telegram", "b", 1), math.inf, SystemClock()))
    async with telegram_node(database, telegram, "a", notifier=heard) as a:
        await a.polls()
        async with telegram_node(database, telegram, "b", notifier=heard) as b:
            await b.stands_by()
            target = await b.commands.target(chat_address(al.chat.id))
            rule = telegram.faults.add("getUpdates", Refuse(409, "Conflict: terminated by other"))
            await al.say(al.chat, "/help")  # ends the poll that waits
            await until(lambda: "nothing is posted" in a.part.detail)
            await until(lambda: ask(a.store.name, MUTED) == [(1,)])
            before = len(al.chat.messages)
            with sends:
                with pytest.raises(SendError) as refused:
                    await b.platform.sender.send(target, plain("hello"), nonce="n")
                why = refused.value
                assert (why.fault, why.everywhere) == (Fault.RATE_LIMITED, True)
                assert len(al.chat.messages) == before
                telegram.faults.remove(rule)
                await until_sent(b, target)


async def test_a_node_without_the_role_never_polls_and_sends_all_the_same(
    database: Path, telegram: FakeTelegram
) -> None:
    al = telegram.add_user("Al")
    await al.say(al.chat, "/start")
    async with telegram_node(database, telegram, "a", connects=False) as a:
        await until(lambda: a.part.is_off)
        assert a.part.detail == "not a role of this node"
        target = await a.commands.target(chat_address(al.chat.id))
        await a.platform.sender.send(target, plain("hello"), nonce="n")
        await telegram.until(lambda: al.chat.messages)
    assert telegram.made("getUpdates") == []


async def test_who_cannot_reach_telegram_leaves_its_updates_to_another(
    database: Path, telegram: FakeTelegram
) -> None:
    al, heard = telegram.add_user("Al"), Notifier()
    async with FakeProxy() as proxy, telegram_node(database, telegram, "a", proxy=proxy) as a:
        await a.polls()
        async with telegram_node(database, telegram, "b", notifier=heard) as b:
            await b.stands_by()
            await proxy.__aexit__()  # it breaks
            await b.polls()
            assert a.part.detail == (
                "Telegram couldn't be reached from here, so it's left to another node"
            )
            await al.say(al.chat, "/help")
            await telegram.until(lambda: len(al.chat.messages) == 1)
