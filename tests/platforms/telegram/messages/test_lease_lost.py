"""A node that stood still while it was about to send: another one sends by now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import LeaseLost
from bot.kit.leadership import HeldLease, Lease, under
from bot.kit.rate_limits import RateLimits
from bot.model import Message, MessageKind
from tests.kit.slow_files import SlowFiles
from tests.platforms.telegram.messages.harness import SenderHarness

ALERT = Message(kind=MessageKind.ALERT, title="Demo is live")


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
