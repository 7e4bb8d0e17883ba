"""The tables. Whoever changes one writes a migration too; a test holds them against each other.

Columns are named as the fields of `bot.model` that they keep; where not, the field is their `key`.
Epochs and workers guard what is claimed: whoever completes a claim names both, and is refused once
another has claimed it. Most ids are never given twice, for keys and buttons outlive their rows.
"""

from pathlib import Path

from bot.store.backends import Schema
from bot.store.columns import metadata
from bot.store.tables.clip import clip_jobs, padded_clips
from bot.store.tables.cluster import (
    captures,
    file_chunks,
    files,
    lease_history,
    leases,
    nodes,
    taken_updates,
)
from bot.store.tables.delivery import (
    deliveries,
    is_busy,
    is_open,
    page_events,
    page_messages,
    uploads,
)
from bot.store.tables.place import key_values, places, preferences, subscriptions, targets, undos
from bot.store.tables.stream import coins, is_open_stream, recordings, site_ids, streams

SCHEMA = Schema(metadata, Path(__file__).parents[1] / "migrations")

__all__ = [
    "SCHEMA",
    "captures",
    "clip_jobs",
    "coins",
    "deliveries",
    "file_chunks",
    "files",
    "is_busy",
    "is_open",
    "is_open_stream",
    "key_values",
    "lease_history",
    "leases",
    "metadata",
    "nodes",
    "padded_clips",
    "page_events",
    "page_messages",
    "places",
    "preferences",
    "recordings",
    "site_ids",
    "streams",
    "subscriptions",
    "taken_updates",
    "targets",
    "undos",
    "uploads",
]
