"""A clip that is shown, and whoever presses the buttons under it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.clips import dump_result
from bot.kit.notifier import job_topic
from bot.model import ClipJob, ClipResult, ClipStatus, JobState, Window
from tests.commands.harness import CommandHarness
from tests.fakes.chat import FakeReply
from tests.fakes.clock import settle
from tests.store.raw_sql import count_where

PADDED_CLIP = "minty-padded-0123456789abcdef.mp4"
RESULT = dump_result(ClipResult(ClipStatus.COMPLETE, seconds=30.0))


class ClipShown:
    """Ada's clip of the last half minute, and half a minute on either side in the padded clip."""

    def __init__(self, harness: CommandHarness) -> None:
        self.harness = harness
        self.end = harness.clock.now()

    def span(self, begins: float, ends: float) -> Window:
        """In seconds from the clip's end."""
        return Window(self.end + timedelta(seconds=begins), self.end + timedelta(seconds=ends))

    async def finish(
        self,
        job_id: int,
        state: JobState = JobState.DONE,
        *,
        shows: Window | None = None,
        **changes: Any,
    ) -> ClipJob:
        """What is cut is done, and the message is to show it; all that was wanted, unless it
        `shows` something else."""
        harness, now = self.harness, self.harness.clock.now()
        done = state is JobState.DONE
        outcome: dict[str, Any] = {
            "result": RESULT if done else None,
            "error": None,
            "file_key": f"clip-{job_id:016}.mp4" if done else None,
            "expires_at": now + timedelta(hours=72) if done else None,
        }
        async with harness.store.write() as unit:
            job = await unit.jobs.claim_recut("test", now) or await unit.jobs.claim("test", now)
            assert job is not None
            assert job.id == job_id
            if shows is not None:
                await unit.jobs.note_window(job, shows)
            await unit.jobs.finish(job, state, **(outcome | changes), now=now)
            if job.order.parent_id is None:
                reply_to = job.order.reply_to
                await unit.deliveries.owe_clip(job.id, job.order.target_id, now, reply_to=reply_to)
            elif done:
                assert await unit.deliveries.raise_clip(job, now)
        harness.notifier.notify(job_topic(job_id))
        return await harness.job(job_id)

    async def show(self) -> None:
        """What a dispatcher does."""
        await self.harness.show_all("clip")
        self.harness.notifier.notify(job_topic(1))

    @asynccontextmanager
    async def pressing(self, action: str, **about: Any) -> AsyncIterator[FakeReply]:
        """Somebody presses, and waits for word of it until the block is over."""
        request, reply = self.harness.request(**about)
        press = asyncio.create_task(self.harness.service.press(request, action))
        await settle()
        try:
            yield reply
        finally:
            await settle()
            if not press.done():
                await self.harness.clock.advance(6)
            await press

    async def recut(self, action: str, job_id: int, **about: Any) -> FakeReply:
        """One that works."""
        async with self.pressing(action, **about) as reply:
            await self.finish(job_id)
            await self.show()
        return reply


async def with_padded_clip(clip: ClipShown, *, later: float = 60.0) -> None:
    """The half minute has passed; nothing is at hand any more."""
    async with clip.harness.store.write() as unit:
        assert await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-60, 30))
    clip.harness.lookback.seconds.clear()
    await clip.harness.clock.advance(later)


async def count(harness: CommandHarness) -> int:
    return count_where(harness.store.name, "clip_jobs", "parent_id = 1")
