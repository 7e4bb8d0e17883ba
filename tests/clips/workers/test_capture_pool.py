"""The processes of captures: which one is taken, and when."""

from __future__ import annotations

import pytest

from bot.clips import CapturePool
from bot.clips.encoding import plan
from bot.errors import PumpfunError
from bot.model import JoinToken, Reason, Region


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
