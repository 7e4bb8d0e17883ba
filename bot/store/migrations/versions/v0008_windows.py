"""A clip job is a window of a stream; what it is cut of, and what can be cut anew from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import NEVER_REUSE_IDS, table_made_anew

revision = "0008"
down_revision = "0007"

_jobs = sa.table(
    "clip_jobs",
    *(sa.column(name, sa.BigInteger()) for name in ("asked_at", "begins_at", "ends_at")),
    sa.column("seconds", sa.Float()),
    sa.column("is_ahead", sa.Boolean()),
)
_INDEXED = ("parent_id", "stock_key", "stream_id")


def upgrade() -> None:
    """Those from before showed what came after they were asked for."""
    for name in ("begins_at", "ends_at"):
        op.add_column("clip_jobs", sa.Column(name, sa.BigInteger()))
    op.add_column("clip_jobs", sa.Column("is_ahead", sa.Boolean()))
    length = sa.cast(1000 * _jobs.c.seconds, sa.BigInteger())
    end = _jobs.c.asked_at + sa.case((length > 0, length), else_=1)  # no window is empty
    shown = {"begins_at": _jobs.c.asked_at, "ends_at": end, "is_ahead": True}
    op.execute(sa.update(_jobs).values(**shown))
    with (
        table_made_anew(op.get_bind(), "clip_jobs"),
        op.batch_alter_table("clip_jobs", recreate="always", table_kwargs=NEVER_REUSE_IDS) as batch,
    ):
        for name in ("begins_at", "ends_at"):
            batch.alter_column(name, existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("is_ahead", existing_type=sa.Boolean(), nullable=False)
        batch.add_column(sa.Column("stream_id", sa.BigInteger()))
        batch.add_column(sa.Column("parent_id", sa.BigInteger()))
        batch.add_column(sa.Column("source", sa.String()))
        batch.add_column(sa.Column("stock_key", sa.String()))
        batch.create_foreign_key("fk_clip_jobs_stream_id", "streams", ["stream_id"], ["id"])
        batch.create_foreign_key("fk_clip_jobs_parent_id", "clip_jobs", ["parent_id"], ["id"])
        batch.drop_column("ago")
    for name in _INDEXED:
        op.create_index(f"ix_clip_jobs_{name}", "clip_jobs", [name])
