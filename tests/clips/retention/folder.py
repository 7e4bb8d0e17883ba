"""What the folder of a clip service has, and what is owed of it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from bot.model import ClipJob
from tests.clips.harness import ClipHarness
from tests.fakes.clock import settle

HOUR = timedelta(hours=1)


async def made(harness: ClipHarness, *channels: str, size: int = 3) -> list[ClipJob]:
    """A clip that these channels share, and nobody has been shown yet."""
    async with harness.running(worker_id=f"life {harness.asked}"):
        jobs = [await harness.ask(channel) for channel in channels or ("general",)]
        harness.room.running[0].complete()
        await settle()
    rows = await harness.rows(*jobs)
    path = harness.files.path(rows[0].file_key or "")
    path.write_bytes(b"x" * size)
    age(harness, path)
    return rows


def age(harness: ClipHarness, path: Path, hours: float = 0.0) -> Path:
    """As if it had been changed so many hours ago, by the service's clock."""
    at = (harness.clock.now() - hours * HOUR).timestamp()
    os.utime(path, (at, at))
    return path


async def put_picture(harness: ClipHarness, data: bytes, hours: float) -> str:
    key = await harness.files.put_picture(data)
    age(harness, harness.files.path(key), hours)
    return key


PADDED_CLIP = "minty-00000000000000aa.mp4"


async def with_padded_clip(harness: ClipHarness, *jobs: ClipJob, size: int = 9) -> Path:
    """What lies beside the clip of these jobs."""
    path, now = harness.files.path(PADDED_CLIP), harness.clock.now()
    async with harness.store.write() as unit:
        await unit.jobs.order_padded_clip(
            PADDED_CLIP, jobs[0].order.mint, [job.id for job in jobs], now
        )
        assert await unit.jobs.keep_padded_clip(PADDED_CLIP, jobs[0].order.window.widened(30))
    path.write_bytes(b"x" * size)
    return age(harness, path)


async def shown(harness: ClipHarness) -> None:
    """Everything that is owed is shown."""
    now = harness.clock.now()
    async with harness.store.write() as unit:
        while claimed := await unit.deliveries.claim("local", "test", 100, now):
            for d in claimed:
                if d.message_id is None:
                    await unit.deliveries.mark_sending(d, now)
                await unit.deliveries.mark_shown(d, f"m{d.id}", now)
