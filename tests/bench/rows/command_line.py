"""The command line: what `--help` costs, and how soon `live` and `clip` ask pump.fun."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import percentile

_HOW = """\
Each time a new process with warm files. *CPU* is user and system time of the whole process;
`import typer` is what any command line made with it takes. *Asks* is from starting the process to
the first byte of its first request, at a server on this machine, and the processor time that the
process had taken by then. A terminal changes nothing: the bar comes once there is an answer."""
_HELP, _ASKS = 0.2, 0.5
_MINT = "So11111111111111111111111111111111111111112"
_MINTCAST = (sys.executable, "-m", "bot")


async def measure(effort: Effort) -> Section:
    """In turns, so that whatever else the machine does is shared."""
    costs: dict[str, list[float]] = {"import typer": [], "--help": [], "--version": []}
    asks: dict[str, list[tuple[float, float]]] = {"live": [], "clip": []}
    for _ in range(effort.times(11, 3)):
        costs["import typer"].append(await _cost(sys.executable, "-c", "import typer"))
        for option in ("--help", "--version"):
            costs[option].append(await _cost(*_MINTCAST, option))
        for command, found in asks.items():
            found.append(await _ask(effort.folder, command))
    return Section("The command line", _HOW, [
        *(_cost_figure(name, found) for name, found in costs.items()),
        *(_ask_figure(name, found) for name, found in asks.items()),
    ])  # fmt: skip


def _cost_figure(name: str, found: list[float]) -> Figure:
    value = f"{1000 * percentile(found, 0.5):.0f} ms"
    if not name.startswith("--"):
        return Figure(f"`{name}`: CPU, median of {len(found)}", value)
    return Figure(
        f"`mintcast {name}`: CPU, median of {len(found)}",
        value,
        f"≤ {1000 * _HELP:.0f} ms",
        percentile(found, 0.5) <= _HELP,
    )


def _ask_figure(name: str, found: list[tuple[float, float]]) -> Figure:
    waited = percentile([seconds for seconds, _ in found], 0.5)
    cpu = percentile([used for _, used in found], 0.5)
    return Figure(
        f"`mintcast {name}` asks after, median of {len(found)}",
        f"{1000 * waited:.0f} ms ({1000 * cpu:.0f} ms of CPU)",
        f"≤ {1000 * _ASKS:.0f} ms",
        waited <= _ASKS,
    )


async def _cost(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def _ask(folder: Path, command: str) -> tuple[float, float]:
    """Seconds until the first request, and of CPU until then."""
    async with _silent_site() as (origin, asked):
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(*_MINTCAST, command, _MINT),
            cwd=folder,
            env={
                **os.environ,
                "MINTCAST_CONFIG": os.devnull,
                "MINTCAST_PUMPFUN__LIVESTREAM_URL": origin,
                "MINTCAST_PUMPFUN__FRONTEND_URL": origin,
            },
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        at = await asked
        times = psutil.Process(process.pid).cpu_times()
        process.kill()
        await process.wait()
        return at - began, times.user + times.system


@contextlib.asynccontextmanager
async def _silent_site() -> AsyncIterator[tuple[str, asyncio.Future[float]]]:
    """Answers nobody; the future tells when somebody asked first."""
    asked: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        if not asked.done():
            asked.set_result(time.monotonic())
        await reader.read()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
