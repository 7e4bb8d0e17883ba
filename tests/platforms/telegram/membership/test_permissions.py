"""What the bot may post, and who is told what it lacks."""

from __future__ import annotations

import pytest

from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.membership.permissions import readiness
from tests.platforms.telegram.harness import PlatformHarness, owner
from tests.pumpfun.samples import MINT


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("can_send_messages", "Send text messages"),
        ("can_send_photos", "Grant Send media: Photos"),
        ("can_send_videos", "can't post clips"),
    ],
)
async def test_a_group_hears_what_it_does_not_allow(
    harness: PlatformHarness, taken: str, said: str
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    group.permissions.discard(taken)
    found = await readiness(harness.platform.connection, chat_address(group.id))
    assert said in " ".join((*found.missing, *found.notes))
    assert bool(found.missing) == (taken == "can_send_messages")


async def test_subscribing_says_that_alerts_will_be_text(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    group.permissions.discard("can_send_photos")
    answer = await harness.say(f"/subscribe {MINT}", owner(group), group)
    assert "Following " in answer.text
    assert "Send media: Photos" in answer.text


async def test_an_administrator_of_a_group_lacks_nothing(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins", bot="administrator")
    group.permissions.clear()
    answer = await harness.say(f"/subscribe {MINT}", owner(group), group)
    assert "Grant" not in answer.text
