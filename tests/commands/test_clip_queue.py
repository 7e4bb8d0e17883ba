"""One person against all in the queue of clips: the real commands, rows and clip service.

Recordings take as long as they are long, and five seconds to join, on the test's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from bot.clips import ClipRetention, ClipService
from bot.commands import Limits
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.model import ANONYMOUS, Address, MessageKind, Person
from tests.commands.harness import BEN, HERE, KEEP, CommandHarness
from tests.fakes.chat import FakeReply, channel
from tests.fakes.clip_sources import FakeSite, FakeSource, Take, only_from
from tests.fakes.clock import settle
from tests.fakes.rings import padded_clip_keeper
from tests.pumpfun.samples import MINT

GROUPS = [channel("general", f"group-{n}") for n in range(24)]
LONGEST = 119.0
JOINING = 5.0
STEP = 8.0


@dataclass
class QueueHarness:
    """Where clips are recorded, two at once."""

    commands: CommandHarness
    room: FakeSource = field(default_factory=FakeSource)
    begun: dict[Take, float] = field(default_factory=dict)

    async def ask(
        self, seconds: float, who: Person, where: Address, *, operator: bool = False
    ) -> FakeReply:
        request, reply = self.commands.request(who=who, where=where)
        request = replace(request, is_operator=operator)
        await self.commands.service.run(request, f"/clip {MINT} {seconds:g}s")
        return reply

    async def flood(self, name: str) -> list[FakeReply]:
        """`/clip 119s`, `118.5s`, … `107.5s`, in a group each."""
        asked = enumerate(GROUPS)
        return [await self.ask(LONGEST - n / 2, Person(name.format(n)), g) for n, g in asked]

    async def until_begun(self, seconds: float) -> float:
        """How long it takes until a clip of that length is being recorded."""
        since = self.commands.clock.monotonic()
        while seconds not in [take.request.seconds for take in self.room.takes]:
            await self.pass_time()
        return self.commands.clock.monotonic() - since

    async def pass_time(self) -> None:
        now = self.commands.clock.monotonic()
        for take in self.room.running:
            if now - self.begun.setdefault(take, now) >= take.request.seconds + JOINING:
                take.complete()
        await self.commands.clock.advance(STEP)


@pytest.fixture
async def queue(harness: CommandHarness) -> AsyncIterator[QueueHarness]:
    """A coin is live, and the clip service runs."""
    made = QueueHarness(harness)
    await harness.go_live()
    harness.watch.live(MINT)
    health = Health(harness.clock)
    retention = ClipRetention(
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
        sources=only_from(made.room),
        site=FakeSite(),
        files=harness.files,
        clip_retention=retention,
        padded_clips=padded_clip_keeper(harness.store, harness.files, retention, harness.clock),
        clock=harness.clock,
        notifier=harness.notifier,
        health=health,
        metrics=Metrics(),
        worker_id="one",
        concurrent=2,
        max_height=720,
        is_steady=lambda: True,
    )
    life = asyncio.create_task(jobs.run(), name="clip-service")
    await settle()
    yield made
    life.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await life


def refused(replies: list[FakeReply]) -> list[str]:
    return [one.text for one in replies if one.last.kind is MessageKind.REPLY]


async def test_who_is_anonymous_in_24_groups_takes_one_capture_and_four_places(
    queue: QueueHarness,
) -> None:
    replies = await queue.flood(f"{ANONYMOUS}-100{{}}")
    sentences = refused(replies)
    assert len(sentences) == len(GROUPS) - 1 - 4
    assert len(set(sentences)) == 1
    assert sentences[0].startswith("4 clips are already waiting for anonymous admins and channels.")
    honest = await queue.ask(30, BEN, HERE)
    assert honest.last.kind is MessageKind.PROGRESS
    assert await queue.until_begun(30) <= STEP
    assert len(queue.room.running) == 2


@pytest.mark.soak
async def test_who_asks_in_24_groups_by_name_waits_for_the_others(queue: QueueHarness) -> None:
    queue.commands.service = queue.commands.fresh(Limits(per_person_cooldown_seconds=0.0))
    replies = await queue.flood("mallory")
    assert len(refused(replies)) == len(GROUPS) - 2 - 3
    assert refused(replies)[0].startswith("3 of your clips are already waiting. Try again when")
    honest = await queue.ask(30, BEN, HERE)
    assert "Next in the queue" in honest.text
    assert await queue.until_begun(30) <= LONGEST + JOINING + 2 * STEP
    lengths = [take.request.seconds for take in queue.room.takes[:3]]
    assert lengths == [LONGEST, LONGEST - 0.5, 30]


async def test_many_people_of_one_place_wait_for_other_places(queue: QueueHarness) -> None:
    harness = queue.commands
    harness.service = harness.fresh(Limits(per_place_cooldown_seconds=0.0))
    asked = range(12)
    replies = [await queue.ask(90 - n, Person(f"p{n}"), GROUPS[0]) for n in asked]
    assert refused(replies) == ["6 clips are already waiting here. Try again when one is done."] * 4
    honest = await queue.ask(30, BEN, HERE)
    assert "Next in the queue" in honest.text


async def test_the_operator_is_never_refused(queue: QueueHarness) -> None:
    harness = queue.commands
    for n in range(30):
        await queue.ask(60 + n, Person(f"p{n}"), channel("general", f"place-{n}"))
    assert "20 clips are already waiting" in (await queue.ask(40, BEN, HERE)).text
    page = channel("page", "page")
    reply = await queue.ask(30, Person("local"), page, operator=True)
    assert reply.last.kind is MessageKind.PROGRESS
    await harness.service.stop()
