"""The page's event stream: in order, without a gap, and nothing left of a reader that is gone."""

from __future__ import annotations

import asyncio

import pytest

from bot.kit.notifier import PAGE
from bot.model import Message, MessageKind, plain
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.render import content
from tests.fakes.clock import FakeClock, settle, until
from tests.patience import PATIENCE
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor
from tests.store.raw_sql import skip_numbers


async def show(service: Service, text: str) -> str:
    target = await service.target()
    return await service.local.sender.send(target, plain(text), nonce=text)


async def test_a_reader_without_a_past_is_told_what_happens_from_now_on(
    service: Service, visitor: Visitor
) -> None:
    await show(service, "before")
    async with visitor.events() as events:
        await show(service, "after")
        assert (await events.next()).data["text"] == "after"


async def test_a_reader_that_comes_back_misses_nothing(service: Service, visitor: Visitor) -> None:
    first = await show(service, "first")
    async with visitor.events() as events:
        second = await show(service, "second")
        seen = await events.next()
    target = await service.target()
    await service.local.sender.edit(target, first, plain("first, changed"))
    await service.local.sender.delete(target, second)
    await show(service, "third")
    async with visitor.events(last=seen.id) as events:
        missed = [await events.next() for _ in range(3)]
    assert [event.id for event in missed] == [seen.id + 1, seen.id + 2, seen.id + 3]
    changed, gone, new = (event.data for event in missed)
    assert (changed["kind"], changed["id"], changed["text"]) == ("edit", first, "first, changed")
    assert (gone["kind"], gone["id"], gone["deleted"]) == ("edit", second, True)
    assert (gone["text"], gone["lines"], gone["image"]) == ("", [], None)
    assert (new["kind"], new["text"]) == ("reply", "third")


async def test_a_reader_that_breaks_off_again_and_again_sees_every_edit_once(
    service: Service, visitor: Visitor
) -> None:
    """Edits go on all the while, in batches larger than one read."""
    target = await service.target()
    bar = Message(kind=MessageKind.PROGRESS, title="Recording", progress=0.0)
    message = await service.local.sender.send(target, bar, nonce="bar")
    total = 250

    async def edit_on() -> None:
        for number in range(total):
            await service.local.sender.edit(target, message, plain(f"step {number}"))

    editing = asyncio.create_task(edit_on())
    seen: list[str] = []
    last = 1
    while len(seen) < total:
        async with visitor.events(last=last) as events:
            for _ in range(min(17, total - len(seen))):
                event = await events.next()
                last = event.id
                seen.append(event.data["text"])
    await editing
    assert seen == [f"step {number}" for number in range(total)]


async def test_the_history_says_from_where_to_follow(service: Service, visitor: Visitor) -> None:
    await show(service, "first")
    async with visitor.http.get("/api/messages") as response:
        last = int(response.headers["Last-Event-ID"])
        assert [message["text"] for message in await response.json()] == ["first"]
    await show(service, "second")
    async with visitor.events(query=f"?after={last}") as events:
        assert (await events.next()).data["text"] == "second"


async def test_the_header_of_a_reader_that_comes_back_goes_before_its_address(
    service: Service, visitor: Visitor
) -> None:
    await show(service, "first")
    await show(service, "second")
    async with visitor.events(last=1, query="?after=0") as events:
        assert (await events.next()).data["text"] == "second"


@pytest.mark.parametrize("last", ["-1", "x", "1e3", "9" * 40, "²", "1; drop"])
async def test_what_is_no_event_is_as_good_as_none(
    service: Service, visitor: Visitor, last: str
) -> None:
    await show(service, "before")
    async with visitor.events(query=f"?after={last}") as events:
        await show(service, "after")
        assert (await events.next()).data["text"] == "after"


async def test_a_reader_of_another_database_is_told_to_read_anew(
    service: Service, visitor: Visitor
) -> None:
    await show(service, "before")
    async with visitor.events(last=5000) as events:
        reset = await events.next()
        assert (reset.name, reset.id, reset.data) == ("reset", 1, {})
        await show(service, "after")
        assert (await events.next()).data["text"] == "after"


async def test_a_reader_that_was_away_for_too_long_is_told_to_read_anew(
    service: Service, visitor: Visitor
) -> None:
    for number in range(6):
        await show(service, str(number))
    async with service.store.write() as unit:
        await unit.page.trim(100, 3)
    async with visitor.events(last=2) as events:
        assert (await events.next()).name == "reset"
    async with visitor.events(last=3) as events:
        assert (await events.next()).data["text"] == "3"


