"""Updates that wait for the bot, and the one poll that may wait for them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.fakes.telegram.api.refusals import CONFLICT, SET_WEBHOOK, WEBHOOK, Refused

Json = dict[str, Any]

LONGEST = 50
"""Seconds that a poll may wait, whatever it asks."""

ONLY_WHEN_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}


class Updates:
    """Kept until a later offset confirms them, over restarts of the bot too.

    `allowed` is what the last poll that said so wants; None is everything but
    `ONLY_WHEN_ASKED`. A second poller ends the poll of the first with 409, which Telegram says at
    most every `pause` seconds: more of them wait.
    """

    def __init__(self) -> None:
        self.queue: list[Json] = []
        self.allowed: set[str] | None = None
        self.webhook = ""
        self.pause = 3.0
        self.closed = False
        self._last = 800_000_000
        self._waiting: asyncio.Future[None] | None = None
        self._next_conflict = 0.0

    @property
    def is_polled(self) -> bool:
        """Whether a poll waits for the next one."""
        return self._waiting is not None

    def add(self, kind: str, told: Json) -> None:
        """One more, where the bot wants such."""
        if not self._wanted(kind):
            return
        self._last += 1
        self.queue.append({"update_id": self._last, kind: told})
        self._end_wait()

    async def poll(
        self, offset: int, limit: int, seconds: int, allowed: list[str] | None
    ) -> list[Json]:
        """The next ones, all below `offset` forgotten. Raises `Refused` (409) where another
        poller or a webhook is there."""
        if self.webhook:
            raise await self._conflict(WEBHOOK)
        if allowed is not None:
            self.allowed = set(allowed) or None
        self._confirm(offset)
        self._refuse_waiting(CONFLICT)
        if not self.queue and seconds > 0 and not self.closed:
            await self._wait(min(seconds, LONGEST))
        return self.queue[:limit]

    def set_webhook(self, url: str) -> None:
        """With one, polling is refused, and a poll that waits is ended; empty takes it away."""
        self.webhook = url
        if url:
            self._refuse_waiting(SET_WEBHOOK)

    def close(self) -> None:
        """Ends the poll that waits."""
        self.closed = True
        self._end_wait()

    async def _wait(self, seconds: int) -> None:
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            return
        except Refused as refused:
            raise await self._conflict(refused.description) from None
        finally:
            if self._waiting is waiting:
                self._waiting = None

    async def _conflict(self, said: str) -> Refused:
        wait = self._next_conflict - time.monotonic()
        if wait > 0 and not self.closed:
            await asyncio.sleep(min(wait, self.pause))
        else:
            self._next_conflict = time.monotonic() + self.pause
        return Refused(409, said)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.queue = self.queue[offset:]
        else:
            self.queue = [one for one in self.queue if one["update_id"] >= offset]

    def _wanted(self, kind: str) -> bool:
        if self.allowed is None:
            return kind not in ONLY_WHEN_ASKED
        return kind in self.allowed

    def _end_wait(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _refuse_waiting(self, said: str) -> None:
        """The poll that waits, if there is one, is told that."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Refused(409, said))
