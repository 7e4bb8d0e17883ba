"""What the tests of clips' buttons begin with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.commands.handlers.clips.clip_shown import PADDED_CLIP, ClipShown
from tests.commands.harness import CommandHarness
from tests.pumpfun.samples import MINT


@pytest.fixture
async def clip(harness: CommandHarness) -> ClipShown:
    began = harness.clock.now() - timedelta(hours=1)
    await harness.follow()
    await harness.go_live(first_seen_at=began, started_at=began)
    await harness.show_all()
    harness.watch.live(MINT)
    harness.lookback.seconds[MINT] = 60.0
    await harness.say("/clip 30s")
    shown = ClipShown(harness)
    await shown.finish(1)
    async with harness.store.write() as unit:
        await unit.jobs.order_padded_clip(PADDED_CLIP, MINT, [1], harness.clock.now())
    await shown.show()
    return shown
