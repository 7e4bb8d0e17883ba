"""Everything goes through the proxy: names below `.test` are known there, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World, picture_of
from bot.model import Address
from tests.e2e.discord import harness as discord_harness
from tests.e2e.seed import subscribe, until
from tests.e2e.telegram.harness import alerts as telegram_alerts
from tests.e2e.telegram.harness import environment as telegram_environment
from tests.fakes.discord import FakeDiscord
from tests.fakes.proxy import FakeProxy
from tests.fakes.telegram import FakeTelegram

LOGIN = "al:p%40ss"


def elsewhere(told: Mapping[str, str], name: str) -> dict[str, str]:
    """The same, where only the proxy finds it."""
    return {key: value.replace("127.0.0.1", name) for key, value in told.items()}


async def test_pumpfun_pictures_discord_and_telegram_go_through_the_proxy(tmp_path: Path) -> None:
    async with (
        World(livekit=False) as world,
        FakeDiscord() as discord,
        FakeTelegram() as telegram,
        FakeProxy(LOGIN.replace("%40", "@")) as proxy,
    ):
        coin = world.add_coin("MINTY", "Minty the coin")
        guild = discord.add_guild("Friends of the mint")
        channel, group = guild.add_text_channel("alerts"), telegram.add_group("Friends")
        places = [
            Address("discord", str(guild.id), str(channel.id)),
            Address("telegram", str(group.id), str(group.id)),
        ]
        await subscribe(tmp_path, places, coin)
        world.site.media_origin = world.site.origin.replace("127.0.0.1", "pictures.test")
        told = {
            **elsewhere(world.environment, "site.test"),
            **elsewhere(discord_harness.environment(discord), "discord.test"),
            **elsewhere(telegram_environment(telegram), "telegram.test"),
            **PACE,
            "MINTCAST_PUMPFUN__MEDIA_HOSTS": world.site.media_origin,
            "MINTCAST_NETWORK__PROXY": f"http://{LOGIN}@127.0.0.1:{proxy.port}",
            "MINTCAST_HTTP__PORT": str(free_port()),
            # What others make of these is their business:
            "ALL_PROXY": "socks5://nowhere:1",
            "HTTP_PROXY": "ftp://nowhere",
            "NO_PROXY": "localhost,fd07:b51a:cc66:f0::/64,a/b",
            "SSL_CERT_FILE": "/nonexistent",
        }
        async with Service(tmp_path, told) as service:
            await discord_harness.connected(discord, service)
            coin.go_live(
                "Hello", thumbnail=picture_of("card", "MINTY", "Hello", 640, 360), viewers=3
            )
            posted = await until(lambda: discord_harness.alerts(channel), "an alert in Discord")
            sent = await until(lambda: telegram_alerts(group), "an alert in Telegram")
            lines = service.last_lines
        assert posted[0].attachments
        assert sent[0].photo
        asked = {one.split(" ")[1].partition(":")[0] for one in proxy.asked}
        assert asked == {"site.test", "pictures.test", "discord.test", "telegram.test"}
        assert proxy.refused == 0
        assert f"Network: through http://127.0.0.1:{proxy.port} ([network] proxy)" in lines
        assert "Network: SSL_CERT_FILE can't be read" in lines
        assert "p%40ss" not in lines
