"""The demo's world, a Discord beside it, and `mintcast run` between them, its own process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.demo.ports import free_port
from bot.demo.recording.options import RecordingOptions
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import Address
from tests.e2e.seed import follow_many, subscribe, until
from tests.fakes.discord import Channel, FakeDiscord, Guild, Member, Message
from tests.patience import PATIENCE

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DiscordHarness:
    """All of it, running. `owner` may manage the server, `al` may not."""

    world: World
    discord: FakeDiscord
    service: Service
    guild: Guild
    channel: Channel
    owner: Member
    al: Member
    port: int
    coin: DemoCoin
    followers: list[Channel]

    async def restarted(self, *, kill: bool = False) -> None:
        """End the service, start it again, and wait until Discord has it back."""
        await (self.service.kill() if kill else self.service.stop())
        await until(lambda: not self.discord.gateway.connected, "it hung up")
        await self.service.start()
        await connected(self.discord, self.service)


def environment(discord: FakeDiscord) -> Mapping[str, str]:
    """What points the service there."""
    return {
        "DISCORD_TOKEN": discord.token,
        "MINTCAST_DISCORD__API_URL": discord.api_url,
        "MINTCAST_DISCORD__GATEWAY_URL": discord.gateway_url,
    }


@contextlib.asynccontextmanager
async def discord_harness(
    folder: Path,
    *,
    livekit: bool = True,
    followers: int = 0,
    coins: int = 0,
    recordings: RecordingOptions | None = None,
) -> AsyncIterator[DiscordHarness]:
    """A server with one channel, where the bot is a member and its commands are registered.

    So many more channels, `followers`, are subscribed to the first coin, MINTY, from before, and
    so many more `coins` are followed in the first channel.
    """
    port = free_port()
    async with World(livekit=livekit, recordings=recordings) as world, FakeDiscord() as discord:
        discord.acknowledge_within = PATIENCE  # in real time: how soon it is, the bench says
        guild = discord.add_guild("Friends of the mint")
        channel = guild.add_text_channel("alerts")
        owner = guild.add_member(discord.add_user("olga"), permissions=("manage_guild",))
        al = guild.add_member(discord.add_user("al"))
        coin = world.add_coin("MINTY", "Minty the coin")
        channels = [guild.add_text_channel(f"follower-{n}") for n in range(followers)]
        addresses = [
            Address("discord", str(guild.id), str(one.id), guild.name, one.name) for one in channels
        ]
        await subscribe(folder, addresses, coin)
        if coins:
            here = Address("discord", str(guild.id), str(channel.id), guild.name, channel.name)
            await follow_many(folder, here, coins)
        told = {
            **world.environment,
            **PACE,
            **environment(discord),
            "MINTCAST_HTTP__PORT": str(port),
        }
        async with Service(folder, told) as service:
            await connected(discord, service)
            yield DiscordHarness(
                world, discord, service, guild, channel, owner, al, port, coin, channels
            )


async def connected(discord: FakeDiscord, service: Service) -> None:
    """Until it takes commands."""
    try:
        await discord.connected(PATIENCE)
        await until(lambda: discord.commands, "its commands are registered")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{service.last_lines}") from None


def alerts(channel: Channel) -> list[Message]:
    """The cards that are there: what the bot posted by itself, with an embed."""
    return [one for one in channel.messages if one.embeds and one.interaction_id is None]


def title(message: Message) -> str:
    """Of its card."""
    return str(message.embeds[0].get("title", "")) if message.embeds else ""


def text(message: Message) -> str:
    """All that can be read in it."""
    cards = (
        f"{embed.get('title', '')}\n{embed.get('description', '')}" for embed in message.embeds
    )
    return "\n".join((message.content, *cards))
