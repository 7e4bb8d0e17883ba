"""`mintcast clip --watch` where there is nothing to save: what is said, and what ends it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.site.coins import DemoCoin
from bot.demo.site.server import Fault
from bot.demo.world import World
from tests.e2e.command_line.shell import Shell
from tests.patience import PATIENCE
from tests.pseudo_terminal import in_background


@pytest.fixture
async def site() -> AsyncIterator[World]:
    async with World(livekit=False) as running:
        yield running


@pytest.fixture
def coin(site: World) -> DemoCoin:
    """On air, and nobody is let in."""
    coin = site.add_coin("MINTY", "Minty the coin")
    coin.go_live()
    site.site.fail("join", Fault.SERVER_ERROR)
    return coin


@pytest.fixture
def shell(site: World, tmp_path: Path) -> Shell:
    return Shell(site.environment, tmp_path)


async def line_of(stream: asyncio.StreamReader | None, words: str) -> str:
    """The next one that has them."""
    assert stream is not None
    async with asyncio.timeout(PATIENCE):
        while words not in (line := (await stream.readline()).decode()):
            assert line, f"it ended without {words}"
    return line


async def test_a_call_that_finds_nothing_is_answered_to_a_script_too(
    shell: Shell, coin: DemoCoin
) -> None:
    process = await shell.start("clip", coin.mint, "2s", "--watch", "--json", types=True)
    assert process.stdin is not None
    await line_of(process.stderr, "Connecting to the stream")
    process.send_signal(signal.SIGUSR1)
    for _ in range(2):
        answer = json.loads(await line_of(process.stdout, "{"))
        assert answer["status"] == "failed"
        assert answer["reason"].startswith("Nothing to save yet.")
        process.stdin.write(b"\n")
    process.send_signal(signal.SIGINT)
    assert (await shell.ended(process)).code == 0


@pytest.mark.soak
async def test_it_says_why_nothing_comes_and_goes_on(shell: Shell, coin: DemoCoin) -> None:
    process = await shell.start("clip", coin.mint, "2s", "--watch", "--json", types=True)
    why = await line_of(process.stderr, "pump.fun has a problem (error 5")
    assert why.endswith("). Mintcast keeps trying; Ctrl-C ends it.\n")
    process.send_signal(signal.SIGUSR1)
    assert json.loads(await line_of(process.stdout, "{"))["reason"] == why.strip()
    process.send_signal(signal.SIGINT)
    assert (await shell.ended(process)).code == 0


async def test_it_ends_at_once_though_pumpfun_does_not_answer(
    site: World, shell: Shell, coin: DemoCoin
) -> None:
    """It asks whether the stream is over while nothing comes."""
    process = await shell.start("clip", coin.mint, "2s", "--watch")
    await line_of(process.stderr, "Connecting to the stream")
    site.site.fail("livestream", Fault.HANG)
    await site.site.reached("livestream", site.site.count("livestream") + 1)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert (await shell.ended(process)).code == 0
    assert time.monotonic() - began < 10, "the answer would be waited for 15 s"


async def test_it_needs_a_stream_that_is_on_and_a_folder(shell: Shell, coin: DemoCoin) -> None:
    no_folder = await shell.run("clip", coin.mint, "--watch", "--out", "a.mp4")
    assert no_folder.code == 2
    assert no_folder.err == "a.mp4: with --watch, --out must be a folder that exists.\n"
    coin.end()
    offline = await shell.run("clip", coin.mint, "--watch", "--json")
    assert offline.code == 3
    assert offline.json["reason"].endswith("is offline.")


async def test_a_call_that_comes_too_early_ends_nothing(
    site: World, shell: Shell, coin: DemoCoin
) -> None:
    site.site.fail("livestream", Fault.HANG)
    process = await shell.start("clip", coin.mint, "2s", "--watch")
    await site.site.reached("livestream")
    process.send_signal(signal.SIGUSR1)
    process.send_signal(signal.SIGINT)
    assert (await shell.ended(process)).code == 130


async def test_enter_is_heard_when_it_is_brought_to_the_front(
    site: World, coin: DemoCoin, tmp_path: Path
) -> None:
    command = (sys.executable, "-m", "bot", "clip", coin.mint, "2s", "--watch")
    async with in_background(*command, folder=tmp_path, environment=site.environment) as job:
        job.type("\n")
        for _ in range(3):  # by now it has tried to read that
            await job.shows("Connecting to the stream")
        job.foreground()
        await job.shows("Nothing to save yet.")
        job.type("\n")
        await job.shows("Nothing to save yet.")
        job.type("\x03")
        assert await job.ended() == 0