async def test_a_number_that_no_event_ever_had_is_no_gap(
    service: Service, visitor: Visitor
) -> None:
    """As a transaction leaves one that was undone, where numbers are counted outside of it."""
    await show(service, "before")
    skip_numbers(service.store.name, "page_events", 5)
    await show(service, "after")
    async with visitor.events(last=1) as events:
        event = await events.next()
    assert (event.id, event.data["text"]) == (7, "after")


async def test_a_number_that_no_event_ever_had_is_no_gap_where_what_was_before_it_is_trimmed(
    service: Service, visitor: Visitor
) -> None:
    await show(service, "first")
    await show(service, "second")
    skip_numbers(service.store.name, "page_events", 5)
    await show(service, "third")
    async with service.store.write() as unit:
        await unit.page.trim(100, 1)
    async with visitor.events(last=2) as events:
        event = await events.next()
        assert (event.id, event.data["text"]) == (8, "third")
    async with visitor.events(last=1) as events:
        assert (await events.next()).name == "reset"


async def test_the_first_number_of_all_may_be_missing(service: Service, visitor: Visitor) -> None:
    """Who opened the page before anything was there has missed nothing."""
    skip_numbers(service.store.name, "page_events", 5)
    await show(service, "first")
    async with visitor.events(last=0) as events:
        event = await events.next()
        assert (event.id, event.data["text"]) == (6, "first")


async def test_whoever_has_seen_all_has_missed_nothing_when_all_is_trimmed(
    service: Service, visitor: Visitor
) -> None:
    await show(service, "first")
    await show(service, "second")
    async with service.store.write() as unit:
        await unit.page.trim(100, 0)
    async with visitor.http.get("/api/messages") as response:
        assert response.headers["Last-Event-ID"] == "2"
    async with visitor.events(last=1) as events:
        reset = await events.next()
        assert (reset.name, reset.id) == ("reset", 2)
    async with visitor.events(last=2) as events:
        await show(service, "third")
        assert (await events.next()).data["text"] == "third"


async def test_the_page_is_trimmed_while_it_is_written(service: Service, visitor: Visitor) -> None:
    board = MessageBoard(
        service.store, service.clock, service.notifier, messages=3, events=5, trim_every=10
    )
    for number in range(20):
        await board.add("reply", content(plain(str(number))))
    assert [message["text"] for message in await visitor.history()] == ["17", "18", "19"]
    async with service.store.read() as unit:
        assert [event.id for event in await unit.page.events_after(0, 100)] == [16, 17, 18, 19, 20]


async def test_a_silent_stream_is_kept_alive(
    service: Service, visitor: Visitor, clock: FakeClock
) -> None:
    async with visitor.events() as events:
        await until(lambda: clock.sleeping == 1)
        await clock.advance(14.0)
        assert events.comments == 0
        await clock.advance(1.0)
        await events.comment()
        await show(service, "still alive")
        assert (await events.next()).data["text"] == "still alive"
        await until(lambda: clock.sleeping == 1)
        await clock.advance(15.0)
        await events.comment()


async def test_a_stream_that_is_woken_for_nothing_is_kept_alive_all_the_same(
    service: Service, visitor: Visitor, clock: FakeClock
) -> None:
    async with visitor.events() as events:
        for _ in range(2):
            await until(lambda: clock.sleeping == 1)
            await clock.advance(7.0)
            service.notifier.notify(PAGE)
            await settle()
        await until(lambda: clock.sleeping == 1)
        assert events.comments == 0
        await clock.advance(1.0)
        await events.comment()


async def test_a_reader_that_vanishes_leaves_nothing(
    service: Service, visitor: Visitor, clock: FakeClock
) -> None:
    async with visitor.events() as one, visitor.events() as other:
        await until(lambda: clock.sleeping == 2)
        assert one.response.connection is not None
        assert one.response.connection.transport is not None
        one.response.connection.transport.abort()
        await until(lambda: clock.sleeping == 1)
        await show(service, "to the other")
        assert (await other.next()).data["text"] == "to the other"
    await until(lambda: clock.sleeping == 0)
    await settle()
    assert PAGE not in service.notifier._waiters


async def test_open_streams_end_with_the_service(service: Service) -> None:
    async with asyncio.timeout(PATIENCE), Visitor("http://unused") as visitor:
        async with service.serving() as origin:
            response = await visitor.http.get(f"{origin}/api/events")
        assert (await response.content.read()).endswith(b"\n\n")


async def test_many_readers_are_told_the_same(service: Service, visitor: Visitor) -> None:
    async def read() -> list[str]:
        async with visitor.events() as events:
            ready.release()
            return [(await events.next()).data["text"] for _ in range(3)]

    ready = asyncio.Semaphore(0)
    readers = [asyncio.create_task(read()) for _ in range(20)]
    for _ in readers:
        await ready.acquire()
    for text in "abc":
        await show(service, text)
    assert await asyncio.gather(*readers) == [["a", "b", "c"]] * 20
