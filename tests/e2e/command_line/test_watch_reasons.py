"""`mintcast clip --watch` of a stream of which nothing comes: it says why."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from bot.demo.livekit.tokens import Keys
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.e2e.command_line.shell import Shell
from tests.patience import PATIENCE
from tests.soak.publisher.go_publisher import h265


@pytest.fixture
def coin(world: World) -> DemoCoin:
    return world.add_coin("MINTY", "Minty the coin")


@pytest.fixture
def shell(world: World, tmp_path: Path) -> Shell:
    return Shell(world.environment, tmp_path)


async def goes_on_saying(shell: Shell, coin: DemoCoin, why: str) -> None:
    process = await shell.start("clip", coin.mint, "2s", "--watch")
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        while (
            line := (await process.stderr.readline()).decode()
        ) == "Connecting to the stream …\n":
            pass
    assert line == f"{why} Mintcast keeps trying; Ctrl-C ends it.\n"
    process.send_signal(signal.SIGINT)
    assert (await shell.ended(process)).code == 0


@pytest.mark.soak
async def test_a_creator_who_is_not_connected_is_waited_for(coin: DemoCoin, shell: Shell) -> None:
    coin.go_live()
    await goes_on_saying(shell, coin, "The stream is on, but the creator isn't connected.")


@pytest.mark.soak
async def test_a_token_that_the_server_refuses_is_told(
    world: World, coin: DemoCoin, shell: Shell
) -> None:
    coin.go_live()
    world.site.keys = Keys(world.server.api_key, "a secret that its server does not know")
    why = "The stream's video server refused pump.fun's token, and a new one too."
    await goes_on_saying(shell, coin, why)


@pytest.mark.soak
async def test_video_that_cannot_be_recorded_ends_it(
    world: World, coin: DemoCoin, shell: Shell, tmp_path: Path
) -> None:
    async with h265(world, coin, tmp_path, sound=False):
        ran = await shell.run("clip", coin.mint, "2s", "--watch", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["reason"].endswith("(H.265).")
