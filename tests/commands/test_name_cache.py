from __future__ import annotations

import pytest

from bot.commands.name_cache import Lookups
from bot.errors import PumpfunError
from bot.model import SERVICE, Reason
from tests.fakes.clock import FakeClock
from tests.fakes.pumpfun import FakePumpfun
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_a_name_and_that_there_is_none_are_asked_for_once_a_minute() -> None:
    clock = FakeClock()
    pumpfun = FakePumpfun(clock)
    coin = pumpfun.know(MINT, "MINTY")
    lookups = Lookups(pumpfun, clock)
    for _ in range(3):
        assert await lookups.coin(MINT, SERVICE) == coin
        assert await lookups.coin(OTHER_MINT, SERVICE) is None
    assert pumpfun.asked == [MINT, OTHER_MINT]
    assert lookups.knows(OTHER_MINT)
    await clock.advance(60)
    assert not lookups.knows(OTHER_MINT)
    pumpfun.know(OTHER_MINT, "NEW")
    found = await lookups.coin(OTHER_MINT, SERVICE)
    assert found is not None
    assert found.symbol == "NEW"


async def test_a_failure_is_remembered_for_a_moment() -> None:
    clock = FakeClock()
    pumpfun = FakePumpfun(clock, errors={MINT: PumpfunError(Reason.SERVER_ERROR, status=503)})
    lookups = Lookups(pumpfun, clock)
    for _ in range(3):
        with pytest.raises(PumpfunError) as caught:
            await lookups.coin(MINT, SERVICE)
        assert caught.value.status == 503
    assert pumpfun.asked == [MINT]
    await clock.advance(15)
    pumpfun.errors.clear()
    pumpfun.know(MINT, "MINTY")
    assert await lookups.coin(MINT, SERVICE) is not None
