"""One person in many groups of a Telegram on this machine, against the real service: what others
get meanwhile, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.service import Service
from bot.demo.world import World
from bot.store import Store
from tests.conftest import require_livekit_server
from tests.e2e.seed import until
from tests.e2e.telegram.harness import environment
from tests.fakes.telegram import Chat, FakeTelegram, Message, User
from tests.watch.harness import mint

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

POLL = 10.0
GROUPS = 24
LONGEST = 24.0


@dataclass(frozen=True, slots=True)
class Town:
    """The service with its own limits; `mallory` has groups of her own, `ada` is anybody."""

    world: World
    telegram: FakeTelegram
    page: Page
    mallory: User
    ada: User
    groups: list[Chat]


@contextlib.asynccontextmanager
async def town(folder: Path, *, livekit: bool) -> AsyncIterator[Town]:
    port = free_port()
    async with World(livekit=livekit) as world, FakeTelegram() as telegram:
        port_told = {"MINTCAST_HTTP__PORT": str(port)}
        told = {**world.environment, **environment(telegram), **port_told}
        async with Service(folder, told), Page(f"http://127.0.0.1:{port}") as page:
            await page.reachable()
            mallory, ada = telegram.add_user("mallory"), telegram.add_user("ada")
            groups = [telegram.add_supergroup(f"Group {n}") for n in range(GROUPS)]
            for group in groups:
                group.add_member(mallory, "creator")
            await until(lambda: telegram.made("getUpdates"), "it polls")
            yield Town(world, telegram, page, mallory, ada, groups)


def answers(chat: Chat) -> list[Message]:
    return [one for one in chat.messages if not one.deleted]


def came_more(chat: Chat, count: int) -> bool:
    return len(answers(chat)) > count


async def waited(folder: Path, seconds: float) -> float:
    """How long the clip of that length was in the queue, by its row."""
    async with Store(folder / "mintcast.db") as store, store.read() as unit:
        jobs = [job for n in range(1, 60) if (job := await unit.jobs.get(n)) is not None]
    job = next(one for one in jobs if one.order.seconds == seconds)
    assert job.started_at is not None
    return (job.started_at - job.order.asked_at).total_seconds()


async def flood(here: Town, over: asyncio.Event) -> int:
    """Twelve `/live` of made-up addresses a second; how many."""
    for number in itertools.count(1000):
        if over.is_set():
            return number - 1000
        group = here.groups[number % 12]
        await here.mallory.say(group, f"/live {mint(number)}")
        await asyncio.sleep(1 / 12)
    raise AssertionError("it counts for ever")


async def test_one_person_in_twelve_groups_delays_nobody(tmp_path: Path) -> None:
    async with town(tmp_path, livekit=False) as here:
        chat, ada = here.ada.chat, here.ada
        for n in range(3):  # and she follows what she can
            junk = " ".join(mint(n * 20 + one) for one in range(20))
            await here.mallory.say(here.mallory.chat, f"/subscribe {junk}")
        hidden = here.world.add_coin("HIDE", "Hidden coin")
        hidden.hidden_from_roster = True
        await ada.say(chat, f"/subscribe {hidden.mint}")
        await until(lambda: answers(chat), "she follows it")
        over = asyncio.Event()
        flooding = asyncio.create_task(flood(here, over))
        waits = []
        for n in range(6):
            await asyncio.sleep(4)
            coin, count = here.world.add_coin(f"C{n}", f"Coin {n}"), len(answers(chat))
            began = time.monotonic()
            await ada.say(chat, f"/subscribe {coin.mint}")
            await until(partial(came_more, chat, count), "an answer")
            waits.append(time.monotonic() - began)
            assert "Following " in answers(chat)[-1].text
            assert "Offline" in answers(chat)[-1].text
        hidden.go_live()
        began = time.monotonic()
        await until(lambda: any("is live" in (m.caption or m.text) for m in answers(chat)), "alert")
        alert = time.monotonic() - began
        over.set()
        asked = await flooding
    print(
        f"of {asked} questions of one person in {asked / 12:.0f} s: /subscribe of another took"
        f" {max(waits):.2f} s at most, a hidden coin's alert {alert:.1f} s"
    )
    assert max(waits) <= 2.0
    assert alert <= POLL + 2.0


async def test_who_is_anonymous_in_24_groups_keeps_nobody_from_a_clip(tmp_path: Path) -> None:
    require_livekit_server()
    async with town(tmp_path, livekit=True) as here:
        coin = here.world.add_coin("MINTY", "Minty the coin")
        await here.world.broadcast(coin, width=320, height=180, fps=10)
        for n, group in enumerate(here.groups):
            await here.mallory.say(group, f"/clip {LONGEST - n / 2:g}s {coin.mint}", anonymous=True)
        await until(lambda: all(answers(group) for group in here.groups), "each is answered")
        refused = [one for g in here.groups for one in answers(g) if "anonymous" in one.text]
        began = time.monotonic()
        await here.ada.say(here.ada.chat, f"/clip 5s {coin.mint}")
        await here.page.say(f"/clip 6s {coin.mint}")
        await until(lambda: any(m.video for m in answers(here.ada.chat)), "her clip")
        done = time.monotonic() - began
        await until(lambda: any(e["kind"] == "clip" for e in here.page.events), "the operator's")
    honest, operator = await waited(tmp_path, 5.0), await waited(tmp_path, 6.0)
    print(
        f"{len(refused)} of {GROUPS} refused; a named person's clip of 5 s waited for"
        f" {honest:.2f} s and was there after {done:.1f} s; the operator's waited for"
        f" {operator:.1f} s"
    )
    assert max(honest, operator) <= LONGEST
    assert len(refused) >= GROUPS - 5
