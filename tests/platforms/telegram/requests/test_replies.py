"""One answer: shown, changed, taken away, and what goes wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.alerts import Fault, SendError
from bot.kit.tasks import Tasks
from bot.model import Address, Message, MessageKind, Tone, plain
from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.requests.replies import TelegramReply
from tests.fakes.clock import FakeClock

HERE = chat_address(-100)
PROGRESS = Message(kind=MessageKind.PROGRESS, title="recording", progress=0.5)
ARRIVED = Message(kind=MessageKind.PROGRESS, title="done", tone=Tone.GOOD)
FAILED = Message(kind=MessageKind.PROGRESS, title="failed", tone=Tone.BAD)


@dataclass
class SiteState:
    """Posts; `wrong` are the errors of the next requests, one each."""

    shown: dict[str, Message] = field(default_factory=dict)
    wrong: list[SendError | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    where: list[Address] = field(default_factory=list)
    quoted: list[str | None] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        error = self.wrong.pop(0) if self.wrong else None
        if error is not None:
            raise error

    async def post(self, address: Address, message: Message, *, reply_to: str | None = None) -> str:
        self.where.append(address)
        self.quoted.append(reply_to)
        self._ask("post")
        message_id = str(len(self.where))
        self.shown[message_id] = message
        return message_id

    async def replace(self, address: Address, message_id: str, message: Message) -> None:
        self._ask("replace")
        self.shown[message_id] = message

    async def remove(self, address: Address, message_id: str) -> None:
        self._ask("remove")
        del self.shown[message_id]

    async def keep_showing(self, address: Address, action: Any, wait: float = 0.0) -> None:
        self.actions.append(str(action))
        try:
            await asyncio.Event().wait()
        finally:
            self.actions.append("ended")


@dataclass
class Stage:
    board: SiteState = field(default_factory=SiteState)
    clock: FakeClock = field(default_factory=FakeClock)
    tasks: Tasks = field(default_factory=Tasks)
    reply: TelegramReply = field(init=False)

    def __post_init__(self) -> None:
        actions: Any = self.board
        self.reply = TelegramReply(
            posts=self.board,
            actions=actions,
            tasks=self.tasks,
            clock=self.clock,
            address=HERE,
            request_id="-100:7",
            reply_to="7",
        )

    async def show(self, message: Message) -> None:
        """Let as much time pass as it takes."""
        showing = asyncio.create_task(self.reply.show(message))
        while not showing.done():
            await self.clock.advance(1.0)
        showing.result()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    opened = Stage()
    yield opened
    await opened.tasks.stop()


async def test_the_first_showing_quotes_the_command_and_the_next_change_it(stage: Stage) -> None:
    await stage.show(plain("one"))
    await stage.show(plain("two"))
    assert stage.board.quoted == ["7"]
    assert [message.text for message in stage.board.shown.values()] == ["two"]


async def test_the_progress_of_a_clip_goes_when_the_clip_has_come(stage: Stage) -> None:
    await stage.show(PROGRESS)
    await stage.show(ARRIVED)
    assert stage.board.shown == {}


async def test_a_clip_that_comes_at_once_leaves_nothing_to_take_away(stage: Stage) -> None:
    await stage.show(ARRIVED)
    assert stage.board.asked == []


async def test_a_clip_that_failed_is_told(stage: Stage) -> None:
    await stage.show(PROGRESS)
    await stage.show(FAILED)
    assert list(stage.board.shown.values()) == [FAILED]


async def test_while_a_clip_is_made_the_chat_sees_that_a_video_comes(stage: Stage) -> None:
    await stage.show(PROGRESS)
    await asyncio.sleep(0)
    assert stage.board.actions == ["upload_video"]
    await stage.show(FAILED)
    await asyncio.sleep(0)
    assert stage.board.actions == ["upload_video", "ended"]


async def test_an_answer_that_surely_did_not_arrive_is_posted_again(stage: Stage) -> None:
    stage.board.wrong = [SendError(Fault.NOT_SENT), SendError(Fault.RATE_LIMITED, retry_after=20)]
    await stage.show(plain("one"))
    assert stage.board.asked == ["post"] * 3
    assert stage.clock.monotonic() >= 20.5


@pytest.mark.parametrize("fault", [Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.FORBIDDEN])
async def test_an_answer_that_may_have_arrived_is_not_posted_again(
    stage: Stage, fault: Fault
) -> None:
    stage.board.wrong = [SendError(fault)]
    with pytest.raises(SendError):
        await stage.show(plain("one"))
    assert stage.board.asked == ["post"]


async def test_nobody_is_made_to_wait_for_an_hour(stage: Stage) -> None:
    stage.board.wrong = [SendError(Fault.RATE_LIMITED, retry_after=3600)]
    with pytest.raises(SendError):
        await stage.show(plain("one"))


async def test_a_change_may_be_repeated(stage: Stage) -> None:
    await stage.show(plain("one"))
    stage.board.wrong = [SendError(Fault.MAYBE_SENT), SendError(Fault.SERVER_ERROR)]
    await stage.show(plain("two"))
    assert [message.text for message in stage.board.shown.values()] == ["two"]


async def test_progress_that_does_not_come_through_is_not_insisted_on(stage: Stage) -> None:
    await stage.show(PROGRESS)
    stage.board.wrong = [SendError(Fault.RATE_LIMITED, retry_after=5)]
    with pytest.raises(SendError):
        await stage.show(PROGRESS)
    assert stage.board.asked == ["post", "replace"]


async def test_an_answer_that_was_deleted_is_posted_anew_once(stage: Stage) -> None:
    await stage.show(plain("one"))
    stage.board.wrong = [SendError(Fault.MESSAGE_GONE)]
    await stage.show(plain("two"))
    assert stage.board.asked == ["post", "replace", "post"]
    stage.board.wrong = [SendError(Fault.MESSAGE_GONE)]
    with pytest.raises(SendError):
        await stage.show(plain("three"))
    assert stage.board.asked[3:] == ["replace"]


async def test_progress_that_was_deleted_is_dropped(stage: Stage) -> None:
    await stage.show(PROGRESS)
    stage.board.wrong = [SendError(Fault.MESSAGE_GONE)]
    with pytest.raises(SendError):
        await stage.show(PROGRESS)
    assert stage.board.asked == ["post", "replace"]


async def test_a_group_that_moved_is_answered_in_its_new_place(stage: Stage) -> None:
    new = chat_address(-200)
    stage.board.wrong = [SendError(Fault.MOVED, address=new)]
    await stage.show(plain("one"))
    assert stage.board.where == [HERE, new]


async def test_an_edit_that_changes_nothing_is_done(stage: Stage) -> None:
    await stage.show(plain("one"))
    stage.board.wrong = [SendError(Fault.NOT_CHANGED)]
    await stage.show(plain("one"))
    assert stage.board.asked == ["post", "replace"]
