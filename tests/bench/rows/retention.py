"""What it costs the others that a long history is forgotten."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.app.load import growth, wait_for_writer
from tests.bench.figures import Effort, Figure, Section

_HOW = """\
A database of 200,000 alerts, each older than `keep_days`, is tidied as the service does it, in real
time, while somebody else writes one small row a hundred times a second: how long that one waits for
the right to write. Then the file's size after as many new alerts have come as went."""
_WAIT, _GROWTH = 0.05, 1.05


async def measure(effort: Effort) -> Section:
    """Tidy for a while; then, with fewer rows, all of it and once more."""
    waits = await wait_for_writer(
        effort.folder, effort.times(200_000, 20_000), effort.seconds(60, 5)
    )
    with tempfile.TemporaryDirectory(dir=effort.folder) as folder:
        grown = await growth(Path(folder), effort.times(20_000, 5_000))
    return Section("Forgetting", _HOW, [
        Figure("rows removed", f"{waits.removed / waits.seconds:.0f} a second"),
        Figure("another write waited for, before", _times(waits.before)),
        Figure("another write waited for, meanwhile", _times(waits.meanwhile),
               f"≤ {1000 * _WAIT:g} ms", waits.meanwhile[-1] <= _WAIT),
        Figure("the log of the database", f"{waits.wal_bytes / (1 << 20):.1f} MiB"),
        Figure("the file, with a new history in place of the old", f"× {grown:.2f}",
               f"≤ × {_GROWTH:g}", grown <= _GROWTH),
    ])  # fmt: skip


def _times(waits: Sequence[float]) -> str:
    p99 = waits[int(len(waits) * 0.99)]
    return f"{1000 * p99:.1f} ms (p99), {1000 * waits[-1]:.1f} ms at most"
