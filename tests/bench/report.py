"""The page of figures, with the machine that they were measured on."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bot.demo.livekit.server import find_server
from tests.bench.figures import Figure, Section

_HEAD = """\
# Performance

Written by `make bench` (`python -m tests.bench`), which keeps its last part, *By hand*. Everything
runs on one machine: the site's look-alike, the stand-ins of Discord and Telegram, the real LiveKit
server, the publisher and Mintcast. MB are 10⁶ bytes. CPU and speed are compared only within one
run. What must hold is asserted at full length by `make soak`.
"""

_BY_HAND = "\n## By hand\n"


async def machine() -> str:
    """One line: when, on what, with which versions."""
    cores = len(os.sched_getaffinity(0))
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{cores} cores of {_cpu_model()}",
        f"load {os.getloadavg()[0]:.1f} before",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"livekit {version('livekit')}",
        f"av {version('av')}",
        await _server_version(),
    ]
    return ", ".join(parts) + "."


def page(machine_line: str, sections: Sequence[Section], *, quick: bool, before: str = "") -> str:
    """The whole page as Markdown. What was measured by hand is kept of the page `before`."""
    warning = ["**A quick trial run: shorter and fewer than promised.**", ""] if quick else []
    parts = [_HEAD, *warning, machine_line, ""]
    for section in sections:
        parts += [f"## {section.title}", "", section.how, "", *_table(section.figures), ""]
    _, title, by_hand = before.partition(_BY_HAND)
    return "\n".join(parts).rstrip() + "\n" + title + by_hand


def line(figure: Figure) -> str:
    """A figure for the terminal."""
    mark = {True: "ok", False: "MISSED", None: ""}[figure.holds]
    demand = f" (demand: {figure.demand})" if figure.demand else ""
    return f"  {figure.name}: {figure.value}{demand} {mark}".rstrip()


def _table(figures: Sequence[Figure]) -> list[str]:
    rows = ["| figure | value | demand | holds |", "|---|---|---|---|"]
    for figure in figures:
        holds = {True: "yes", False: "**no**", None: ""}[figure.holds]
        rows.append(f"| {figure.name} | {figure.value} | {figure.demand} | {holds} |")
    return rows


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown make"
    names = (text.partition(":")[2].strip() for text in lines if text.startswith("model name"))
    return next(names, "unknown make")


async def _server_version() -> str:
    program = find_server()
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        str(program), "--version", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return said.decode().strip()
