"""The page while another program keeps the database locked."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import texts
from bot.commands import Request
from bot.errors import DatabaseBusy
from bot.model import plain
from bot.store import Store
from tests.fakes.clock import FakeClock
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor
from tests.store.raw_sql import lock_of_another_program

pytestmark = pytest.mark.database_threads


@pytest.fixture
async def service(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Service]:
    async with Store(tmp_path / "mintcast.db", patience=0.05) as store:
        yield Service(tmp_path, store, clock)


async def test_what_is_typed_is_refused_in_a_sentence(service: Service, visitor: Visitor) -> None:
    with lock_of_another_program(service.store.name):
        error = await visitor.post("/api/messages", {"text": "/help"}, 503)
        assert error == {"error": texts.service.store_failed(DatabaseBusy(""))}
        assert await visitor.history() == []
    await visitor.say("/help")


async def test_an_answer_waits_until_the_database_takes_it(
    service: Service, visitor: Visitor, clock: FakeClock
) -> None:
    other = contextlib.ExitStack()

    async def lock_and_answer(request: Request) -> None:
        other.enter_context(lock_of_another_program(service.store.name))
        await request.reply.show(plain("at last"))

    service.commands.acts["/lock"] = lock_and_answer
    async with visitor.events() as events:
        typed = await visitor.say("/lock")
        assert (await events.next()).data["id"] == typed
        await clock.advance(8)
        assert len(await visitor.history()) == 1
        other.close()
        await clock.advance(8)
        assert (await events.next()).data["text"] == "at last"
