"""The demo's world, a Telegram beside it, and `mintcast run` between them, its own process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bot.demo.ports import free_port
from bot.demo.recording.options import RecordingOptions
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import Address
from tests.e2e.seed import subscribe, until
from tests.fakes.telegram import Chat, FakeTelegram, Message, User
from tests.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class TelegramHarness:
    """All of it, running. `olga` administers the chats, `al` is a member."""

    world: World
    telegram: FakeTelegram
    service: Service
    olga: User
    al: User
    port: int
    coin: DemoCoin
    followers: list[Chat]

    async def restarted(self, *, kill: bool = False) -> None:
        """End the service, start it again, and wait until it polls."""
        await (self.service.kill() if kill else self.service.stop())
        polls = len(self.telegram.made("getUpdates"))
        await self.service.start()
        await until(lambda: len(self.telegram.made("getUpdates")) > polls, "it polls again")


def environment(telegram: FakeTelegram) -> Mapping[str, str]:
    """What points the service there."""
    return {"TELEGRAM_TOKEN": telegram.token, "MINTCAST_TELEGRAM__API_URL": telegram.api_url}


@contextlib.asynccontextmanager
async def telegram_harness(
    folder: Path,
    *,
    livekit: bool = True,
    followers: int = 0,
    recordings: RecordingOptions | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[TelegramHarness]:
    """So many groups, `followers`, are subscribed to the coin, MINTY, from before. `more` is added
    to the service's environment."""
    port = free_port()
    async with World(livekit=livekit, recordings=recordings) as world, FakeTelegram() as telegram:
        telegram.callback_lives = PATIENCE  # in real time: how soon it is, the bench says
        coin = world.add_coin("MINTY", "Minty the coin")
        groups = [telegram.add_group(f"Followers {n}") for n in range(followers)]
        addresses = [
            Address("telegram", str(group.id), str(group.id), group.title, group.title)
            for group in groups
        ]
        await subscribe(folder, addresses, coin)
        told = {
            **world.environment,
            **PACE,
            **environment(telegram),
            "MINTCAST_HTTP__PORT": str(port),
            **more,
        }
        async with Service(folder, told) as service:
            olga, al = telegram.add_user("olga"), telegram.add_user("al")
            await until(lambda: telegram.made("getUpdates"), "it polls")
            yield TelegramHarness(world, telegram, service, olga, al, port, coin, groups)


def alerts(chat: Chat) -> list[Message]:
    """The photos that are there."""
    return [one for one in chat.messages if one.photo and not one.deleted]


def have_alerts(harness: TelegramHarness, point: int) -> bool:
    """Whether so many followers have theirs."""
    return sum(len(alerts(chat)) for chat in harness.followers) >= point


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many people who write to the bot one after another. `asked_at` is when each did, by chat."""

    harness: TelegramHarness
    people: Sequence[User]
    asked_at: dict[int, float] = field(default_factory=dict)

    async def ask(self, over: float) -> None:
        """Each `/help` in private, evenly over so many seconds."""
        for person in self.people:
            self.asked_at[person.chat.id] = time.monotonic()
            await person.say(person.chat, "/help")
            await asyncio.sleep(over / len(self.people))

    async def answer_seconds(self) -> list[float]:
        """Wait for all answers; the seconds from each command to the request that answers it."""
        await until(lambda: all(one.chat.messages for one in self.people), "answers")
        answers = {call.chat_id: call.at for call in self.harness.telegram.made("sendMessage")}
        return [answers[chat] - at for chat, at in self.asked_at.items()]


def crowd(harness: TelegramHarness, count: int) -> Crowd:
    """So many people who have started the bot."""
    return Crowd(harness, [harness.telegram.add_user(f"person {n}") for n in range(count)])
