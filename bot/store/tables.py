"""The tables. Whoever changes one writes a migration too; a test holds them against each other.

Columns are named as the fields of `bot.model` that they keep; where not, the field is their `key`.
Epochs and workers guard what is claimed: whoever completes a claim names both, and is refused once
another has claimed it. Most ids are never given twice, for keys and buttons outlive their rows.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
    or_,
)

from bot.model import (
    DeliveryKind,
    DeliveryState,
    JobState,
    Preference,
    Scope,
    SourceName,
    StreamState,
    SubjectKind,
    UndoKind,
)
from bot.store.backends import NEVER_REUSE_IDS, Schema, only_where, row_id
from bot.store.columns import Code, Instant, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SCHEMA = Schema(metadata, Path(__file__).with_name("migrations"))

places = Table(
    "places",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("platform", String, nullable=False),
    Column("key", String, nullable=False),
    Column("name", String, nullable=False),
    UniqueConstraint("platform", "key"),
    **NEVER_REUSE_IDS,
)

targets = Table(
    "targets",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("place_id", BigInteger, ForeignKey("places.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("name", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("disabled", Code()),  # why (`bot.texts.alerts` has the words); NULL: it is not
    Column("switched_at", Instant),  # when it was last disabled or enabled
    UniqueConstraint("place_id", "key"),
    **NEVER_REUSE_IDS,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("target_id", BigInteger, ForeignKey("targets.id"), nullable=False),
    Column("subject_kind", Word(SubjectKind), nullable=False),
    Column("subject", String, nullable=False),
    Column("person_id", String, nullable=False),
    Column("person_name", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("checked_at", Instant),
    UniqueConstraint("target_id", "subject_kind", "subject"),
    Index(None, "subject_kind", "subject"),
    **NEVER_REUSE_IDS,
)

# `owner_id` is the id of a place, a target or a subscription, as `scope` says.
preferences = Table(
    "preferences",
    metadata,
    Column("scope", Word(Scope), primary_key=True),
    Column("owner_id", BigInteger, primary_key=True),
    Column("name", Word(Preference), primary_key=True),
    Column("value", Text, nullable=False),
)

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
    Column("first_media_at", Instant),
    Column("delay_ms", Integer),
    UniqueConstraint("stream_id", "site_id", "stamp"),
    **NEVER_REUSE_IDS,
)

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
    Column("card_id", String),
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

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("target_id", BigInteger, ForeignKey("targets.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("kind", Word(DeliveryKind), nullable=False),
    Column("stream_id", BigInteger, ForeignKey("streams.id"), index=True),
    Column("job_id", BigInteger, ForeignKey("clip_jobs.id")),
    Column("sender", String, nullable=False),
    Column("state", Word(DeliveryState), nullable=False, index=True),
    Column("wanted", Integer, nullable=False, default=1),
    Column("shown", Integer, nullable=False, default=0),
    Column("priority", Integer, nullable=False),
    Column("silent", Boolean, nullable=False, default=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),  # when its state last did, put-offs apart
    Column("attempts", Integer, nullable=False, default=0),
    Column("holder", String, key="worker_id"),
    Column("epoch", BigInteger, nullable=False, default=0),
    Column("until", Instant),  # for leases between machines; one process holds without a term
    Column("message_id", String),
    Column("reply_to", String),
    Column("error", Code(long=True)),
    Column("sent_at", Instant),
    Column("shown_at", Instant),
    Column("body", Text),
    Column("mention", String),
    UniqueConstraint("target_id", "key"),
    **NEVER_REUSE_IDS,
)

_DUE: ColumnElement[str] = literal_column("'due'")
_SENT: ColumnElement[str] = literal_column("'sent'")
_CLAIMED: ColumnElement[str] = literal_column("'claimed'")
_SENDING: ColumnElement[str] = literal_column("'sending'")


def is_open(table: FromClause) -> ColumnElement[bool]:
    """There is a difference to close: never shown, or shown less than is wanted.

    Written with literals, and alike in indexes and queries: an index of some rows only is used
    for the very condition that it was made with.
    """
    row = table.c
    return or_(row.state == _DUE, and_(row.state == _SENT, row.wanted > row.shown))


def is_busy(table: FromClause) -> ColumnElement[bool]:
    """Somebody is at it. Literals as in `is_open`."""
    return or_(table.c.state == _CLAIMED, table.c.state == _SENDING)


def _partial(name: str, where: ColumnElement[bool], *columns: str) -> Index:
    rows = (deliveries.c[column] for column in columns)
    return Index(name, *rows, **only_where(where))


_OPEN, _BUSY = is_open(deliveries), is_busy(deliveries)
_partial("ix_deliveries_claim", _OPEN, "sender", "priority", "due_at", "id")  # in claiming order
_partial("ix_deliveries_open", _OPEN, "target_id", "priority", "due_at", "id")
_partial("ix_deliveries_busy", _BUSY, "target_id")
_partial("ix_deliveries_job_id", deliveries.c.job_id.is_not(None), "job_id")
_partial("ix_deliveries_mention", deliveries.c.mention.is_not(None), "target_id", "sent_at")

uploads = Table(
    "uploads",
    metadata,
    Column("sender", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("remote_id", Text, nullable=False),
    Column("uploaded_at", Instant, nullable=False),
)

page_messages = Table(
    "page_messages",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("nonce", String, unique=True),
    Column("kind", String, nullable=False),
    Column("reply_to", String),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    **NEVER_REUSE_IDS,
)

page_events = Table(
    "page_events",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("message_id", BigInteger, nullable=False),
    Column("change", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("reply_to", String),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    **NEVER_REUSE_IDS,
)

key_values = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

# A few rows: each lives for half a minute, or for a day where it was used.
undos = Table(
    "undos",
    metadata,
    Column("id", row_id, primary_key=True),
    Column("target_id", BigInteger, ForeignKey("targets.id"), nullable=False, index=True),
    Column("person_id", String, nullable=False),
    Column("kind", Word(UndoKind), nullable=False),
    Column("job_id", BigInteger, ForeignKey("clip_jobs.id"), index=True),
    Column("removed", Text, nullable=False),  # JSON (`bot.store.rows.undos`)
    Column("made_at", Instant, nullable=False),
    Column("undone_at", Instant),
    **NEVER_REUSE_IDS,
)
