"""A nonce names one message to one target, and is the same for every try of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.alerts.nonces import LONGEST, alert_nonce, clip_nonce, other_nonce
from bot.model import (
    Address,
    Broadcast,
    ClipJob,
    ClipOrder,
    Delivery,
    DeliveryKind,
    DeliveryState,
    JobState,
    Person,
    Stream,
    StreamState,
)

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
HERE = Address("discord", "1", "2")
STREAM = Stream(5, "mint", Broadcast(StreamState.LIVE, NOW, NOW, 7))
JOB = ClipJob(5, ClipOrder("r1", 1, 1, "mint", Person("p"), 30, 0, 1 << 20, NOW), JobState.DONE)
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
    later = replace(STREAM.broadcast, first_seen_at=NOW + timedelta(seconds=1))
    addresses = [
        HERE,
        replace(HERE, platform="telegram"),
        replace(HERE, place="3"),
        replace(HERE, channel="3"),
        Address("discord", "12", ""),
    ]
    nonces = [alert_nonce(address, STREAM) for address in addresses]
    nonces += [
        alert_nonce(HERE, replace(STREAM, mint="other")),
        alert_nonce(HERE, replace(STREAM, broadcast=later)),
        clip_nonce(HERE, JOB),
        clip_nonce(HERE, replace(JOB, order=replace(JOB.order, request_key="r2"))),
        other_nonce(HERE, NOTICE),
        other_nonce(HERE, replace(NOTICE, key="l")),
        other_nonce(HERE, replace(NOTICE, kind=DeliveryKind.DIGEST)),
        other_nonce(HERE, replace(NOTICE, created_at=NOW + timedelta(seconds=1))),
    ]
    assert len(set(nonces)) == len(nonces)
    assert all(len(nonce) <= LONGEST for nonce in nonces)


def test_a_nonce_stays_while_the_stream_changes_and_rows_are_numbered_anew() -> None:
    moved_on = replace(
        STREAM.broadcast, state=StreamState.GRACE, site_id=8, started_at=NOW, title="Other"
    )
    first = alert_nonce(HERE, STREAM)
    assert alert_nonce(HERE, Stream(99, "mint", moved_on)) == first
    assert alert_nonce(replace(HERE, place_name="Renamed"), STREAM) == first
    assert clip_nonce(HERE, replace(JOB, id=99)) == clip_nonce(HERE, JOB)
    tried = replace(NOTICE, id=99, attempts=3, epoch=4)
    assert other_nonce(HERE, tried) == other_nonce(HERE, NOTICE)
