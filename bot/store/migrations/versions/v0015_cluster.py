"""Several nodes: leases, nodes, captures, files in the database, Telegram's updates as rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import NEVER_REUSE_IDS, row_id

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """All of them are empty: a service that was alone had none of it but Telegram's updates, which
    are taken from where it kept them when they are first looked at."""
    _who_does_what()
    _what_is_kept()


def _who_does_what() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "lease_history",
        sa.Column("id", row_id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("won_at", sa.BigInteger(), nullable=False),
        sa.Column("last_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_lease_history"),
        sa.UniqueConstraint("name", "epoch", name="uq_lease_history_name_epoch"),
        **NEVER_REUSE_IDS,
    )
    op.create_table(
        "nodes",
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("ring_places", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name="pk_nodes"),
    )
    op.create_table(
        "captures",
        sa.Column("mint", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("cost_millicores", sa.Integer(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger()),
        sa.Column("newest_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("mint", name="pk_captures"),
    )


def _what_is_kept() -> None:
    op.create_table(
        "files",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_files"),
    )
    op.create_index("ix_files_changed_at", "files", ["changed_at"])
    op.create_table(
        "file_chunks",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name="pk_file_chunks"),
    )
    op.create_table(
        "taken_updates",
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name="pk_taken_updates"),
    )
