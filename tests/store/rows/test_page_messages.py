from __future__ import annotations

import pytest

from bot.model import PageEvent, PageMessage
from bot.store import Store
from tests.store.make_rows import NOW, later
from tests.store.raw_sql import skip_numbers, write


async def test_a_message_reads_as_it_was_edited_last(store: Store) -> None:
    async with store.write() as unit:
        first, is_new = await unit.page.add("alert", None, '{"text": 1}', NOW)
        assert is_new
        reply, _ = await unit.page.add("reply", first, "{}", later(1))
        assert await unit.page.edit(first, '{"text": 2}', later(2))
        assert await unit.page.history(10) == (
            PageMessage(first, "alert", None, '{"text": 2}', NOW),
            PageMessage(reply, "reply", first, "{}", later(1)),
        )
        assert (await unit.page.history(1))[0].id == reply


async def test_every_change_is_an_event_whose_id_only_grows(store: Store) -> None:
    async with store.write() as unit:
        assert await unit.page.last_event() == 0
        one, _ = await unit.page.add("alert", None, "a", NOW)
        two, _ = await unit.page.add("reply", one, "b", NOW)
        await unit.page.edit(one, "c", later(1))
        await unit.page.edit(one, "c", later(2))
        await unit.page.delete(two, later(3))
        events = await unit.page.events_after(0, 10)
        assert events == (
            PageEvent(1, one, "new", "alert", None, "a", NOW),
            PageEvent(2, two, "new", "reply", one, "b", NOW),
            PageEvent(3, one, "edit", "alert", None, "c", later(1)),
            PageEvent(4, two, "delete", "reply", one, "", later(3)),
        )
        assert await unit.page.events_after(1, 2) == events[1:3]
        assert await unit.page.events_after(4, 10) == ()
        assert await unit.page.last_event() == 4


async def test_the_same_nonce_gives_the_same_message_and_changes_nothing(store: Store) -> None:
    async with store.write() as unit:
        one, _ = await unit.page.add("alert", None, "a", NOW, nonce="n1")
        assert await unit.page.add("alert", None, "b", later(1), nonce="n1") == (one, False)
        other, is_new = await unit.page.add("alert", None, "b", NOW, nonce="n2")
        assert is_new
        assert other != one
        assert [(await unit.page.add("x", None, "c", NOW))[1] for _ in range(2)] == [True, True]
        message = await unit.page.get(one)
        assert message is not None
        assert message.body == "a"
        assert len(await unit.page.events_after(0, 10)) == 4


@pytest.mark.parametrize(
    "message_id", ["", "7", "-1", "1.0", "x", "1 OR 1=1", "٣", "9" * 400, "9223372036854775808"]
)
async def test_an_id_of_nothing_changes_nothing(store: Store, message_id: str) -> None:
    async with store.write() as unit:
        await unit.page.add("alert", None, "a", NOW)
        assert await unit.page.get(message_id) is None
        assert not await unit.page.edit(message_id, "b", NOW)
        assert not await unit.page.delete(message_id, NOW)
        assert await unit.page.last_event() == 1


async def test_a_deleted_message_is_gone_and_its_id_never_given_again(store: Store) -> None:
    async with store.write() as unit:
        one, _ = await unit.page.add("alert", None, "a", NOW)
        assert await unit.page.delete(one, NOW)
        assert not await unit.page.delete(one, NOW)
        assert await unit.page.history(10) == ()
        two, _ = await unit.page.add("alert", None, "b", NOW)
        assert int(two) > int(one)


async def test_trimming_keeps_the_newest_and_the_count_of_events_goes_on(store: Store) -> None:
    async with store.write() as unit:
        ids = [(await unit.page.add("alert", None, str(n), NOW))[0] for n in range(6)]
        await unit.page.trim(messages=4, events=2)
        assert [message.id for message in await unit.page.history(10)] == ids[2:]
        assert [event.id for event in await unit.page.events_after(0, 10)] == [5, 6]
        await unit.page.trim(messages=4, events=2)
        assert len(await unit.page.history(10)) == 4
        await unit.page.add("alert", None, "7", NOW)
        assert await unit.page.last_event() == 7


async def test_what_was_trimmed_is_noted_not_guessed_from_what_is_missing(store: Store) -> None:
    skip_numbers(store.name, "page_events", 2)
    async with store.write() as unit:
        await unit.page.trim(messages=4, events=2)
        for n in range(3):
            await unit.page.add("alert", None, str(n), NOW)
        assert await unit.page.last_trimmed_event() == 0
    skip_numbers(store.name, "page_events", 4)
    async with store.write() as unit:
        await unit.page.add("alert", None, "after", NOW)
        await unit.page.trim(messages=4, events=1)
        assert await unit.page.last_trimmed_event() == 5
        await unit.page.trim(messages=4, events=1)
        assert await unit.page.last_trimmed_event() == 5


async def test_a_database_that_was_trimmed_before_that_was_noted(store: Store) -> None:
    async with store.write() as unit:
        for n in range(4):
            await unit.page.add("alert", None, str(n), NOW)
    write(store.name, "DELETE FROM page_events WHERE id < 3")
    async with store.write() as unit:
        assert await unit.page.last_trimmed_event() == 2
        await unit.page.trim(messages=4, events=4)
        assert await unit.page.last_trimmed_event() == 2
        await unit.page.trim(messages=4, events=0)
        assert (await unit.page.last_trimmed_event(), await unit.page.last_event()) == (4, 4)
