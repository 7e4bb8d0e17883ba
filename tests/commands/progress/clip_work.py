"""What the clip service does with a job, for who looks on."""

from __future__ import annotations

from bot.clips import dump_result
from bot.kit.notifier import job_topic
from bot.model import (
    ClipJob,
    ClipResult,
    ClipStatus,
    JobState,
    Phase,
)
from tests.commands.harness import CommandHarness
from tests.fakes.clock import settle


class ClipWork:
    """What the clip service does with the first job."""

    def __init__(self, harness: CommandHarness) -> None:
        self.commands = harness
        self.job: ClipJob | None = None

    async def claim(self) -> ClipJob:
        async with self.commands.store.write() as unit:
            self.job = await unit.jobs.claim("test", self.commands.clock.now())
        assert self.job is not None
        self.commands.notifier.notify(job_topic(self.job.id))
        await settle()
        return self.job

    async def reach(self, phase: Phase, done: float = 0.0) -> None:
        assert self.job is not None
        async with self.commands.store.write() as unit:
            assert await unit.jobs.progress(self.job, phase, done)
        self.commands.notifier.notify(job_topic(self.job.id))
        await settle()

    async def end(
        self,
        state: JobState,
        error: str | None = None,
        status: ClipStatus = ClipStatus.COMPLETE,
        *,
        is_owed: bool = False,
    ) -> None:
        assert self.job is not None
        result = ClipResult(status, seconds=30.0, bytes=1000)
        async with self.commands.store.write() as unit:
            ended = await unit.jobs.finish(
                self.job,
                state,
                result=dump_result(result) if state is JobState.DONE else None,
                error=error,
                file_key="clip-1.mp4" if state is JobState.DONE else None,
                expires_at=None,
                now=self.commands.clock.now(),
            )
            if is_owed:
                for job in ended:
                    await unit.deliveries.owe_clip(
                        job.id,
                        job.order.target_id,
                        self.commands.clock.now(),
                        reply_to=job.order.reply_to,
                    )
        for job in ended:
            self.commands.notifier.notify(job_topic(job.id))
        await settle()
