"""The demo's world with the service in it, both stand-ins beside it, and a view of each."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from bot.demo.ports import free_port
from bot.demo.running import RunningDemo, open_demo
from tests.e2e.discord.harness import connected
from tests.e2e.discord.harness import environment as told_of_discord
from tests.e2e.seed import until
from tests.e2e.telegram.harness import environment as told_of_telegram
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord import User as Person
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram import User as Writer
from tests.looks.discord.view import DiscordView
from tests.looks.server import serving
from tests.looks.telegram.view import TelegramView

T = TypeVar("T", Person, Writer)


@dataclass(frozen=True, slots=True)
class Looks:
    """All of it, running. `discord_url` and `telegram_url` are where one looks."""

    demo: RunningDemo
    discord: FakeDiscord
    telegram: FakeTelegram
    discord_url: str
    telegram_url: str


@contextlib.asynccontextmanager
async def open_looks(
    folder: Path,
    on_line: Callable[[str], None],
    ports: tuple[int, int, int] = (0, 0, 0),
    more: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Looks]:
    """`ports` are those that the page and the views have where they are free; 0: any. `more` is
    added to the service's environment. Olga manages the server, the group and the channel, Al is a
    member."""
    async with FakeDiscord() as discord, FakeTelegram() as telegram:
        guests, writers = settle_discord(discord), settle_telegram(telegram)
        environment = {**told_of_discord(discord), **told_of_telegram(telegram), **more}
        page, *views = map(free_port, ports)
        async with (
            open_demo(folder, page, on_line, environment) as demo,
            serving(DiscordView(discord, guests), views[0]) as discord_url,
            serving(TelegramView(telegram, writers), views[1]) as telegram_url,
        ):
            await connected(discord, demo.service)
            await until(lambda: telegram.made("getUpdates"), "Telegram is polled")
            yield Looks(demo, discord, telegram, discord_url, telegram_url)


def invited(looks: Looks) -> list[str]:
    """The bot comes to a server and to a group that it has not been in: those places, as the views
    name them."""
    guild = looks.discord.add_guild("New here", member=False)
    channel = guild.add_text_channel("general")
    guild.add_member(_named(looks.discord.users.values(), "olga"))
    looks.discord.restore_guild(guild)
    olga = _named(looks.telegram.users.values(), "Olga")
    group = looks.telegram.add_supergroup("New here", bot="left")
    group.add_member(olga, "creator")
    group.bot("member", by=olga)
    return [str(channel.id), str(group.id)]


def _named(people: Iterable[T], name: str) -> T:
    return next(one for one in people if one.name == name)


def settle_discord(discord: FakeDiscord) -> list[Person]:
    """A server with the bot in it; the people."""
    guild = discord.add_guild("Friends of the mint")
    for name in ("alerts", "clips"):
        guild.add_text_channel(name)
    guild.add_role("Watchers", mentionable=True)
    olga, al = discord.add_user("olga"), discord.add_user("al")
    guild.add_member(olga, permissions=("manage_guild",))
    guild.add_member(al)
    return [olga, al]


def settle_telegram(telegram: FakeTelegram) -> list[Writer]:
    """A group, a forum and a channel with the bot in them; the people."""
    olga, al = telegram.add_user("Olga"), telegram.add_user("Al")
    group = telegram.add_supergroup("Friends of the mint")
    forum = telegram.add_supergroup("Big forum", forum=True)
    news = telegram.add_channel("Mint news")
    for chat in (group, forum, news):
        chat.add_member(olga, "creator")
        chat.add_member(al)
    forum.add_topic("Coins")
    return [olga, al]
