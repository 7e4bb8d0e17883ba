"""What pump.fun shows: coins, their streams, and the recordings of these."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from bot.model import StreamState
from bot.store.backends import NEVER_REUSE_IDS, only_where, row_id
from bot.store.columns import Instant, Word, metadata

coins = Table(
    "coins",
    metadata,
    Column("mint", String, primary_key=True),
    Column("symbol", String, nullable=False),
    Column("name", String, nullable=False),
    Column("image", Text),
    Column("creator", String),
    Column("picture_key", String),
    Column("nsfw", Boolean),  # NULL here and below: nothing was heard of it
    Column("is_banned", Boolean),
    Column("streams_banned_until", Instant),
)

streams = Table(
    "streams",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("mint", String, nullable=False),
    Column("state", Word(StreamState), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("started_at", Instant),
    Column("announced_at", Instant),
    Column("paused_at", Instant),
    Column("ended_at", Instant),
    Column("title", Text, nullable=False),
    Column("viewers", Integer),
    Column("peak_viewers", Integer),
    Column("thumbnail", Text),
    Column("thumbnail_updated_at", Instant),
    Column("picture_key", String),
    Column("picture_at", Instant),  # what it shows; NULL: nobody knows
    Column("moving_key", String),
    Column("moving_about", Text),  # JSON: its length, its size, when it was on air
    Column("changed_at", Instant, nullable=False),  # when title or viewers last did
    # The id of the site's own; NULL: none is known.
    Column("session_clip", String, key="whole_stream"),
    # When it is looked for; NULL: it is not, or no more.
    Column("session_due_at", Instant, key="whole_stream_due_at"),
    Index(None, "mint", "id"),
    **NEVER_REUSE_IDS,
)

# With a literal, and alike in the index and in queries: see `is_open`.
is_open_stream: ColumnElement[bool] = streams.c.state != literal_column("'ended'")
"""It is not over."""

# One open stream a mint: the database itself refuses a second.
Index(
    "uq_streams_open",
    streams.c.mint,
    unique=True,
    **only_where(is_open_stream),
)

Index(
    "ix_streams_session_due_at",
    streams.c.whole_stream_due_at,
    **only_where(streams.c.whole_stream_due_at.is_not(None)),
)

site_ids = Table(
    "site_ids",
    metadata,
    Column("stream_id", BigInteger, ForeignKey("streams.id"), primary_key=True),
    Column("site_id", BigInteger, primary_key=True),
    Column("seen_at", Instant, nullable=False),
)

# Found by its stream by means of the constraint's own index.
recordings = Table(
    "recordings",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("stream_id", BigInteger, ForeignKey("streams.id"), nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("stamp", String, nullable=False),
    Column("master_url", Text, key="master", nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("retired_at", Instant),  # NULL: it is the newest
    Column("first_media_at", Instant),  # of earlier versions; neither written nor read
    Column("delay_ms", Integer),
    UniqueConstraint("stream_id", "site_id", "stamp"),
    **NEVER_REUSE_IDS,
)
