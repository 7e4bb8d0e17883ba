"""Runs requests, each in a task of its own, and sees to it that each gets an answer.

While closing no request is begun. Those under way may end for a moment; then they are cancelled,
and whoever still waits is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from bot import texts
from bot.commands import Reply
from bot.errors import LeaseLost, MintcastError, Refused, StoreError
from bot.kit.leadership import without_lease
from bot.kit.tasks import Tasks, cancel_and_wait, failure_of, log_failure
from bot.model import Message, Tone, plain

_log = logging.getLogger(__name__)

_LAST_WORDS_SECONDS = 1.0
"""Real seconds, at the end."""

Work = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Sentences:
    """What people are told where a request itself gave no answer. `restarting` is for who still
    waits when we close; None: the platform says that by other means."""

    went_wrong: str
    restarting: str | None = None


class RequestRunner:
    """Of one platform. `grace` is how many seconds a request may still take when we close.

    `tasks` are all that goes on, requests included; what runs beside a request is started there.
    """

    def __init__(self, sentences: Sentences, *, grace: float = 0.0) -> None:
        self.tasks = Tasks(_log_failure)
        self._sentences = sentences
        self._grace = grace
        self._running: dict[asyncio.Task[None], Reply] = {}
        self._is_open = True

    def __len__(self) -> int:
        """How many requests are under way."""
        return len(self._running)

    @property
    def is_open(self) -> bool:
        """Whether requests are taken."""
        return self._is_open

    async def serve(self, work: Work, reply: Reply) -> None:
        """Do what was asked, to its end. However that goes, who asked is told through `reply`."""
        if not self._is_open:
            work.close()
            await self._say_restarting(reply)
            return
        with without_lease():  # what people ask for, every node may do
            task = self.tasks.start(self._foreseen(work, reply), f"command of {reply.request_id}")
        self._running[task] = reply
        try:
            await asyncio.wait({task})
        finally:
            self._running.pop(task, None)
        if failure_of(task) is not None:
            await say(reply, self._sentences.went_wrong)

    async def close(self) -> None:
        """Take no more, and end those under way. Harmless when done twice."""
        self._is_open = False
        if self._running and self._grace:
            await asyncio.wait(self._running, timeout=self._grace)
        waiting = dict(self._running)  # who ends takes itself out of it
        await cancel_and_wait(*waiting)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await asyncio.gather(*map(self._say_restarting, waiting.values()))
        await self.tasks.stop()

    async def _foreseen(self, work: Work, reply: Reply) -> None:
        """A failure that was foreseen is worth a sentence, and a line of the log."""
        try:
            await work
        except Refused as refusal:
            await say(reply, refusal.sentence)
        except StoreError as error:
            _log.warning("a command could not use the database: %s", error)
            await say(reply, texts.service.store_failed(error))
        except MintcastError as error:
            _log.warning("a command could not be done: %s", error)
            await say(reply, self._sentences.went_wrong)

    async def _say_restarting(self, reply: Reply) -> None:
        if self._sentences.restarting is not None:
            await say(reply, self._sentences.restarting)


def _log_failure(task: asyncio.Task[Any], error: BaseException) -> None:
    """What another node is to do is no defect."""
    if isinstance(error, LeaseLost):
        _log.info("%s was not done: %s", task.get_name(), error)
    else:
        log_failure(task, error)


async def say(reply: Reply, sentence: str) -> None:
    """Answer with a sentence alone, of why it is not done."""
    await show(reply, plain(sentence, tone=Tone.BAD))


async def show(reply: Reply, message: Message) -> None:
    """Answer with it. Where that fails nobody can be told, and the log has it."""
    try:
        await reply.show(message)
    except MintcastError as error:
        _log.info("an answer could not be shown: %s", error)
