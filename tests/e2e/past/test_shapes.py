"""A ring of a host who changes what is shown, on the real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clips import Captures, Hold, ring_order
from bot.demo.world import World
from bot.kit.timing.clock import SystemClock
from bot.model import ClipRequest, Window
from tests.clip_harness import HEIGHT, LIMIT, capture_pool
from tests.fakes.clock import until


@pytest.mark.soak
async def test_a_host_who_goes_from_phone_to_screen_is_soon_recorded_in_that_shape(
    world: World, tmp_path: Path
) -> None:
    coin = world.add_coin("TURN", "From phone to screen")
    phone = await world.broadcast(coin, width=180, height=320, fps=30)
    shapes: list[tuple[int | None, int | None]] = []
    clock = SystemClock()

    def is_begun() -> bool:
        at_hand = captures.at_hand(coin.mint)
        return at_hand is not None and at_hand.seconds >= 3.0

    async def is_wide() -> bool:
        window, path = Window.before(clock.now(), 5.0), tmp_path / f"{len(shapes)}.mp4"
        request = ClipRequest(coin.mint, 5.0, path, LIMIT, HEIGHT, window)
        result = await captures.clip(request)
        shapes.append((result.width, result.height))
        return (result.width or 0) > (result.height or 0)

    async with (
        capture_pool(world) as pool,
        Captures(pool, clock=clock, ring=ring_order(20.0, 10.0, 30.0, HEIGHT), longest=30.0)
        as captures,
    ):  # fmt: skip
        captures.hold(coin.mint, Hold.HELD)
        await until(is_begun)
        assert not await is_wide()
        await phone.leave()
        await world.broadcast(coin, width=640, height=360, fps=30)
        await until(is_wide)
    assert (180, 320) in shapes
    assert shapes[-1] == (640, 360)
