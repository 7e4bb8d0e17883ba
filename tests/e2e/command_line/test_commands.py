"""`mintcast` as a user meets it: its words, its exit codes, its one JSON object."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.site.coins import DemoCoin
from bot.demo.site.server import Fault
from bot.demo.world import World
from tests.e2e.command_line.shell import Shell

CLIP_KEYS = [
    "status", "path", "mint", "stream_id", "seconds", "width", "height", "fps", "bytes",
    "video_codec", "audio_codec", "has_video", "has_audio", "source", "delay_seconds",
    "delay_is_measured", "gaps", "window", "started_at", "join_ms", "dropped_frames", "notes",
]  # fmt: skip
LIVE_KEYS = [
    "mint", "state", "stream_id", "title", "viewers", "started_at", "thumbnail", "coin",
    "checked_at",
]  # fmt: skip
OTHER_FAULTS = (Fault.RESET, Fault.RATE_LIMITED, Fault.GARBAGE, Fault.EMPTY, Fault.ROUTE_GONE)
SMALL: dict[str, Any] = {"width": 640, "height": 360, "fps": 15}


@pytest.fixture
async def site_only() -> AsyncIterator[World]:
    async with World(livekit=False) as running:
        yield running


@pytest.fixture
def shell(site_only: World, tmp_path: Path) -> Shell:
    return Shell(site_only.environment, tmp_path)


@pytest.fixture
def coin(site_only: World) -> DemoCoin:
    return site_only.add_coin("MINTY", "Minty the coin")


async def test_live_tells_the_four_states_apart(
    site_only: World, shell: Shell, coin: DemoCoin
) -> None:
    offline = await shell.run("live", coin.mint)
    coin.go_live("Hello", media=False)
    starting = await shell.run("live", coin.mint, "--json")
    coin.show_media(b"jpeg")
    live = await shell.run("live", f"https://pump.fun/coin/{coin.mint}?x=1")
    site_only.site.fail("livestream", Fault.FORBIDDEN)
    unknown = await shell.run("live", coin.mint, "--json")
    assert [offline.code, starting.code, live.code, unknown.code] == [3, 4, 0, 5]
    assert offline.out == "Minty the coin ($MINTY) is offline.\n"
    assert list(starting.json) == LIVE_KEYS
    assert starting.json["state"] == "starting"
    assert starting.json["coin"]["symbol"] == "MINTY"
    assert live.out.startswith("Minty the coin ($MINTY) is live.\n")
    assert "Hello" in live.out
    assert unknown.json["status"] == "failed"
    assert "refuses" in unknown.json["reason"]


async def test_a_wallet_is_told_from_a_coin_that_sleeps(shell: Shell, coin: DemoCoin) -> None:
    live = await shell.run("live", coin.creator)
    assert live.code == 3
    assert "It may be a wallet" in live.out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["clip", "MINT", "--nope"], 2, "isn't an option"),
        (["clip", "MINT", "1s", "--out", "no/such/folder/a.mp4"], 1, "can't be saved there"),
        (["clip", "WALLET", "1s"], 3, "It may be a wallet"),
    ],
)
async def test_bad_input_gets_one_sentence_and_its_code(
    shell: Shell, coin: DemoCoin, arguments: list[str], code: int, says: str
) -> None:
    (shell.folder / "taken.mp4").write_bytes(b"mine")
    named = {"MINT": coin.mint, "WALLET": coin.creator}
    ran = await shell.run(*(named.get(word, word) for word in arguments))
    assert ran.code == code
    assert says in ran.err
    assert (shell.folder / "taken.mp4").read_bytes() == b"mine"
    assert [path.name for path in shell.folder.iterdir()] == ["taken.mp4"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.SERVER_ERROR,
        *(pytest.param(fault, marks=pytest.mark.soak) for fault in OTHER_FAULTS),
    ],
)
async def test_a_join_that_fails_is_told_with_code_5(
    site_only: World, shell: Shell, coin: DemoCoin, fault: Fault
) -> None:
    coin.go_live()
    site_only.site.fail("join", fault)
    ran = await shell.run("clip", coin.mint, "1s", "--json")
    assert ran.code == 5
    assert ran.json["status"] == "failed"
    assert ran.json["reason"].endswith(".")
    assert list(shell.folder.iterdir()) == []


async def test_a_clip_says_what_it_made_and_one_that_is_stopped_is_kept(
    world: World, tmp_path: Path
) -> None:
    coin = world.add_coin("MINTY", "Minty the coin")
    await world.broadcast(coin, **SMALL)
    shells = [Shell(world.environment, tmp_path / name) for name in ("whole", "stopped")]
    await asyncio.gather(
        a_whole_clip(shells[0], coin), a_stopped_clip(shells[1], coin, signal.SIGINT)
    )


@pytest.mark.soak
async def test_a_closed_terminal_keeps_what_there_is(world: World, tmp_path: Path) -> None:
    """It sends two signals, the kernel's and the shell's."""
    coin = world.add_coin("MINTY", "Minty the coin")
    await world.broadcast(coin, **SMALL)
    shell = Shell(world.environment, tmp_path / "stopped")
    await a_stopped_clip(shell, coin, signal.SIGHUP, signal.SIGHUP)


async def a_whole_clip(shell: Shell, coin: DemoCoin) -> None:
    ran = await shell.run("clip", coin.mint, "2s", "--json")
    assert ran.code == 0
    assert list(ran.json) == CLIP_KEYS
    assert ran.json["status"] == "complete"
    assert re.fullmatch(r"MINTY-\d{8}T\d{6}Z\.mp4", ran.json["path"])
    assert (shell.folder / ran.json["path"]).stat().st_size == ran.json["bytes"]
    assert (ran.json["width"], ran.json["height"]) == (640, 360)
    assert ran.json["source"] == "room"
    words = [line for line in ran.err.splitlines() if line]
    assert words[0] == "asking pump.fun …"
    assert "recording 0 of 2 s …" in words
    assert words[-1] == "saving the clip …"


async def a_stopped_clip(shell: Shell, coin: DemoCoin, *signals: signal.Signals) -> None:
    """Letters that the one who reads does not have change nothing."""
    process = await shell.start("clip", coin.mint, "30s", "--out", "kept.mp4", encoding="ascii")
    assert process.stderr is not None
    async for line in process.stderr:
        if line.startswith(b"recording"):
            break
    await asyncio.sleep(1.0)  # this much is to be kept
    for number in signals:
        process.send_signal(number)
    out, _ = await process.communicate()
    assert process.returncode == 6
    assert "you stopped it" in out.decode()
    assert "(640x360, " in out.decode("ascii")
    assert [path.name for path in shell.folder.iterdir()] == ["kept.mp4"]


async def test_ctrl_c_before_there_is_anything_writes_nothing(
    site_only: World, shell: Shell, coin: DemoCoin
) -> None:
    coin.go_live()
    site_only.site.fail("join", Fault.HANG)
    process = await shell.start("clip", coin.mint, "5s")
    await site_only.site.reached("join")
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert list(shell.folder.iterdir()) == []
