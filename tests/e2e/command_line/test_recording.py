"""`mintcast clip --ago`, `--from` and `--source recording`: real children, a recording that grows.
Numbers in the pictures prove which moments a clip shows."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.common import Exit
from bot.demo.recording.faults import ListFault
from bot.demo.recording.options import LOW, RecordingOptions
from bot.demo.recording.recorder import Recorder
from bot.demo.site.coins import DemoCoin
from bot.demo.site.server import Fault
from bot.demo.world import World
from bot.model import Window
from tests.clip_judge import judge
from tests.clips.sources.recording.harness import off, shown
from tests.e2e.command_line.shell import Ran, Shell
from tests.patience import PATIENCE

OPTIONS = RecordingOptions(rungs=(LOW,))
AHEAD = 12 - datetime.now(UTC).hour
"""Hours by which the clocks of the command's machine are ahead of UTC: it is noon there, and
nothing lies on the day before."""
ON_AIR = 600.0
LATE = 20.0
"""Seconds that a busy machine may take until a command asks."""
NEAR = 1.7
"""Seconds. A clip begins at the nearest keyframe, and these are two seconds apart; when the newest
segment came is known to half a second."""


class RecordingShell(Shell):
    """Its temporary files go to a folder that has to be empty when a command ends."""

    def __init__(self, world: World, coin: DemoCoin, folder: Path) -> None:
        self.coin, self.temporary = coin, folder / "temporary"
        self.temporary.mkdir()
        told = {
            "MINTCAST_RECORDING__DELAY_SECONDS": str(OPTIONS.delay),
            "TMPDIR": str(self.temporary),
            "TZ": f"HERE{-AHEAD}",
        }
        super().__init__({**world.environment, **told}, folder / "made")

    @property
    def recorder(self) -> Recorder:
        assert self.coin.recorder is not None
        return self.coin.recorder

    async def prepare(self, begins: float, ends: float) -> None:
        """Make what was on air from so many seconds ago until so many: on a busy machine that
        takes longer than the command waits for a segment."""
        spare = 2 * OPTIONS.segment
        await self.recorder.prepare(begins - ends + 2 * spare, ago=ends - OPTIONS.delay - spare)

    async def cut(self, *arguments: str) -> Ran:
        return await self.run("clip", self.coin.mint, *arguments)

    async def waits(self, *arguments: str) -> asyncio.subprocess.Process:
        """One that waits for the recording."""
        process = await self.start("clip", self.coin.mint, *arguments)
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while b"catch up" not in (line := await process.stderr.readline()):
                assert line
        return process

    async def ended(self, process: asyncio.subprocess.Process) -> Ran:
        ran = await super().ended(process)
        assert list(self.temporary.iterdir()) == []
        return ran

    async def shows(self, name: str) -> Window:
        return shown(
            await asyncio.to_thread(judge, self.folder / name), self.recorder.programme.zero
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World(livekit=False, recordings=OPTIONS) as running:
        yield running


@pytest.fixture
def shell(world: World, tmp_path: Path) -> RecordingShell:
    coin = world.add_coin("MINTY", "Minty the coin")
    world.record(coin, past=ON_AIR, width=320, height=180)
    return RecordingShell(world, coin, tmp_path)


def window_of(told: Any) -> Window:
    return Window(datetime.fromisoformat(told["from"]), datetime.fromisoformat(told["to"]))


async def test_a_while_ago_is_what_was_on_then(shell: RecordingShell) -> None:
    await shell.prepare(130.0, 120.0 - LATE)
    before = datetime.now(UTC)
    ran = await shell.cut("10s", "--ago", "2m", "--json")
    assert ran.code == Exit.DONE, ran.err
    told = ran.json
    assert (told["status"], told["source"]) == ("complete", "recording")
    assert told["delay_seconds"] == pytest.approx(OPTIONS.delay, abs=0.1)
    assert told["delay_is_measured"] is False
    assert told["gaps"] == {"count": 0, "longest_seconds": 0.0}
    asked, said = window_of(told["window"]["asked"]), window_of(told["window"]["shown"])
    assert asked.seconds == pytest.approx(10.0, abs=0.01)
    assert (
        timedelta(0) <= asked.ends_at - (before - timedelta(minutes=2)) <= timedelta(seconds=LATE)
    )
    real = await shell.shows(told["path"])
    assert max(map(abs, off(real, asked))) <= NEAR
    assert max(map(abs, off(real, said))) <= 0.7
    assert [path.name for path in shell.folder.iterdir()] == [told["path"]]


@pytest.mark.soak
async def test_a_time_of_day_is_that_of_this_machine_and_said_so(shell: RecordingShell) -> None:
    begins_at = datetime.now(UTC) - timedelta(minutes=5)
    await shell.prepare(300.0, 290.0)
    local = (begins_at + timedelta(hours=AHEAD)).replace(microsecond=0, tzinfo=None)
    ran = await shell.cut("10s", "--from", f"{local:%H:%M:%S}", "--out", "then.mp4")
    assert ran.code == Exit.DONE, ran.err
    file, times = ran.out.splitlines()
    assert file.startswith("then.mp4  (320×180, ")
    found = re.fullmatch(
        r"From (\d\d:\d\d:\d\d) to (\d\d:\d\d:\d\d) \(about: pump\.fun's recording is taken to run"
        r" (\d+(?:\.\d)?) s behind\)",
        times,
    )
    assert found, times
    assert float(found[3]) == pytest.approx(OPTIONS.delay, abs=0.1)
    told = datetime.combine(local, time.fromisoformat(found[1]))
    assert abs(told - local) <= timedelta(seconds=NEAR)
    wanted = Window.after(begins_at.replace(microsecond=0), 10.0)
    assert max(map(abs, off(await shell.shows("then.mp4"), wanted))) <= NEAR


@pytest.mark.soak
async def test_the_last_seconds_are_waited_for_and_it_says_how_far_it_is(
    shell: RecordingShell,
) -> None:
    await shell.recorder.prepare(2.0)  # its process runs: what is to come is made in no time
    ran = await shell.cut("10s", "--source", "recording", "--json")
    assert ran.code == Exit.DONE, ran.err
    words = ran.err.splitlines()
    assert words[0] == "asking pump.fun …"
    waits = r"waiting for pump\.fun's recording to catch up, \d of 10 s …"
    assert re.fullmatch(waits, words[1])
    assert words[2:] == ["saving the clip …"]
    asked = window_of(ran.json["window"]["asked"])
    assert max(map(abs, off(await shell.shows(ran.json["path"]), asked))) <= NEAR


async def test_who_stops_it_while_it_waits_keeps_what_is_there(shell: RecordingShell) -> None:
    await shell.recorder.prepare(20.0)
    process = await shell.waits("30s", "--source", "recording", "--out", "kept.mp4")
    assert [path.stat().st_mode & 0o777 for path in shell.temporary.iterdir()] == [0o700]
    process.send_signal(signal.SIGINT)
    ran = await shell.ended(process)
    assert ran.code == Exit.PARTIAL
    assert re.search(r"Only \d\d(\.\d)? of 30 s: you stopped it\.", ran.out)
    assert [path.name for path in shell.folder.iterdir()] == ["kept.mp4"]


async def test_who_stops_it_before_anything_is_there_gets_nothing(shell: RecordingShell) -> None:
    process = await shell.waits("2s", "--source", "recording", "--json")
    process.send_signal(signal.SIGTERM)
    ran = await shell.ended(process)
    assert (ran.code, ran.json["status"]) == (Exit.INTERRUPTED, "failed")
    assert ran.json["reason"] == "Stopped before anything was recorded. No file was written."
    assert list(shell.folder.iterdir()) == []


async def test_who_stops_it_while_pumpfun_is_asked_gets_nothing(
    world: World, shell: RecordingShell
) -> None:
    world.site.fail("masters", Fault.HANG)
    process = await shell.start("clip", shell.coin.mint, "2s", "--ago", "1m")
    await world.site.reached("masters")
    process.send_signal(signal.SIGINT)
    ran = await shell.ended(process)
    assert (ran.code, ran.err.splitlines()[-1]) == (Exit.INTERRUPTED, "Stopped.")
    assert list(shell.folder.iterdir()) == []


async def test_what_cannot_be_had_gets_one_sentence_that_says_why(
    world: World, shell: RecordingShell
) -> None:
    early = await shell.cut("10s", "--ago", "15m")
    assert early.code == Exit.NO_MEDIA
    assert "pump.fun's recording begins only at " in early.err
    soon = datetime.now(UTC) - timedelta(seconds=2)
    unfinished = await shell.cut("30s", "--from", soon.isoformat())
    assert unfinished.code == Exit.USAGE
    assert re.search(r"The last 2\d s of that are still to come\.", unfinished.err)
    shell.recorder.fail(ListFault.FROZEN, count=100)
    standing = await shell.cut("10s", "--ago", "1m")
    assert standing.code == Exit.NO_MEDIA
    assert "pump.fun's recording reaches only up to " in standing.err
    shell.recorder.heal()
    shell.recorder.fail(ListFault.KEY)
    foreign = await shell.cut("10s", "--ago", "1m", "--json")
    assert (foreign.code, foreign.json["status"]) == (Exit.NOT_ASKED, "failed")
    assert foreign.json["reason"].startswith("pump.fun's recording can't be used: ")
    shell.recorder.heal()
    world.site.fail("masters", Fault.ORIGIN_DOWN)
    down = await shell.cut("10s", "--ago", "1m")
    assert down.code == Exit.NOT_ASKED
    assert "pump.fun's recordings can't be reached right now. Try again in a minute." in down.err
    world.site.heal()
    shell.coin.end()
    offline = await shell.cut("10s", "--ago", "1m")
    assert offline.code == Exit.OFFLINE
    assert "is offline. pump.fun says where a stream's recording is only while it's on. /clip" in (
        offline.err
    )
    assert list(shell.folder.iterdir()) == []


async def test_a_stream_that_nobody_records_yet_has_only_what_comes(
    world: World, shell: RecordingShell
) -> None:
    shell.coin = world.add_coin("FRESH", "Just begun")
    shell.coin.go_live("Hello", media=False)
    ran = await shell.cut("10s", "--ago", "1m")
    assert ran.code == Exit.NO_MEDIA
    assert ran.err.endswith(
        "pump.fun has no recording of this stream, or none yet. Leave out --ago, --from and"
        " --source to record from now on.\n"
    )
