"""Takes what the person on the page types and presses, and answers there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bot import texts
from bot.commands import Commands, Reply, Request
from bot.errors import StoreError
from bot.kit.health import Phase
from bot.model import REPLACING, Action, Address, Person
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.render import PERSON, typed
from bot.platforms.local.replies import PageReply, PressOutcome, PressReply
from bot.platforms.local.sender import NAME
from bot.platforms.shared.request_runner import RequestRunner, Sentences
from bot.store import write_timeout

PAGE_ADDRESS = Address(NAME, "page", "page", "This machine", "Page")
UPLOAD_LIMIT = 50 << 20
"""Nothing is uploaded to this machine; it only keeps two minutes of video within reason."""

STORE_SECONDS = 2.0
"""What is typed waits so long for the database; then whoever typed it is told."""

Act = Callable[[Request], Coroutine[Any, Any, None]]


class Operator:
    """Whoever reaches the page may do everything: a `bot.commands.Caller`."""

    person = Person(NAME, "you")

    async def may_manage(self) -> bool:
        return True


class RequestDispatcher:
    """Every request runs in a task of its own, so that none waits for another."""

    def __init__(self, board: MessageBoard, commands: Commands) -> None:
        self._board = board
        self._commands = commands
        self._runner = RequestRunner(Sentences(went_wrong=texts.page.command_failed()))
        self._phase = Phase.STARTING

    @property
    def refusal(self) -> str | None:
        """Why no request is taken now; None: they are."""
        return {Phase.STARTING: texts.page.starting(), Phase.STOPPING: texts.page.stopping()}.get(
            self._phase
        )

    def open(self) -> None:
        """Take requests from now on."""
        self._phase = Phase.RUNNING

    async def close(self) -> None:
        """Take no more, and end those under way."""
        self._phase = Phase.STOPPING
        await self._runner.close()

    async def say(self, text: str, answered: str | None = None) -> str:
        """Show `text` as the person's, and run it. The id of that message; raises StoreError.

        A client that hangs up now has asked all the same: the work is not the handler's.
        """
        accepted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._runner.tasks.start(self._serve(text, answered, accepted), "page-command")
        return await accepted

    async def press(self, message_id: str, action: str) -> PressOutcome:
        """Do what a button of that message means, or a choice. A client that hangs up now has
        pressed all the same."""
        meant = Action.decode(action)
        in_place = meant is not None and meant.verb in REPLACING
        reply = PressReply(self._board, message_id, action, in_place=in_place)
        work = self._answer(reply, message_id, lambda asked: self._commands.press(asked, action))
        self._runner.tasks.start(work, "page-press").add_done_callback(lambda _: reply.end())
        return await reply.outcome()

    async def _serve(self, text: str, answered: str | None, accepted: asyncio.Future[str]) -> None:
        try:
            with write_timeout(STORE_SECONDS):
                message_id = await self._board.add(PERSON, typed(text), reply_to=answered)
            if not accepted.done():
                accepted.set_result(message_id)
        except StoreError as error:
            if not accepted.done():
                accepted.set_exception(error)
            return
        finally:
            accepted.cancel()
        reply = PageReply(self._board, message_id)
        await self._answer(reply, answered, lambda asked: self._commands.run(asked, text))

    async def _answer(self, reply: Reply, answered: str | None, act: Act) -> None:
        """Do what was asked; the answer stands below it."""
        request = Request(
            address=PAGE_ADDRESS,
            sender=NAME,
            caller=Operator(),
            reply=reply,
            message_id=answered,
            upload_limit=UPLOAD_LIMIT,
            is_operator=True,
        )
        await self._runner.serve(act(request), reply)
