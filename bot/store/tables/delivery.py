"""What is owed to targets and shown there: deliveries, uploads, the page's messages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
    or_,
)

from bot.model import DeliveryKind, DeliveryState
from bot.store.backends import NEVER_REUSE_IDS, only_where, row_id
from bot.store.columns import Code, Instant, Word, metadata

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
