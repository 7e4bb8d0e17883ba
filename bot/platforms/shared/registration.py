"""Tells a platform of the commands, and only when they have changed, or another program has put its
own in their place: platforms count that."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.alerts import SendError
from bot.errors import LeaseLost, StoreError
from bot.kit.backoff import Backoff
from bot.kit.leadership import require_lease
from bot.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """The commands as a platform is to know them. `content` is all that it is told, in what JSON
    can say; `key` is under which the database keeps the fingerprint of what was told last. `stands`
    asks whether the platform has commands of these names, and of no others: how it writes down the
    rest is its own matter. `tell` and `stands` may raise SendError."""

    key: str
    content: object
    count: int
    tell: Callable[[], Awaitable[object]]
    stands: Callable[[], Awaitable[bool]]


class CommandRegistration:
    """With one platform, by the name that people give it."""

    def __init__(self, platform: str, store: Store, backoff: Backoff) -> None:
        self._platform = platform
        self._store = store
        self._backoff = backoff
        self._has_told_again = False

    async def keep_trying(self, offer: Callable[[], Offer]) -> None:
        """Until the platform knows the commands as they are, or another node is to tell it: that
        one may have others. `offer` is asked before each try, and may raise SendError."""
        self._backoff.reset()

        async def register() -> None:
            with contextlib.suppress(LeaseLost):
                await self._register(offer())

        await self._backoff.keep_trying(register, (SendError, StoreError), self._failed)

    async def _register(self, offer: Offer) -> None:
        current = fingerprint(offer.content)
        async with self._store.read() as unit:
            was_told = await unit.key_values.get(offer.key) == current
        if was_told and (await offer.stands() or self._has_told_again):
            return
        require_lease()
        await offer.tell()
        if was_told:
            self._note_other_program()
        async with self._store.write() as unit:
            await unit.key_values.put(offer.key, current)
        _log.info("told %s of %d commands", self._platform, offer.count)

    def _note_other_program(self) -> None:
        """It may run, and tell its own again: that is no fight to go on with."""
        self._has_told_again = True
        _log.warning(
            "%s had other commands, and was told of ours again, once: another program registers its"
            " own with this token. Stop it, or give it a token of its own",
            self._platform,
        )

    def _failed(self, error: Exception) -> None:
        _log.warning(
            "the commands could not be registered with %s, and will be: %s", self._platform, error
        )


def fingerprint(content: object) -> str:
    """The same for the same content."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
