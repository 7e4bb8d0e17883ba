"""How a database finds the rows of a statement, whichever database it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.databases import by_path
from tests.store.raw_sql import ask

_AS_IF_LARGE = (
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_bitmapscan = off",
    "SET LOCAL enable_sort = off",
)
"""Of a table without rows PostgreSQL would read all. It does so yet where no index helps."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`indexes` that it reads, in its order, keys apart; tables that it reads whole; whether it
    sorts what it has read."""

    indexes: list[str]
    whole: list[str]
    sorts: bool


def plan_of(database: Path | str, sql: str, parameters: Any = ()) -> Plan:
    """Of that statement, with these parameters."""
    if by_path.in_use() is None:
        told_by_file = ask(database, f"EXPLAIN QUERY PLAN {sql}", parameters)
        return _of_sqlite([str(row[3]) for row in told_by_file])
    nodes = list(_of_server(database, sql, parameters, _AS_IF_LARGE))
    return Plan(
        [node["Index Name"] for node in nodes if "Index Name" in node],
        [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"],
        any(node["Node Type"] == "Sort" for node in nodes),
    )


def read_whole(database: str, sql: str, parameters: Any) -> set[str]:
    """Of PostgreSQL: tables that it reads to their end, such as they are."""
    nodes = _of_server(database, sql, parameters, ())
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}


def _of_server(
    database: Path | str, sql: str, parameters: Any, settings: Sequence[str]
) -> Iterator[dict[str, Any]]:
    others = by_path.in_use()
    assert others is not None
    told = others.fetch(str(database), f"EXPLAIN (FORMAT JSON) {sql}", parameters, settings)
    return _nodes(json.loads(told[0][0])[0]["Plan"])


def _of_sqlite(lines: list[str]) -> Plan:
    steps = [line.split() for line in lines]
    whole = [step[1] for step in steps if step[0] == "SCAN" and "INDEX" not in step]
    return Plan(
        [step[step.index("INDEX") + 1] for step in steps if "INDEX" in step],
        [name for name in whole if not name.startswith("anon_")],  # what another step has found
        any("B-TREE" in step for step in steps),
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
