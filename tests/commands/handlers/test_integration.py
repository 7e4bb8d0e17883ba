"""Commands beside the real watcher, clip service and dispatcher: what each leaves to the others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from bot.alerts import DeliveryService
from bot.clips import ClipRetention, ClipService, load_result
from bot.commands import Limits
from bot.demo.site.server import Fault
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.model import MessageKind, Phase
from tests.alerts.harness import FakeSite as FakePictures
from tests.commands.harness import ADA, BEN, KEEP, Room, open_room
from tests.fakes.capture_pool import FakeCapturePool, FakeSite
from tests.fakes.clock import settle
from tests.fakes.sender import FakeSender
from tests.pumpfun.samples import MINT
from tests.watch.harness import WatchHarness, open_harness


@pytest.fixture(autouse=True)
def _retries_without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


# With the watcher, on the look-alike


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[WatchHarness]:
    async with open_harness(tmp_path) as opened:
        yield opened


@pytest.fixture
async def typed(harness: WatchHarness, tmp_path: Path) -> AsyncIterator[Room]:
    """Somebody who types beside a real watcher."""
    room = Room(harness.store, Files(tmp_path / "clips"), harness.clock, harness.notifier)
    # The look-alike answers in real time, which this clock does not count.
    room.commands = room.fresh(
        Limits(answer_seconds=1e9), watch=harness.watcher, pumpfun=harness.pumpfun
    )
    yield room
    await room.commands.stop()


async def test_a_coin_that_is_live_is_owed_at_once_and_only_once(
    typed: Room, harness: WatchHarness
) -> None:
    coin = harness.coin(1, hidden=True)
    coin.go_live("hello")
    reply = await typed.say(f"/subscribe {coin.mint}")
    assert "Coin 1 ($C1): live now: the alert follows here" in reply.text
    assert await harness.alerts() == 1
    await harness.tick(3)
    assert await harness.alerts() == 1
    reply = await typed.say(f"/live {coin.mint}")
    assert "hello" in reply.text


async def test_what_pumpfun_does_not_answer_about_is_confirmed_and_announced_later(
    typed: Room, harness: WatchHarness
) -> None:
    coin = harness.coin(1)
    coin.go_live()
    for endpoint in ("coins-v3", "coins-v2", "livestream", "roster"):
        harness.site.fail(endpoint, Fault.BAD_GATEWAY_TEXT)
    reply = await typed.say(f"/subscribe {coin.mint}")
    assert "saved, but unchecked" in reply.text
    harness.site.heal()
    await harness.tick(2)
    assert await harness.alerts() == 1
    reply = await typed.say("/subscriptions")
    assert "Coin 1 ($C1): live" in reply.text
    assert "not confirmed" not in reply.text


async def test_a_coin_that_does_not_exist_is_refused(typed: Room, harness: WatchHarness) -> None:
    reply = await typed.say(f"/subscribe {MINT}")
    assert "pump.fun knows no coin with the address" in reply.text
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 0


# With the clip service and the dispatcher


@pytest.fixture
async def pool(room: Room) -> AsyncIterator[FakeCapturePool]:
    """A clip service at work whose recordings the test makes."""
    pool, health, metrics = FakeCapturePool(), Health(room.clock), Metrics()
    clip_retention = ClipRetention(
        store=room.store,
        files=room.files,
        clock=room.clock,
        site_time=room.clock.now,
        health=health,
        rules=KEEP,
    )
    jobs = ClipService(
        store=room.store,
        source=pool,
        site=FakeSite(),
        files=room.files,
        clip_retention=clip_retention,
        clock=room.clock,
        notifier=room.notifier,
        health=health,
        metrics=metrics,
        worker_id="test",
        concurrent=1,
        max_height=720,
    )
    await jobs.recover()
    life = asyncio.create_task(jobs.run(), name="clip-service")
    yield pool
    life.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await life


@pytest.fixture
async def sender(room: Room) -> AsyncIterator[FakeSender]:
    """A dispatcher at work, and the platform that it posts to."""
    sender = FakeSender(room.clock)
    dispatcher = DeliveryService(
        store=room.store,
        senders={sender.name: sender},
        files=room.files,
        pumpfun=FakePictures(room.clock),
        clock=room.clock,
        notifier=room.notifier,
        health=Health(room.clock),
        metrics=Metrics(),
        worker_id="test",
        read_clip=load_result,
    )
    life = asyncio.create_task(dispatcher.run(), name="dispatcher")
    yield sender
    life.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await life


async def test_a_clip_from_its_command_to_its_deletion(
    room: Room, pool: FakeCapturePool, sender: FakeSender
) -> None:
    await room.follow()
    await room.go_live()
    reply = await room.say("/clip 20s")
    await settle()
    (take,) = pool.takes
    take.reach(Phase.RECORDING, 5.0)
    await room.clock.advance(2)
    assert "Recording: 15 of 20 s left." in reply.text
    sender.latency = 3.0
    take.complete()
    await room.clock.advance(2)
    assert "Uploading." in reply.text
    await room.clock.advance(3)  # whoever delivers tells; nobody waits for the next look
    sender.latency = 0.0
    assert "Done: the clip follows below." in reply.text
    (clip,) = [post for post in sender.posts.values() if post.shows.kind is MessageKind.CLIP]
    assert clip.reply_to == "m1"
    assert clip.shows.video is not None
    video = room.files.path(clip.shows.video.key)
    assert video.exists()
    (delete,) = [b for row in clip.shows.buttons for b in row if b.label == "Delete"]
    await room.press(delete.action, who=BEN, manages=False)
    await room.clock.advance(2)
    assert not clip.deleted
    await room.press(delete.action, who=ADA, manages=False)
    await room.clock.advance(2)
    assert clip.deleted
    assert not video.exists()


async def test_a_cancelled_clip_is_given_up_and_nothing_is_posted(
    room: Room, pool: FakeCapturePool, sender: FakeSender
) -> None:
    await room.follow()
    await room.go_live()
    reply = await room.say("/clip 20s")
    await settle()
    await room.press(reply.button("Cancel").action, manages=False)
    await room.clock.advance(2)
    assert "Cancelled; nothing was kept." in reply.text
    assert pool.takes[0].is_over
    assert all(post.shows.kind is MessageKind.ALERT for post in sender.posts.values())


async def test_a_clip_that_waits_is_cancelled_too(
    room: Room, pool: FakeCapturePool, sender: FakeSender
) -> None:
    await room.follow()
    await room.go_live()
    await room.say("/clip 20s")
    await settle()
    await room.clock.advance(21)
    reply = await room.say("/clip 25s", who=BEN)
    await room.press(reply.button("Cancel").action, who=BEN, manages=False)
    await room.clock.advance(6)
    assert "Cancelled; nothing was kept." in reply.text
    pool.takes[0].complete()
    await room.clock.advance(10)
    assert len(pool.takes) == 1
    assert sender.posts


async def test_a_restart_forgets_nobodys_clip(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.follow()
        await room.go_live()
        await room.say("/clip 20s")
    async with open_room(tmp_path) as later:
        assert (await later.job()).order.seconds == 20.0
        assert "please try again in" in (await later.say("/clip 20s", request_id="later")).text
