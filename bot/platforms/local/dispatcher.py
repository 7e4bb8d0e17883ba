"""Takes what the person on the page types and presses, and answers there."""

from __future__ import annotations

import asyncio
import secrets as randomness
from collections.abc import Callable, Coroutine
from typing import Any

from bot import texts
from bot.commands import Commands, Reply, Request
from bot.errors import Refused, StoreError
from bot.kit.health import Phase
from bot.model import IN_PLACE, Action, Address, Message, MessageKind, Person, Tone, Verb
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.render import PERSON, content, typed
from bot.platforms.local.sender import NAME
from bot.platforms.shared.request_runner import RequestRunner, Sentences
from bot.store import retry_until_saved, write_timeout

PAGE_ADDRESS = Address(NAME, "page", "page", "This machine", "Page")
UPLOAD_LIMIT = 50 << 20
"""Nothing is uploaded to this machine; it only keeps two minutes of video within reason."""

_IN_PANELS = frozenset({Verb.PANEL, Verb.CHOOSE})
_PACE = 1.0
STORE_SECONDS = 2.0
"""What is typed waits so long for the database; then whoever typed it is told."""

Act = Callable[[Request], Coroutine[Any, Any, None]]


class Operator:
    """Whoever reaches the page may do everything: a `bot.commands.Caller`."""

    person = Person(NAME, "you")

    async def may_manage(self) -> bool:
        return True


class PageReply:
    """One message that answers the message `answered`: shown first, changed later. `request` is
    what was asked; else that message itself did."""

    pace = _PACE

    def __init__(self, board: MessageBoard, answered: str, request: str | None = None) -> None:
        self.request_id = f"{NAME}:{request or answered}"
        self.reply_to: str | None = answered
        self._board = board
        self._shown: str | None = None
        self._lock = asyncio.Lock()

    @property
    def message_id(self) -> str | None:
        """What was shown."""
        return self._shown

    async def show(self, message: Message) -> None:
        """Raises StoreError. A reply that was deleted meanwhile stays so.

        An answer waits for the database, for a minute; progress does not: more of it comes.
        """
        if message.kind is MessageKind.TOAST:
            return
        async with self._lock:
            if message.kind is MessageKind.REPLY:
                await retry_until_saved(self._board.clock, lambda: self._put(message))
            else:
                await self._put(message)

    async def change(self, message: Message) -> None:
        """Raises StoreError."""
        if self._shown is not None:
            await self.show(message)

    async def remove(self) -> None:
        """Raises StoreError."""
        async with self._lock:
            if self._shown is not None:
                await self._board.delete(self._shown)
                self._shown = None

    async def _put(self, message: Message) -> None:
        if self._shown is None:
            self._shown = await self._board.add(
                message.kind.value, content(message), reply_to=self.reply_to
            )
        else:
            await self._board.edit(self._shown, content(message))


class PanelReply:
    """What comes of a choice: it stands where the control is, in the message `panel`. A refusal is
    for whoever chose, alone."""

    pace = _PACE

    def __init__(self, board: MessageBoard, panel: str, action: str) -> None:
        self.request_id = f"{NAME}:{panel}:{action}:{randomness.token_hex(8)}"
        self.reply_to: str | None = panel
        self.refusal = ""
        self._board = board
        self._panel = panel

    @property
    def message_id(self) -> str | None:
        """The panel."""
        return self._panel

    async def show(self, message: Message) -> None:
        """Raises StoreError. A panel that was deleted meanwhile stays so."""
        if message.tone is Tone.BAD:
            self.refusal = message.text
            return
        await retry_until_saved(
            self._board.clock, lambda: self._board.edit(self._panel, content(message))
        )

    async def change(self, message: Message) -> None:
        """The same."""
        await self.show(message)

    async def remove(self) -> None:
        """The panel stays."""


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
        """Show `text` as the person's, and run it. The id of that message; raises StoreError."""
        return await self._take(
            text, answered, lambda request: self._commands.run(request, text), "command"
        )

    async def press(self, message_id: str, label: str, action: str) -> str:
        """Show which button was pressed, and do it. The id of that message; raises StoreError.

        What changes the very message that has the button stands under no other; its id is given.
        Raises Refused where a choice was not made.
        """

        async def act(request: Request) -> None:
            await self._commands.press(request, action)

        pressed = Action.decode(action)
        if pressed is not None and pressed.verb in _IN_PANELS:
            return await self._choose(message_id, action, act)
        if pressed is None or pressed.verb not in IN_PLACE:
            return await self._take(label, message_id, act, "button")
        reply = PageReply(self._board, message_id, f"{action}:{randomness.token_hex(8)}")
        self._runner.tasks.start(self._answer(reply, message_id, act), "page-button")
        return message_id

    async def _choose(self, message_id: str, action: str, act: Act) -> str:
        """A client that hangs up now has chosen all the same."""
        reply = PanelReply(self._board, message_id, action)
        work = self._answer(reply, message_id, act)
        await asyncio.shield(self._runner.tasks.start(work, "page-choice"))
        if reply.refusal:
            raise Refused(reply.refusal)
        return message_id

    async def _take(self, text: str, answered: str | None, act: Act, name: str) -> str:
        """A client that hangs up now has asked all the same: the work is not the handler's."""
        accepted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._runner.tasks.start(self._serve(text, answered, act, accepted), f"page-{name}")
        return await accepted

    async def _serve(
        self, text: str, answered: str | None, act: Act, accepted: asyncio.Future[str]
    ) -> None:
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
        await self._answer(PageReply(self._board, message_id), answered, act)

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
