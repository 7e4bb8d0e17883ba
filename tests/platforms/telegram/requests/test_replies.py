"""One reply: posted, edited, deleted, and what goes wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
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
FAILED = Message(kind=MessageKind.PROGRESS, title="failed", tone=Tone.BAD)


@dataclass
class FakeChat:
    """A `ReplySender`, and its `ChatActions`; `wrong` are the errors of the next requests, one
    each."""

    shown: dict[str, Message] = field(default_factory=dict)
    wrong: list[SendError | None] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    where: list[Address] = field(default_factory=list)
    quoted: list[str | None] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def _request(self, what: str) -> None:
        self.requests.append(what)
        error = self.wrong.pop(0) if self.wrong else None
        if error is not None:
            raise error

    async def post(self, address: Address, message: Message, *, reply_to: str | None = None) -> str:
        self.where.append(address)
        self.quoted.append(reply_to)
        self._request("post")
        message_id = str(len(self.where))
        self.shown[message_id] = message
        return message_id

    async def replace(self, address: Address, message_id: str, message: Message) -> None:
        self._request("replace")
        self.shown[message_id] = message

    async def remove(self, address: Address, message_id: str) -> None:
        self._request("remove")
        del self.shown[message_id]

    async def keep_showing(self, address: Address, action: Any, wait: float = 0.0) -> None:
        self.actions.append(str(action))
        try:
            await asyncio.Event().wait()
        finally:
            self.actions.append("ended")


@dataclass
class ReplyHarness:
    chat: FakeChat = field(default_factory=FakeChat)
    clock: FakeClock = field(default_factory=FakeClock)
    tasks: Tasks = field(default_factory=Tasks)
    reply: TelegramReply = field(init=False)

    def __post_init__(self) -> None:
        actions: Any = self.chat
        self.reply = TelegramReply(
            reply_sender=self.chat,
            actions=actions,
            tasks=self.tasks,
            clock=self.clock,
            address=HERE,
            request_id="-100:7",
            reply_to="7",
        )

    async def show(self, message: Message) -> None:
        """Let as much time pass as it takes."""
        await self._done(self.reply.show(message))

    async def remove(self) -> None:
        """The same."""
        await self._done(self.reply.remove())

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        doing = asyncio.create_task(work)
        while not doing.done():
            await self.clock.advance(1.0)
        doing.result()


@pytest.fixture
async def harness() -> AsyncIterator[ReplyHarness]:
    opened = ReplyHarness()
    yield opened
    await opened.tasks.stop()


async def test_the_first_message_quotes_the_command_and_the_next_edit_it(
    harness: ReplyHarness,
) -> None:
    await harness.show(plain("one"))
    await harness.show(plain("two"))
    assert harness.chat.quoted == ["7"]
    assert [message.text for message in harness.chat.shown.values()] == ["two"]


async def test_what_was_shown_is_removed(harness: ReplyHarness) -> None:
    await harness.show(PROGRESS)
    await harness.remove()
    assert harness.chat.shown == {}
    assert harness.chat.actions[-1:] == ["ended"]
    await harness.remove()
    assert harness.chat.requests == ["post", "remove"], "once"


async def test_what_was_never_shown_needs_no_removal(harness: ReplyHarness) -> None:
    await harness.remove()
    assert harness.chat.requests == []


async def test_a_removal_may_be_repeated_and_says_where_it_cannot_be(harness: ReplyHarness) -> None:
    await harness.show(PROGRESS)
    harness.chat.wrong = [SendError(Fault.MAYBE_SENT), SendError(Fault.TOO_OLD)]
    with pytest.raises(SendError):
        await harness.remove()
    assert harness.chat.requests == ["post", "remove", "remove"]
    await harness.show(FAILED)
    assert list(harness.chat.shown.values()) == [FAILED], "it is still there to be changed"


async def test_a_clip_that_failed_is_told(harness: ReplyHarness) -> None:
    await harness.show(PROGRESS)
    await harness.show(FAILED)
    assert list(harness.chat.shown.values()) == [FAILED]


async def test_while_a_clip_is_made_the_chat_sees_that_a_video_comes(harness: ReplyHarness) -> None:
    await harness.show(PROGRESS)
    await asyncio.sleep(0)
    assert harness.chat.actions == ["upload_video"]
    await harness.show(FAILED)
    await asyncio.sleep(0)
    assert harness.chat.actions == ["upload_video", "ended"]


async def test_a_reply_that_surely_did_not_arrive_is_posted_again(harness: ReplyHarness) -> None:
    harness.chat.wrong = [SendError(Fault.NOT_SENT), SendError(Fault.RATE_LIMITED, retry_after=20)]
    await harness.show(plain("one"))
    assert harness.chat.requests == ["post"] * 3
    assert harness.clock.monotonic() >= 20.5


@pytest.mark.parametrize("fault", [Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.FORBIDDEN])
async def test_a_reply_that_may_have_arrived_is_not_posted_again(
    harness: ReplyHarness, fault: Fault
) -> None:
    harness.chat.wrong = [SendError(fault)]
    with pytest.raises(SendError):
        await harness.show(plain("one"))
    assert harness.chat.requests == ["post"]


async def test_nobody_is_made_to_wait_for_an_hour(harness: ReplyHarness) -> None:
    harness.chat.wrong = [SendError(Fault.RATE_LIMITED, retry_after=3600)]
    with pytest.raises(SendError):
        await harness.show(plain("one"))


async def test_a_change_may_be_repeated(harness: ReplyHarness) -> None:
    await harness.show(plain("one"))
    harness.chat.wrong = [SendError(Fault.MAYBE_SENT), SendError(Fault.SERVER_ERROR)]
    await harness.show(plain("two"))
    assert [message.text for message in harness.chat.shown.values()] == ["two"]


async def test_progress_that_does_not_come_through_is_not_insisted_on(
    harness: ReplyHarness,
) -> None:
    await harness.show(PROGRESS)
    harness.chat.wrong = [SendError(Fault.RATE_LIMITED, retry_after=5)]
    with pytest.raises(SendError):
        await harness.show(PROGRESS)
    assert harness.chat.requests == ["post", "replace"]


async def test_a_reply_that_was_deleted_is_posted_anew_once(harness: ReplyHarness) -> None:
    await harness.show(plain("one"))
    harness.chat.wrong = [SendError(Fault.MESSAGE_GONE)]
    await harness.show(plain("two"))
    assert harness.chat.requests == ["post", "replace", "post"]
    harness.chat.wrong = [SendError(Fault.MESSAGE_GONE)]
    with pytest.raises(SendError):
        await harness.show(plain("three"))
    assert harness.chat.requests[3:] == ["replace"]


async def test_progress_that_was_deleted_is_dropped(harness: ReplyHarness) -> None:
    await harness.show(PROGRESS)
    harness.chat.wrong = [SendError(Fault.MESSAGE_GONE)]
    with pytest.raises(SendError):
        await harness.show(PROGRESS)
    assert harness.chat.requests == ["post", "replace"]


async def test_a_group_that_moved_is_answered_in_its_new_place(harness: ReplyHarness) -> None:
    new = chat_address(-200)
    harness.chat.wrong = [SendError(Fault.MOVED, address=new)]
    await harness.show(plain("one"))
    assert harness.chat.where == [HERE, new]


async def test_an_edit_that_changes_nothing_is_done(harness: ReplyHarness) -> None:
    await harness.show(plain("one"))
    harness.chat.wrong = [SendError(Fault.NOT_CHANGED)]
    await harness.show(plain("one"))
    assert harness.chat.requests == ["post", "replace"]
