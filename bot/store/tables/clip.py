"""Clip jobs, and the padded clips that re-cuts come from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, String, Table, Text

from bot.model import JobState, SourceName
from bot.store.backends import NEVER_REUSE_IDS, row_id
from bot.store.columns import Code, Instant, Word, metadata

clip_jobs = Table(
    "clip_jobs",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("request_key", String, nullable=False, unique=True),
    Column("place_id", BigInteger, ForeignKey("places.id"), nullable=False),
    Column("target_id", BigInteger, ForeignKey("targets.id"), nullable=False, index=True),
    Column("mint", String, nullable=False, index=True),
    Column("person_id", String, nullable=False),
    Column("person_name", String, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("max_bytes", BigInteger, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reply_to", String),
    Column("state", Word(JobState), nullable=False),
    Column("phase", Code()),
    Column("done_seconds", Float, nullable=False, default=0.0),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("leader_id", BigInteger, ForeignKey("clip_jobs.id"), index=True),
    Column("holder", String, key="worker_id"),
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("until", Instant),  # for leases between machines; one process holds without a term
    Column("file_key", String, index=True),
    Column("result", Text),
    Column("error", Code(long=True)),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("expires_at", Instant),
    Column("changed_at", Instant, nullable=False),  # when its state last did
    Column("card_id", String, index=True),
    Column("card_holder", String, key="card_worker_id"),
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("is_ahead", Boolean, nullable=False),
    Column("stream_id", BigInteger, ForeignKey("streams.id"), index=True),  # NULL: not known
    Column("parent_id", BigInteger, ForeignKey("clip_jobs.id"), index=True),
    Column("source", Word(SourceName)),
    Column("stock_key", String, key="padded_clip_key", index=True),
    Column("highlight_id", String),  # NULL, both: it is cut or recorded
    Column("highlight_url", Text),
    Index(None, "state", "id"),
    Index(None, "place_id", "asked_at"),
    Index(None, "person_id", "asked_at"),
    **NEVER_REUSE_IDS,
)

# A few rows: each goes with the file that it names.
padded_clips = Table(
    "stocks",
    metadata,
    Column("key", String, primary_key=True),
    Column("mint", String, nullable=False, index=True),
    Column("ordered_at", Instant, nullable=False),
    Column("begins_at", Instant),  # both are NULL until it is made
    Column("ends_at", Instant),
)
