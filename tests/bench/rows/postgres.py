"""The same as *Watching* and *Fan-out*, on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.alerts.load import claim_and_mark, fan_out
from tests.bench.figures import Effort, Figure, Section
from tests.databases.by_path import databases, instead_of_files
from tests.databases.postgres import Cluster
from tests.watch.load import poll_cost

_HOW = """\
A PostgreSQL server of the bench's own on this machine, whose commits are flushed to disk. A coin
with 10,000 targets goes live where 100,000 older alerts are kept: *owed* is until what each is owed
is committed. *Claimed and marked* is with a platform that answers at once and allows any rate: each
message is claimed, marked as being sent, and marked as sent. The watcher is measured as above.
Beside each figure stands SQLite's in the same run."""
_OWED, _RATE, _CPU = 1.0, 200.0, 6.0


async def measure(effort: Effort) -> Section:
    """Both kinds, one after the other."""
    targets, old = effort.times(10_000, 1_000), effort.times(100_000, 2_000)
    messages, ticks = effort.times(3_000, 300), effort.times(60, 6)
    by_file = await _measured(effort, targets, old, messages, ticks)
    async with _on_postgres():
        by_server = await _measured(effort, targets, old, messages, ticks)
    owed, rate, cpu = by_server
    return Section("PostgreSQL", _HOW, [
        Figure(f"{targets} owed over {old} old rows", f"{owed:.2f} s (SQLite {by_file[0]:.2f} s)",
               f"< {_OWED:g} s", owed < _OWED),
        Figure("claimed and marked", f"{rate:.0f} rows a second (SQLite {by_file[1]:.0f})",
               f"≥ {_RATE:g}", rate >= _RATE),
        Figure("CPU of the watcher, its HTTP and its database connection",
               f"{cpu:.2f} % of a core (SQLite {by_file[2]:.2f} %)", f"< {_CPU:g} %", cpu < _CPU),
    ])  # fmt: skip


async def _measured(
    effort: Effort, targets: int, old: int, messages: int, ticks: int
) -> tuple[float, float, float]:
    """Seconds until all is owed, rows a second, per cent of a core."""
    owed = await fan_out(targets, old=old)
    rate = await claim_and_mark(messages)
    cost = await poll_cost(effort.folder, ticks=ticks)
    return owed.commit_seconds, rate, cost.cpu_percent


@contextlib.asynccontextmanager
async def _on_postgres() -> AsyncIterator[None]:
    with contextlib.ExitStack() as stack:
        made = await asyncio.to_thread(stack.enter_context, databases(Cluster(durable=True)))
        stack.enter_context(instead_of_files(made))
        yield
