"""The way into a real room goes through the proxy, which alone knows the server's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.clients import build_capture_pool, build_pumpfun
from bot.config import load_network, load_settings
from bot.demo.world import World
from bot.model import ClipRequest, ClipStatus
from tests.fakes.proxy import FakeProxy

pytestmark = pytest.mark.soak


async def test_a_clip_is_made_through_a_proxy_that_asks_for_a_password(tmp_path: Path) -> None:
    async with World() as world, FakeProxy("al:secret") as proxy:
        world.site.livekit_url = world.server.url.replace("127.0.0.1", "livekit.test")
        told = {
            key: value.replace("127.0.0.1", "site.test") for key, value in world.environment.items()
        }
        told["MINTCAST_PUMPFUN__LIVEKIT_URL"] = world.site.livekit_url
        told["MINTCAST_NETWORK__PROXY"] = f"http://al:secret@127.0.0.1:{proxy.port}"
        settings = load_settings(environment=told)
        network = load_network(settings, {}).network
        coin = world.add_coin("MINTY", "Minty the coin")
        await world.broadcast(coin, width=640, height=360)
        async with (
            build_pumpfun(settings, network) as pumpfun,
            build_capture_pool(settings, network, pumpfun, keep_spare=False) as recorder,
        ):
            request = ClipRequest(coin.mint, 3.0, tmp_path / "clip.mp4", 10 << 20, 360)
            result = await recorder.record(request)
    assert result.status is ClipStatus.COMPLETE
    asked = [one.partition(":")[0] for one in proxy.asked]
    assert asked == ["POST site.test", "GET site.test", "CONNECT livekit.test"]
    assert proxy.refused == 0
