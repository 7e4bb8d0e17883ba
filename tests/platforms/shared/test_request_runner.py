"""Every request gets an answer, however it goes and whenever we close."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot import texts
from bot.errors import DatabaseBusy, MintcastError, Refused
from bot.model import Tone, plain
from bot.platforms.shared.request_runner import RequestRunner, Sentences
from tests.fakes.chat import FakeReply
from tests.fakes.clock import until
from tests.patience import PATIENCE

SENTENCES = Sentences(went_wrong="it went wrong", restarting="we restart")


@dataclass
class Waiting:
    """A request that takes until it is released."""

    reply: FakeReply = field(default_factory=FakeReply)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self) -> None:
        self.begun.set()
        await self.released.wait()
        await self.reply.show(plain("done"))

    async def serve(self, runner: RequestRunner) -> asyncio.Task[None]:
        """It is under way."""
        task = asyncio.create_task(runner.serve(self.work(), self.reply))
        await self.begun.wait()
        assert len(runner) == 1
        return task


async def fail(error: BaseException) -> None:
    raise error


def shown(reply: FakeReply) -> list[str]:
    return [message.text for message in reply.shown]


async def test_a_refusal_is_told_in_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    reply = FakeReply()
    await RequestRunner(SENTENCES).serve(fail(Refused("ask somebody else")), reply)
    assert shown(reply) == ["ask somebody else"]
    assert reply.last.tone is Tone.BAD
    assert caplog.records == []


async def test_what_goes_well_is_answered_by_itself_alone() -> None:
    runner, request = RequestRunner(SENTENCES), Waiting()
    task = await request.serve(runner)
    request.released.set()
    await task
    assert shown(request.reply) == ["done"]
    assert len(runner) == 0


@pytest.mark.parametrize(
    ("error", "sentence", "level"),
    [
        (
            DatabaseBusy("mintcast.db"),
            texts.service.store_failed(DatabaseBusy("mintcast.db")),
            "WARNING",
        ),
        (MintcastError("foreseen"), SENTENCES.went_wrong, "WARNING"),
        (ValueError("a defect"), SENTENCES.went_wrong, "ERROR"),
        (asyncio.CancelledError(), SENTENCES.went_wrong, "ERROR"),  # by what it waited for
    ],
)
async def test_what_fails_is_answered_and_logged_once(
    error: BaseException, sentence: str, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    reply = FakeReply()
    await RequestRunner(SENTENCES).serve(fail(error), reply)
    assert shown(reply) == [sentence]
    assert reply.last.tone is Tone.BAD
    assert [record.levelname for record in caplog.records] == [level]


async def test_who_cannot_be_answered_ends_nothing() -> None:
    reply = FakeReply(broken=MintcastError("the chat is gone"))
    await RequestRunner(SENTENCES).serve(fail(ValueError("a defect")), reply)
    assert reply.shown == []


async def test_what_is_asked_while_closing_is_not_begun() -> None:
    runner, late = RequestRunner(SENTENCES), Waiting()
    await runner.close()
    assert not runner.is_open
    await runner.serve(late.work(), late.reply)
    assert not late.begun.is_set()
    assert shown(late.reply) == ["we restart"]


async def test_who_still_waits_when_we_close_is_told() -> None:
    runner, request = RequestRunner(SENTENCES), Waiting()
    task = await request.serve(runner)
    await runner.close()
    await runner.close()
    await task
    assert shown(request.reply) == ["we restart"]
    assert len(runner) == len(runner.tasks) == 0


async def test_what_ends_within_the_grace_is_not_cut_short() -> None:
    runner, request = RequestRunner(SENTENCES, grace=PATIENCE), Waiting()
    task = await request.serve(runner)
    closing = asyncio.create_task(runner.close())
    await until(lambda: not runner.is_open)
    request.released.set()
    await closing
    await task
    assert shown(request.reply) == ["done"]


async def test_a_platform_that_says_by_other_means_that_it_stops_says_nothing_here() -> None:
    runner, request = RequestRunner(Sentences(went_wrong="it went wrong")), Waiting()
    task = await request.serve(runner)
    await runner.close()
    await task
    assert request.reply.shown == []


async def test_nobody_who_cannot_be_told_holds_up_the_end() -> None:
    runner = RequestRunner(SENTENCES)
    request = Waiting(FakeReply(broken=MintcastError("the chat is gone")))
    task = await request.serve(runner)
    await runner.close()
    await task
    assert request.reply.shown == []
