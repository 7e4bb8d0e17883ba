"""What a process takes, read from outside, and how figures are summed up."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence

import psutil

MEGABYTE = 1_000_000


def rss(pid: int) -> float:
    """Resident memory of a process, in MB."""
    return psutil.Process(pid).memory_info().rss / MEGABYTE


async def cpu_share(pid: int, seconds: float) -> float:
    """CPU seconds that all threads of a process take for each second, over the next `seconds`."""
    process = psutil.Process(pid)
    before, began = _used(process), time.monotonic()
    await asyncio.sleep(seconds)
    return (_used(process) - before) / (time.monotonic() - began)


async def highest_rss(pid: int, seconds: float) -> float:
    """The most memory that is seen in the next `seconds`, four looks a second, in MB."""
    return max([size for _, size in await rss_over(pid, seconds, every=0.25)])


async def rss_over(pid: int, seconds: float, every: float) -> list[tuple[float, float]]:
    """(second, MB) every `every` seconds."""
    began, seen = time.monotonic(), []
    while (age := time.monotonic() - began) < seconds:
        seen.append((age, rss(pid)))
        await asyncio.sleep(every)
    return seen


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least `share` of all do not exceed: of ten, p95 is the worst."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By how much y grows with each x, by least squares."""
    xs, ys = zip(*points, strict=True)
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    across = sum((x - middle_x) ** 2 for x in xs)
    return float(sum((x - middle_x) * (y - middle_y) for x, y in points) / across)


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
