"""Who does what, where several nodes share one database. One node alone writes none of it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.backends import NEVER_REUSE_IDS, row_id
from bot.store.columns import Instant, metadata

# `until` is by the database's clock, here and in the tables below.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)

# Each time that one was won: for those who look into what happened.
lease_history = Table(
    "lease_history",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("name", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("won_at", Instant, nullable=False),
    Column("last_until", Instant),  # when the term before it was over; NULL: there was none
    UniqueConstraint("name", "epoch"),
    **NEVER_REUSE_IDS,
)

nodes = Table(
    "nodes",
    metadata,
    Column("worker_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("version", String, nullable=False),
    Column("roles", String, nullable=False),  # their names, with commas
    Column("ring_places", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)

# Whose ring of a coin is.
captures = Table(
    "captures",
    metadata,
    Column("mint", String, primary_key=True),
    Column("holder", String, nullable=False, key="worker_id"),
    Column("epoch", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
    Column("cost_millicores", Integer, nullable=False),
    Column("oldest_at", Instant),  # what is at hand; NULL, both: nothing
    Column("newest_at", Instant),
)

# What would else lie in a folder: clips, their posters, pictures. In chunks, since one write holds
# up all others.
files = Table(
    "files",
    metadata,
    Column("key", String, primary_key=True),
    Column("bytes", BigInteger),  # NULL: it is not whole yet
    Column("changed_at", Instant, nullable=False, index=True),
)

file_chunks = Table(
    "file_chunks",
    metadata,
    Column("key", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

# Updates of Telegram that were taken, and are not handled yet.
taken_updates = Table(
    "taken_updates",
    metadata,
    Column("bot_id", String, primary_key=True),
    Column("update_id", BigInteger, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
