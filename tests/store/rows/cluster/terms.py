"""Terms that are over before their time."""

from __future__ import annotations

from bot.store import Store
from tests.store.raw_sql import write


def end_terms(store: Store, *names: str) -> None:
    """Of those leases; without a name, of all, and of every node and ring."""
    ended = "UPDATE {} SET until = until - 600000"
    if names:
        write(store.name, f"{ended.format('leases')} WHERE name = ?", [(name,) for name in names])
        return
    for table in ("leases", "nodes", "captures"):
        write(store.name, ended.format(table))
