"""The service as a process: what it says, how it ends, what outlives it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.page_client import Message, Page
from bot.demo.ports import free_port
from bot.demo.running import PACE, RunningDemo, add_coins, open_demo
from bot.demo.service import Service
from bot.demo.site.server import Fault
from bot.demo.world import World
from tests.child_processes import children_that_run
from tests.conftest import require_livekit_server
from tests.databases.by_path import as_argument
from tests.e2e.discord.harness import environment as discord_environment
from tests.e2e.seed import until
from tests.e2e.telegram.harness import environment as telegram_environment
from tests.fakes.discord import FakeDiscord
from tests.fakes.telegram import FakeTelegram
from tests.patience import PATIENCE

SMALL: dict[str, Any] = {"width": 640, "height": 360, "fps": 15}
OF_OTHERS = {
    "ALL_PROXY": "socks5://al:secret@nowhere:1",
    "HTTP_PROXY": "ftp://nowhere",
    "NO_PROXY": "localhost,fd07:b51a:cc66:f0::/64",
    "SSL_CERT_FILE": "/nonexistent",
}


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RunningDemo]:
    require_livekit_server()
    async with open_demo(tmp_path, 0, lambda _: None) as opened:
        yield opened


@pytest.fixture
async def site_only() -> AsyncIterator[World]:
    async with World(livekit=False) as world:
        yield world


@pytest.fixture
async def site_demo(site_only: World, tmp_path: Path) -> AsyncIterator[RunningDemo]:
    """The service where nobody broadcasts."""
    port = free_port()
    environment = {**site_only.environment, **PACE, "MINTCAST_HTTP__PORT": str(port)}
    async with (
        Service(tmp_path, environment) as service,
        Page(f"http://127.0.0.1:{port}") as page,
    ):
        await page.reachable()
        yield RunningDemo(site_only, service, page, add_coins(site_only))


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


def is_kind(kind: str) -> Any:
    return lambda event: event["kind"] == kind


def is_recorded(event: Message) -> bool:
    return (event.get("progress") or 0) > 0.02


async def run(environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "MINTCAST_CONFIG": os.devnull, **environment},
    )
    out, _ = await process.communicate()
    assert "Traceback" not in out.decode()
    return process.returncode, out.decode()


@pytest.mark.soak
async def test_a_clip_is_given_up_and_one_under_way_at_the_end_is_kept_and_still_owed(
    demo: RunningDemo, tmp_path: Path
) -> None:
    page, coin = demo.page, demo.coins.main
    await demo.world.broadcast(coin, title="Until the end", **SMALL)
    await page.say(f"/subscribe {coin.mint}")
    await page.until("the alert", is_kind("alert"), PATIENCE)
    await page.say("/settings replay off")  # else its process would go on
    await a_cancelled_clip_leaves_no_process_and_no_file(demo, tmp_path)
    await clip_begins(page)
    assert await demo.service.stop() == 0, demo.service.last_lines
    await demo.service.start()
    await page.reachable()
    clip = await until_history(page, "clip")
    assert "of 60 s" in clip["text"]
    await until_no_card(page)
    assert (await page.fetch(clip["video"]))[4:8] == b"ftyp"


async def a_cancelled_clip_leaves_no_process_and_no_file(demo: RunningDemo, folder: Path) -> None:
    page, since = demo.page, len(demo.page.events)
    shown = await clip_begins(page)
    workers = children_that_run("bot.clips.capture", demo.service.pid)
    recording = min(workers, key=lambda one: one.create_time())  # a spare has come after it
    (cancel,) = [button for button in shown["buttons"] if button["label"] == "Cancel"]
    await page.press(shown["id"], cancel["id"])
    await page.until("its end", lambda e: "Clip cancelled." in e["text"], PATIENCE, since)
    await until(lambda: not recording.is_running(), "its process is gone")
    assert not [file for file in (folder / "clips").rglob("*") if ".mp4" in file.name]


async def test_a_service_survives_a_crash_and_an_outage_and_keeps_others_out(
    site_demo: RunningDemo, tmp_path: Path
) -> None:
    await a_crash_at_the_go_live_neither_loses_nor_doubles_the_alert(site_demo)
    await pump_fun_that_fails_is_told_at_the_edge_and_changes_nothing(site_demo)
    await a_second_service_is_refused(site_demo, tmp_path)


async def a_crash_at_the_go_live_neither_loses_nor_doubles_the_alert(demo: RunningDemo) -> None:
    page, coin = demo.page, demo.coins.main
    await page.say(f"/subscribe {coin.mint}")
    await page.until("an answer", is_kind("reply"), PATIENCE)
    coin.go_live("Through a crash", viewers=3)
    for _ in range(2):
        await demo.service.kill()
        await demo.service.start()
        await page.reachable()
    await until_history(page, "alert")
    alerts = [m for m in await page.history() if m["kind"] == "alert"]
    assert len(alerts) == 1
    subscribed = await ask(page, "/subscriptions")
    assert coin.symbol in subscribed["text"]


async def pump_fun_that_fails_is_told_at_the_edge_and_changes_nothing(demo: RunningDemo) -> None:
    page, coin, site = demo.page, demo.coins.flapping, demo.world.site
    coin.go_live("Steady")
    since = len(page.events)
    await page.say(f"/subscribe {coin.mint}")
    await page.until("the alert", is_kind("alert"), PATIENCE, since)
    since = len(page.events)
    for endpoint in ("livestream", "roster"):
        site.fail(endpoint, Fault.SERVER_ERROR)
    await until_part(page, "pump.fun", ok=False)
    site.heal()
    await until_part(page, "pump.fun", ok=True)
    lines = [line for line in demo.service.last_lines.splitlines() if "pump.fun " in line]
    assert sum("pump.fun fails" in line for line in lines) == 1
    assert sum("pump.fun works again" in line for line in lines) == 1
    assert not page.events[since:]


async def a_second_service_is_refused(demo: RunningDemo, folder: Path) -> None:
    """On the same database; at the same port; where others reach it and it has no password."""
    second = {
        **demo.world.environment,
        **PACE,
        "MINTCAST_STORAGE__DATABASE": as_argument(folder / "mintcast.db"),
        "MINTCAST_HTTP__PORT": "0",
    }
    code, said = await run(second, "run")
    assert (code, "is using the database" in said) == (1, True), said
    other = {**second, "MINTCAST_STORAGE__DATABASE": str(folder / "other.db")}
    port = demo.page.origin.rpartition(":")[2]
    code, said = await run({**other, "MINTCAST_HTTP__PORT": port}, "run")
    assert (code, "Mintcast is running already, at http://" in said) == (1, True), said
    code, said = await run({**other, "MINTCAST_HTTP__HOST": "0.0.0.0"}, "run")
    assert (code, "needs a password" in said) == (78, True), said


async def test_check_tells_of_everything_at_once(
    site_only: World, discord: FakeDiscord, telegram: FakeTelegram, tmp_path: Path
) -> None:
    """And what other programs are told ends nothing."""
    environment = {
        **site_only.environment,
        **discord_environment(discord),
        **telegram_environment(telegram),
        "MINTCAST_STORAGE__DATABASE": str(tmp_path / "new.db"),
        "MINTCAST_STORAGE__CLIPS": str(tmp_path),
        "MINTCAST_HTTP__PORT": "0",
        "MINTCAST_CLIPS__MIN_FREE_GIGABYTES": "0",
    }
    code, said = await run({**environment, **OF_OTHERS}, "check")
    assert code == 0, said
    assert "ok    network: direct, no proxy; ALL_PROXY is a SOCKS proxy" in said
    assert "secret" not in said
    assert "ok    telegram: " in said
    assert f"client_id={discord.application_id}" in said
    assert not (tmp_path / "new.db").exists()
    (tmp_path / "bad.db").write_bytes(b"this is no database" * 100)
    broken = {
        **environment,
        "MINTCAST_STORAGE__DATABASE": str(tmp_path / "bad.db"),
        "MINTCAST_HTTP__HOST": "0.0.0.0",
        "MINTCAST_CLIPS__MIN_FREE_GIGABYTES": "1e6",
        "MINTCAST_PUMPFUN__LIVESTREAM_URL": "http://127.0.0.1:1",
        "DISCORD_TOKEN": "not.the-token.of-anybody",
        "TELEGRAM_TOKEN": "",
    }
    code, said = await run(broken, "check")
    assert code == 1
    failed = {line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith("FAIL")}
    assert failed == {"database", "clips", "page", "pump.fun", "discord"}
    assert "not.the-token" not in said


async def ask(page: Page, text: str) -> Message:
    since = len(page.events)
    typed = await page.say(text)
    return await page.until("an answer", lambda e: e.get("reply_to") == typed, PATIENCE, since)


async def clip_begins(page: Page) -> Message:
    """Ask for one; its progress once something is recorded."""
    since = len(page.events)
    await page.say("/clip 60s")
    return await page.until("recording", is_recorded, PATIENCE, since)


async def until_history(page: Page, kind: str) -> Message:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [m for m in await page.history() if m["kind"] == kind]
            if found:
                return found[-1]
            await asyncio.sleep(0.2)


async def until_no_card(page: Page) -> None:
    """What the service showed of a clip before it was restarted is gone."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if not [m for m in await page.history() if m["progress"] is not None]:
                return
            await asyncio.sleep(0.2)


async def until_part(page: Page, name: str, *, ok: bool) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if json.loads(await page.fetch("/healthz"))["parts"][name]["ok"] is ok:
                return
            await asyncio.sleep(0.2)
