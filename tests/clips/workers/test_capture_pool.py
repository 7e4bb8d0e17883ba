"""The processes of captures: which one is taken, and when."""

from __future__ import annotations

import pytest

from bot.clips import CapturePool
from bot.clips.encoding import plan
from bot.errors import ChildError, PumpfunError
from bot.model import JoinToken, Reason, Region
from tests.child_processes import few_files


class Refusing:
    """The site gives no token."""

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]:
        raise PumpfunError(Reason.FORBIDDEN)


async def test_who_is_refused_a_token_takes_no_process() -> None:
    """Rings ask again and again, and the warm one is for whoever gets in."""
    rate = plan(10, 1 << 20, 720)
    assert rate is not None
    async with CapturePool(Refusing()) as pool:
        pool.prepare()
        spare = await pool.spare()
        with pytest.raises(PumpfunError):
            async with pool.capture("MINT", rate, 10.0, 1 << 20):
                pass
        assert await pool.spare() is spare


async def test_a_spare_that_could_not_be_started_is_no_failure_of_a_later_clip() -> None:
    async with CapturePool(Refusing()) as pool:
        with few_files(0):
            pool.prepare()
            with pytest.raises(ChildError):
                await pool.spare()
        pool.prepare()
        spare = await pool.spare()
        assert spare is not None
        assert spare.alive
