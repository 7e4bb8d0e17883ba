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
from tests.commands.harness import BEN, HERE, KEEP, Room
from tests.fakes.capture_pool import FakeCapturePool, FakeSite, Take
from tests.fakes.chat import FakeReply, channel
from tests.fakes.clock import settle
from tests.pumpfun.samples import MINT

GROUPS = [channel("general", f"group-{n}") for n in range(24)]
LONGEST = 119.0
JOINING = 5.0
STEP = 8.0


@dataclass
class Studio:
    """Where clips are recorded, two at once."""

    room: Room
    pool: FakeCapturePool = field(default_factory=FakeCapturePool)
    begun: dict[Take, float] = field(default_factory=dict)

    async def ask(
        self, seconds: float, who: Person, where: Address, *, operator: bool = False
    ) -> FakeReply:
        request, reply = self.room.request(who=who, where=where)
        request = replace(request, is_operator=operator)
        await self.room.commands.run(request, f"/clip {MINT} {seconds:g}s")
        return reply

    async def flood(self, name: str) -> list[FakeReply]:
        """`/clip 119s`, `118.5s`, … `107.5s`, in a group each."""
        asked = enumerate(GROUPS)
        return [await self.ask(LONGEST - n / 2, Person(name.format(n)), g) for n, g in asked]

    async def until_begun(self, seconds: float) -> float:
        """How long it takes until a clip of that length is being recorded."""
        since = self.room.clock.monotonic()
        while seconds not in [take.request.seconds for take in self.pool.takes]:
            await self.pass_time()
        return self.room.clock.monotonic() - since

    async def pass_time(self) -> None:
        now = self.room.clock.monotonic()
        for take in self.pool.running:
            if now - self.begun.setdefault(take, now) >= take.request.seconds + JOINING:
                take.complete()
        await self.room.clock.advance(STEP)


@pytest.fixture
async def studio(room: Room) -> AsyncIterator[Studio]:
    """A coin is live, and the clip service runs."""
    made = Studio(room)
    await room.go_live()
    room.watch.live(MINT)
    health = Health(room.clock)
    jobs = ClipService(
        store=room.store,
        source=made.pool,
        site=FakeSite(),
        files=room.files,
        clip_retention=ClipRetention(
            store=room.store,
            files=room.files,
            clock=room.clock,
            site_time=room.clock.now,
            health=health,
            rules=KEEP,
        ),
        clock=room.clock,
        notifier=room.notifier,
        health=health,
        metrics=Metrics(),
        worker_id="one",
        concurrent=2,
        max_height=720,
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
    studio: Studio,
) -> None:
    replies = await studio.flood(f"{ANONYMOUS}-100{{}}")
    sentences = refused(replies)
    assert len(sentences) == len(GROUPS) - 1 - 4
    assert len(set(sentences)) == 1
    assert sentences[0].startswith("4 clips are already waiting for anonymous admins and channels.")
    honest = await studio.ask(30, BEN, HERE)
    assert honest.last.kind is MessageKind.PROGRESS
    assert await studio.until_begun(30) <= STEP
    assert len(studio.pool.running) == 2


@pytest.mark.soak
async def test_who_asks_in_24_groups_by_name_waits_for_the_others(studio: Studio) -> None:
    studio.room.commands = studio.room.fresh(Limits(per_person_cooldown_seconds=0.0))
    replies = await studio.flood("mallory")
    assert len(refused(replies)) == len(GROUPS) - 2 - 3
    assert refused(replies)[0].startswith("3 of your clips are already waiting. Try again when")
    honest = await studio.ask(30, BEN, HERE)
    assert "Next in the queue." in honest.text
    assert await studio.until_begun(30) <= LONGEST + JOINING + 2 * STEP
    lengths = [take.request.seconds for take in studio.pool.takes[:3]]
    assert lengths == [LONGEST, LONGEST - 0.5, 30]


async def test_many_people_of_one_place_wait_for_other_places(studio: Studio) -> None:
    room = studio.room
    room.commands = room.fresh(Limits(per_place_cooldown_seconds=0.0))
    asked = range(12)
    replies = [await studio.ask(90 - n, Person(f"p{n}"), GROUPS[0]) for n in asked]
    assert refused(replies) == ["6 clips are already waiting here. Try again when one is done."] * 4
    honest = await studio.ask(30, BEN, HERE)
    assert "Next in the queue." in honest.text


async def test_the_operator_is_never_refused(studio: Studio) -> None:
    room = studio.room
    for n in range(30):
        await studio.ask(60 + n, Person(f"p{n}"), channel("general", f"place-{n}"))
    assert "20 clips are waiting" in (await studio.ask(40, BEN, HERE)).text
    page = channel("page", "page")
    reply = await studio.ask(30, Person("local"), page, operator=True)
    assert reply.last.kind is MessageKind.PROGRESS
    await room.commands.stop()
