"""Who asks again a moment later hears the same, and the site is not asked."""

from __future__ import annotations

from bot.model import Live, Offline, Reason, Unknown
from bot.watch.look_cache import LookCache
from tests.fakes.clock import FakeClock
from tests.watch.harness import WatchHarness, mint


async def test_what_a_look_told_counts_for_five_seconds(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    assert harness.watcher.seen_lately(coin.mint) is None
    assert await harness.watcher.look(coin.mint) == Offline()
    coin.go_live()
    await harness.clock.advance(4.9)
    assert harness.watcher.seen_lately(coin.mint) == Offline()
    await harness.clock.advance(0.1)
    assert harness.watcher.seen_lately(coin.mint) is None
    assert isinstance(await harness.watcher.look(coin.mint), Live)
    assert isinstance(harness.watcher.seen_lately(coin.mint), Live)


async def test_a_made_up_address_costs_one_look(harness: WatchHarness) -> None:
    await harness.watcher.look(mint(77))
    assert harness.watcher.seen_lately(mint(77)) == Offline()


async def test_what_could_not_be_found_out_counts_a_little_longer() -> None:
    clock = FakeClock()
    lately = LookCache(clock, 5.0)
    lately.note("m", Unknown(Reason.TIMEOUT), patient=True)
    await clock.advance(14.9)
    assert lately.get("m") == Unknown(Reason.TIMEOUT)
    await clock.advance(0.2)
    assert lately.get("m") is None


async def test_one_hasty_try_of_a_poll_says_nothing_to_people() -> None:
    lately = LookCache(FakeClock(), 5.0)
    lately.note("m", Unknown(Reason.TIMEOUT), patient=False)
    assert lately.get("m") is None
    lately.note("m", Offline(), patient=False)
    assert lately.get("m") == Offline()
