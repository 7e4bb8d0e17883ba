"""A million rows move both ways within minutes, in as much memory as a few take."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from bot.store import report_database
from tests.databases.postgres import Cluster
from tests.store.copying.rows import TABLES, value

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

FEW, ROWS = 20_000, 1_000_000
BODY = '{"lines": "' + 300 * "x" + '"}'
SECONDS = 180
MOST_MORE = 16 << 20
"""Bytes by which a million rows may exceed a few batches."""


def fill(path: Path, rows: int) -> None:
    """With alerts of one target, as large as real ones."""
    deliveries = next(table for table in TABLES if table.name == "deliveries")
    fixed = {"target_id": 1, "stream_id": None, "job_id": None, "body": BODY, "state": "sent"}
    row = [fixed.get(column.name, value(deliveries, column, 1)) for column in deliveries.c]
    key = list(deliveries.c.keys()).index("key")
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("INSERT INTO places VALUES (1, 'local', 'page', 'Page')")
        targets = "INSERT INTO targets VALUES (1, 1, 'page', 'Page', 'local', NULL, NULL)"
        connection.execute(targets)
        marks = ", ".join("?" * len(row))
        connection.executemany(
            f"INSERT INTO deliveries VALUES ({marks})",
            ([n, *row[1:key], f"alert:{n}", *row[key + 1 :]] for n in range(1, rows + 1)),
        )


async def move(source: str, target: str) -> tuple[float, int]:
    """The seconds that it took, and the most bytes that it had."""
    began = time.monotonic()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, source, target), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    assert child.returncode == 0
    return time.monotonic() - began, int(out.split()[-1])


CHILD = """
import resource, sys
from bot.cli import main
try:
    sys.argv[1:] = ["move-store", *sys.argv[1:]]
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)
"""


async def test_a_million_rows(empty_database: Path, tmp_path: Path) -> None:
    took: dict[str, tuple[float, int]] = {}
    with Cluster(durable=True) as cluster:
        for rows in (FEW, ROWS):
            path, back = tmp_path / f"{rows}.db", tmp_path / f"{rows}-back.db"
            shutil.copy(empty_database, path)
            await asyncio.to_thread(fill, path, rows)
            cluster.execute(f"CREATE DATABASE of_{rows}")
            server = cluster.address(f"of_{rows}").url
            took[f"{rows} there"] = await move(str(path), server)
            took[f"{rows} back"] = await move(server, str(back))
            counted = (await report_database(back)).rows["deliveries"]
            assert counted == rows
    print(f"cores {os.cpu_count()}, load {os.getloadavg()[0]:.1f}", took)
    for way in ("there", "back"):
        assert took[f"{ROWS} {way}"][0] < SECONDS
        assert took[f"{ROWS} {way}"][1] < took[f"{FEW} {way}"][1] + MOST_MORE
