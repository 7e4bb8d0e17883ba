"""A node that stood still while it was about to send: another one sends by now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import LeaseLost
from bot.kit.files import Files
from bot.kit.leadership import HeldLease, Lease, under
from bot.kit.rate_limits import RateLimits
from bot.model import Message, MessageKind
from tests.platforms.telegram.messages.harness import SenderHarness

ALERT = Message(kind=MessageKind.ALERT, title="Demo is live")


class SlowFiles(Files):
    """Something happens while a file is fetched."""

    def __init__(self, folder: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(folder)
        self._meanwhile = meanwhile

    async def fetch(self, key: str) -> Path:
        self._meanwhile()
        return await super().fetch(key)


@pytest.mark.parametrize("kind", ["picture", "video"])
async def test_nothing_leaves_once_the_lease_is_lost_while_its_file_is_fetched(
    harness: SenderHarness, kind: str
) -> None:
    held = HeldLease(Lease("sender:telegram", "us", 1), float("inf"), harness.clock)
    message = replace(ALERT, picture=await harness.picture())
    if kind == "video":
        message = Message(kind=MessageKind.CLIP, video=harness.video())
    harness.files = SlowFiles(harness.files.folder, held.give_up)
    harness.restart(RateLimits.unlimited(harness.clock))
    with under(held), pytest.raises(LeaseLost):
        await harness.sender.send(harness.target(), message, nonce="n")
    assert [*harness.fake.made("sendPhoto"), *harness.fake.made("sendVideo")] == []
    assert harness.chat.messages == []
