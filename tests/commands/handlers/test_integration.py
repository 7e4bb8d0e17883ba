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
from bot.kit.leadership import SoleNode
from bot.kit.metrics import Metrics
from bot.model import MessageKind, Phase
from tests.alerts.harness import FakeSite as FakePictures
from tests.commands.harness import ADA, BEN, KEEP, CommandHarness, open_commands
from tests.fakes.buttons import buttons
from tests.fakes.clip_sources import FakeSite, FakeSource, only_from
from tests.fakes.clock import settle
from tests.fakes.rings import padded_clip_keeper
from tests.fakes.sender import FakeSender
from tests.pumpfun.samples import MINT
from tests.watch.harness import WatchHarness, open_harness


@pytest.fixture(autouse=True)
def _retries_without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


# With the watcher, on the look-alike


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[WatchHarness]:
    async with open_harness(tmp_path) as opened:
        yield opened


@pytest.fixture
async def typed(watch: WatchHarness, tmp_path: Path) -> AsyncIterator[CommandHarness]:
    """Somebody who types beside a real watcher."""
    harness = CommandHarness(watch.store, Files(tmp_path / "clips"), watch.clock, watch.notifier)
    # The look-alike answers in real time, which this clock does not count.
    harness.service = harness.fresh(
        Limits(answer_seconds=1e9), watch=watch.watcher, pumpfun=watch.pumpfun
    )
    yield harness
    await harness.service.stop()


async def test_a_coin_that_is_live_is_owed_at_once_and_only_once(
    typed: CommandHarness, watch: WatchHarness
) -> None:
    coin = watch.coin(1, hidden=True)
    coin.go_live("hello")
    reply = await typed.say(f"/subscribe {coin.mint}")
    assert "Live; the alert comes now." in reply.text
    assert await watch.alerts() == 1
    await watch.tick(3)
    assert await watch.alerts() == 1
    reply = await typed.say(f"/live {coin.mint}")
    assert "hello" in reply.text


async def test_what_pumpfun_does_not_answer_about_is_confirmed_and_announced_later(
    typed: CommandHarness, watch: WatchHarness
) -> None:
    coin = watch.coin(1)
    coin.go_live()
    for endpoint in ("coins-v3", "coins-v2", "livestream", "roster"):
        watch.site.fail(endpoint, Fault.BAD_GATEWAY_TEXT)
    reply = await typed.say(f"/subscribe {coin.mint}")
    assert "Saved; pump.fun isn't responding" in reply.text
    watch.site.heal()
    await watch.tick(2)
    assert await watch.alerts() == 1
    reply = await typed.say("/subscriptions")
    assert "Coin 1 ($C1): live" in reply.text
    assert "not confirmed" not in reply.text


async def test_a_coin_that_does_not_exist_is_refused(
    typed: CommandHarness, watch: WatchHarness
) -> None:
    reply = await typed.say(f"/subscribe {MINT}")
    assert "pump.fun knows no coin with the address" in reply.text
    async with watch.store.read() as unit:
        assert await unit.subscriptions.count() == 0


# With the clip service and the dispatcher


@pytest.fixture
async def room(harness: CommandHarness) -> AsyncIterator[FakeSource]:
    """A clip service at work whose recordings the test makes."""
    room, health, metrics = FakeSource(), Health(harness.clock), Metrics()
    clip_retention = ClipRetention(
        store=harness.store,
        files=harness.files,
        clock=harness.clock,
        notifier=harness.notifier,
        site_time=harness.clock.now,
        health=health,
        rules=KEEP,
    )
    jobs = ClipService(
        store=harness.store,
        sources=only_from(room),
        site=FakeSite(),
        files=harness.files,
        clip_retention=clip_retention,
        padded_clips=padded_clip_keeper(
            harness.store, harness.files, clip_retention, harness.clock
        ),
        clock=harness.clock,
        notifier=harness.notifier,
        health=health,
        metrics=metrics,
        worker_id="test",
        concurrent=1,
        max_height=720,
        is_steady=lambda: True,
    )
    await jobs.recover()
    life = asyncio.create_task(jobs.run(), name="clip-service")
    yield room
    life.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await life


