"""A nonce names one message to one target, and is the same for every try of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.alerts import Fault
from bot.alerts.planning.plan import LONGEST, alert_nonce, clip_nonce, other_nonce
from bot.model import (
    Address,
    ClipJob,
    ClipOrder,
    Delivery,
    DeliveryKind,
    DeliveryState,
    JobState,
    Person,
    StreamState,
    Window,
)
from bot.store import Store
from tests.alerts.harness import OTHER, AlertHarness
from tests.databases.by_path import copied
from tests.fakes.clock import FakeClock
from tests.fakes.sender import After, FakeSender, Memory

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
HERE = Address("discord", "1", "2")
WINDOW = Window.before(NOW, 30)
JOB = ClipJob(
    5, ClipOrder("r1", 1, 1, "mint", Person("p"), 30, WINDOW, 1 << 20, NOW), JobState.DONE
)
NOTICE = Delivery(
    5,
    1,
    "k",
    DeliveryKind.NOTICE,
    None,
    None,
    "discord",
    DeliveryState.DUE,
    1,
    0,
    40,
    False,
    NOW,
    NOW,
)


def test_every_message_has_a_nonce_of_its_own() -> None:
    addresses = [
        HERE,
        replace(HERE, platform="telegram"),
        replace(HERE, place="3"),
        replace(HERE, channel="3"),
        Address("discord", "12", ""),
    ]
    nonces = [alert_nonce(address, "mint", "7") for address in addresses]
    nonces += [
        alert_nonce(HERE, "other", "7"),
        alert_nonce(HERE, "mint", "8"),
        alert_nonce(HERE, "mint", "7.1"),
        clip_nonce(HERE, JOB),
        clip_nonce(HERE, replace(JOB, order=replace(JOB.order, request_key="r2"))),
        other_nonce(HERE, NOTICE),
        other_nonce(HERE, replace(NOTICE, key="l")),
        other_nonce(HERE, replace(NOTICE, kind=DeliveryKind.DIGEST)),
        other_nonce(HERE, replace(NOTICE, created_at=NOW + timedelta(seconds=1))),
    ]
    assert len(set(nonces)) == len(nonces)
    assert all(len(nonce) <= LONGEST for nonce in nonces)


def test_a_nonce_stays_where_names_and_the_numbers_of_rows_change() -> None:
    first = alert_nonce(HERE, "mint", "7")
    assert alert_nonce(replace(HERE, place_name="Renamed"), "mint", "7") == first
    assert clip_nonce(HERE, replace(JOB, id=99)) == clip_nonce(HERE, JOB)
    tried = replace(NOTICE, id=99, attempts=3, epoch=4)
    assert other_nonce(HERE, tried) == other_nonce(HERE, NOTICE)
    digest = replace(NOTICE, kind=DeliveryKind.DIGEST, key="digest:2026-11-23")
    by_another_copy = replace(digest, id=99, created_at=NOW + timedelta(seconds=3))
    assert other_nonce(HERE, by_another_copy) == other_nonce(HERE, digest)


async def test_a_second_copy_of_the_bot_makes_the_same_nonce(
    harness: AlertHarness,
    sender: FakeSender,
    clock: FakeClock,
    empty_database: Path,
    tmp_path: Path,
) -> None:
    sender.memory = Memory.DEDUPES
    (target,) = await harness.targets(1)
    async with Store(copied(empty_database, tmp_path / "second.db")) as store:
        second = AlertHarness(store, tmp_path / "files", clock, sender)
        await second.targets(3, mint=OTHER, place="another")  # its rows have other numbers
        (twin,) = await second.targets(1)
        async with harness.running():
            await harness.go_live(site_id=70)
        first_call = sender.calls[-1]
        await clock.advance(9)  # it looks later, and with the start that the site tells by now
        async with second.running():
            await second.go_live(site_id=70, started_at=clock.now())
        assert sender.calls[-1].target_id == twin.id != target.id
        assert sender.calls[-1].nonce == first_call.nonce


async def test_a_reconnect_between_two_tries_changes_no_nonce(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.DEDUPES
    sender.fail(target.id, Fault.NOT_SENT, After.NO_ANSWER)
    async with harness.running():
        stream = await harness.go_live(site_id=70)
        await clock.advance(1)
        stream = await harness.change(stream, StreamState.GRACE, paused_at=clock.now())
        await harness.change(stream, StreamState.LIVE, site_id=69, started_at=clock.now())
        await clock.advance(10)
    assert [call.method for call in sender.calls].count("send") == 3
    assert len({call.nonce for call in sender.calls if call.nonce}) == 1
    assert len(sender.posts_to(target.id)) == 1


async def test_a_stream_that_the_site_takes_up_again_after_its_end_is_another(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.DEDUPES
    async with harness.running():
        stream = await harness.go_live(site_id=70)
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(60)
        await harness.go_live(site_id=70)
    assert len(sender.posts_to(target.id)) == 2
