"""What the database knows of clips that nodes make: who claimed which job when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from tests.fakes.discord import Channel, Message
from tests.patience import PATIENCE
from tests.soak.cluster.scene import Scene

_LOG = (
    "CREATE TABLE claims_seen (job BIGINT, holder TEXT, at DOUBLE PRECISION, ahead BOOLEAN)",
    """CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO claims_seen VALUES (NEW.id, NEW.holder,
            extract(epoch FROM clock_timestamp()), NEW.is_ahead);
        RETURN NULL; END $$""",
    """CREATE TRIGGER note_claim AFTER UPDATE OF holder ON clip_jobs FOR EACH ROW
        WHEN (NEW.holder IS NOT NULL) EXECUTE FUNCTION note_claim()""",
)
OVER = ("done", "failed", "cancelled", "expired", "deleted")


@dataclass(frozen=True, slots=True)
class Claim:
    """Some worker took a job, at a second since 1970. `is_ahead`: to record the next seconds."""

    holder: str
    at: float
    is_ahead: bool


class ClipRounds:
    """Of one scene; `begin` comes first."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    async def begin(self) -> None:
        """From now on each claim is written down, by the database itself."""
        name = self._scene.address.url.rpartition("/")[2]
        await asyncio.to_thread(self._scene.server.execute, *_LOG, database=name)

    async def at_hand(self, mint: str, seconds: float) -> str:
        """Wait until a ring has so much; the worker whose it is."""
        deadline = time.monotonic() + 2 * PATIENCE + seconds
        while True:
            rows = await self._scene.rows(
                f"SELECT holder FROM captures WHERE mint = '{mint}'"
                f" AND newest_at - oldest_at >= {1000 * seconds}"
                " AND until > extract(epoch FROM clock_timestamp()) * 1000"
            )
            if rows:
                return str(rows[0][0])
            assert time.monotonic() < deadline, "no ring fills"
            await asyncio.sleep(0.1)

    async def claims(self, job: int) -> list[Claim]:
        """The oldest first."""
        sql = f"SELECT holder, at, ahead FROM claims_seen WHERE job = {job} ORDER BY at"
        return [Claim(*row) for row in await self._scene.rows(sql)]

    async def jobs(self) -> dict[int, str]:
        """Their states."""
        return dict(await self._scene.rows("SELECT id, state FROM clip_jobs"))

    async def over(self, job: int) -> str:
        """Wait until it is; its state."""
        deadline = time.monotonic() + 2 * PATIENCE
        while (state := (await self.jobs())[job]) not in OVER:
            assert time.monotonic() < deadline, (job, state, await self.claims(job))
            await asyncio.sleep(0.1)
        return state

    async def nothing_is_owed(self) -> None:
        """Wait until each job is over, and what came of it was told."""
        deadline = time.monotonic() + 2 * PATIENCE
        sql = """SELECT key, state FROM deliveries WHERE kind = 'clip'
            AND (state IN ('due', 'claimed', 'sending') OR state = 'sent' AND wanted > shown)"""
        while True:
            owed, open_ = await self._scene.rows(sql), set((await self.jobs()).values()) - set(OVER)
            if not owed and not open_:
                return
            assert time.monotonic() < deadline, (owed, open_)
            await asyncio.sleep(0.1)


def clips_in(channels: Iterable[Channel]) -> list[Message]:
    """What has a video; cards of alerts may have a moving picture, and don't count."""
    return [
        message
        for channel in channels
        for message in channel.messages
        if not message.embeds and any(one.name.endswith(".mp4") for one in message.attachments)
    ]