@pytest.fixture
async def sender(harness: CommandHarness) -> AsyncIterator[FakeSender]:
    """A dispatcher at work, and the platform that it posts to."""
    sender = FakeSender(harness.clock)
    dispatcher = DeliveryService(
        store=harness.store,
        senders={sender.name: sender},
        files=harness.files,
        pumpfun=FakePictures(harness.clock),
        clock=harness.clock,
        notifier=harness.notifier,
        health=Health(harness.clock),
        metrics=Metrics(),
        leadership=SoleNode(),
        worker_id="test",
        read_clip=load_result,
    )
    life = asyncio.create_task(dispatcher.run(), name="dispatcher")
    yield sender
    life.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await life


async def test_a_clip_from_its_command_to_its_deletion(
    harness: CommandHarness, room: FakeSource, sender: FakeSender
) -> None:
    await harness.follow()
    await harness.go_live()
    reply = await harness.say("/clip 20s")
    await settle()
    (take,) = room.takes
    take.reach(Phase.RECORDING, 5.0)
    await harness.clock.advance(2)
    assert "Recording 5 of 20 s" in reply.text
    sender.latency = 3.0
    take.complete()
    await harness.clock.advance(2)
    assert "Uploading" in reply.text
    await harness.clock.advance(3)  # whoever delivers tells; nobody waits for the next look
    sender.latency = 0.0
    assert reply.is_removed
    (clip,) = [post for post in sender.posts.values() if post.shows.kind is MessageKind.CLIP]
    assert clip.reply_to == "m1"
    assert clip.shows.video is not None
    video = harness.files.path(clip.shows.video.key)
    assert video.exists()
    (delete,) = [b for b in buttons(clip.shows) if b.label == "Delete"]
    await harness.press(delete.action, who=BEN, manages=False)
    await harness.clock.advance(2)
    assert not clip.deleted
    await harness.press(delete.action, who=ADA, manages=False)
    await harness.clock.advance(2)
    assert clip.shows.text == "Clip deleted."
    (undo,) = buttons(clip.shows)
    await harness.press(undo.action, who=ADA, manages=False)
    await harness.clock.advance(2)
    assert clip.shows.video is not None
    await harness.press(delete.action, who=ADA, manages=False)
    await harness.clock.advance(32)
    assert clip.deleted
    assert not video.exists()


async def test_a_cancelled_clip_is_given_up_and_nothing_is_posted(
    harness: CommandHarness, room: FakeSource, sender: FakeSender
) -> None:
    await harness.follow()
    await harness.go_live()
    reply = await harness.say("/clip 20s")
    await settle()
    await harness.press(reply.button("Cancel").action, manages=False)
    await harness.clock.advance(2)
    assert "Clip cancelled." in reply.text
    assert room.takes[0].is_over
    assert all(post.shows.kind is MessageKind.ALERT for post in sender.posts.values())


async def test_a_clip_that_waits_is_cancelled_too(
    harness: CommandHarness, room: FakeSource, sender: FakeSender
) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.say("/clip 20s")
    await settle()
    await harness.clock.advance(21)
    reply = await harness.say("/clip 25s", who=BEN)
    await harness.press(reply.button("Cancel").action, who=BEN, manages=False)
    await harness.clock.advance(6)
    assert "Clip cancelled." in reply.text
    room.takes[0].complete()
    await harness.clock.advance(10)
    assert len(room.takes) == 1
    assert sender.posts


async def test_a_restart_forgets_nobodys_clip(tmp_path: Path) -> None:
    async with open_commands(tmp_path) as harness:
        await harness.follow()
        await harness.go_live()
        await harness.say("/clip 20s")
    async with open_commands(tmp_path) as later:
        assert (await later.job()).order.window.seconds == 20.0
        assert "Try again in" in (await later.say("/clip 20s", request_id="later")).text
