"""A node that stood still while it was about to send: another one sends by now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alerts import Sender
from bot.kit.files import Files
from bot.model import Address, DeliveryState, Person, Target
from tests.alerts.harness import COIN, MINT, AlertHarness
from tests.alerts.leads import LeadsUntilLost
from tests.fakes.clock import settle
from tests.kit.slow_files import SlowFiles
from tests.platforms.discord.sender_harness import SenderHarness, open_sender

LEASE = "sender:discord"


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


async def subscribed(harness: SenderHarness) -> Target:
    """The channel, as a row that hears of the coin."""
    address = Address("discord", str(harness.guild.id), str(harness.channel.id), "Moon", "#alerts")
    now = harness.clock.now()
    async with harness.store.write() as unit:
        await unit.coins.put(COIN)
        target = await unit.places.target(address, "discord", now)
        await unit.subscriptions.add(target.id, MINT, Person("p1", "Ann"), now)
    return target


def node(harness: SenderHarness, sender: Sender, leads: LeadsUntilLost, life: int) -> AlertHarness:
    """One that sends."""
    folder = harness.files.folder
    made = AlertHarness(harness.store, folder, harness.clock, sender, life=life)
    made.leadership = leads
    return made


async def test_nothing_leaves_once_the_lease_is_lost_while_its_file_is_fetched(
    harness: SenderHarness,
) -> None:
    await subscribed(harness)
    leads = LeadsUntilLost(harness.store, harness.clock)
    harness.files = SlowFiles(harness.files.folder, lambda: leads.end_term(LEASE))
    harness.restart()
    first = node(harness, harness.sender, leads, life=0)
    async with first.running():
        await first.go_live()
        assert harness.fake.calls_to("POST", "/channels/{channel_id}/messages") == []
        (row,) = await first.rows()
        assert (row.state, row.shown) == (DeliveryState.SENDING, 0)
        await leads.lose(LEASE)
    harness.files = Files(harness.files.folder)
    harness.restart()
    second = node(harness, harness.sender, LeadsUntilLost(harness.store, harness.clock), life=1)
    async with second.running():
        await settle()
        assert [row.state for row in await second.rows()] == [DeliveryState.SENT]
    (shown,) = harness.channel.messages
    assert len(shown.attachments) == 1
    assert len(harness.fake.calls_to("POST", "/channels/{channel_id}/messages")) == 1
