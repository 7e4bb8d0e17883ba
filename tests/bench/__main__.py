"""`python -m tests.bench [--quick] [--only NAME …] [--out FILE]`: measure, row after row.

A full run writes docs/performance.md. A quick or partial one prints its page, unless `--out`
names a file. Exits with 1 where a demand was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Effort, Row, Section
from tests.bench.report import line, machine, page
from tests.bench.rows import (
    browser_page,
    command_line,
    discord,
    fan_out,
    poll,
    postgres,
    retention,
    service,
    shared_files,
    telegram,
)
from tests.bench.rows.clips import (
    clip_writing,
    concurrent_clips,
    cpu,
    join,
    memory,
    recording,
    rings,
    size,
    sync,
)

_PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_ROWS: dict[str, Row] = {
    "join": join.measure,
    "sync": sync.measure,
    "concurrent-clips": concurrent_clips.measure,
    "rings": rings.measure,
    "recording": recording.measure,
    "cpu": cpu.measure,
    "memory": memory.measure,
    "size": size.measure,
    "clip-writing": clip_writing.measure,
    "idle": memory.measure_idle,
    "service": service.measure,
    "command-line": command_line.measure,
    "page": browser_page.measure,
    "poll": poll.measure,
    "fan-out": fan_out.measure,
    "postgres": postgres.measure,
    "shared-files": shared_files.measure,
    "discord": discord.measure,
    "telegram": telegram.measure,
    "retention": retention.measure,
}


def main() -> None:
    """Measure what is asked for."""
    arguments = _arguments()
    names = arguments.only or list(_ROWS)
    machine_line = asyncio.run(machine())
    sections: list[Section] = []
    print(machine_line)
    try:
        for name in names:
            sections += [_measure(name, quick=arguments.quick)]
    finally:  # what was measured is kept, whatever the next row met
        target = arguments.out or (None if arguments.quick or arguments.only else _PAGE)
        before = target.read_text(encoding="utf-8") if target and target.exists() else ""
        _write(page(machine_line, sections, quick=arguments.quick, before=before), target)
    missed = [figure for section in sections for figure in section.figures if figure.holds is False]
    print(f"{len(missed)} demands missed" if missed else "every demand holds")
    sys.exit(1 if missed else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="shorter and fewer, for trying")
    parser.add_argument("--only", nargs="+", choices=_ROWS, metavar="NAME", help=", ".join(_ROWS))
    parser.add_argument("--out", type=Path, help="write the page there")
    return parser.parse_args()


def _measure(name: str, *, quick: bool) -> Section:
    print(f"{name} …", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mintcast-bench-") as folder:
        section = asyncio.run(_ROWS[name](Effort(Path(folder), quick)))
    print("\n".join(line(figure) for figure in section.figures))
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return section


def _write(text: str, target: Path | None) -> None:
    if target is None:
        print(f"\n{text}")
        return
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"written: {target}")


if __name__ == "__main__":
    main()
