"""What was removed a moment ago, and can be put back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import NEVER_REUSE_IDS, row_id

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """What was removed before that is gone."""
    op.create_table(
        "undos",
        sa.Column("id", row_id, nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("job_id", sa.BigInteger()),
        sa.Column("removed", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_undos_target_id"),
        sa.ForeignKeyConstraint(["job_id"], ["clip_jobs.id"], name="fk_undos_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_undos"),
        **NEVER_REUSE_IDS,
    )
    op.create_index("ix_undos_target_id", "undos", ["target_id"])
    op.create_index("ix_undos_job_id", "undos", ["job_id"])
