"""Who is told, and what they chose; what can be undone; a few facts by name."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from bot.model import Preference, Scope, SubjectKind, UndoKind
from bot.store.backends import NEVER_REUSE_IDS, row_id
from bot.store.columns import Code, Instant, Word, metadata

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
