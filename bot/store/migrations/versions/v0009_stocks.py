"""What lies beside clips, so that others can be cut of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Clips from before have none."""
    op.create_table(
        "stocks",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mint", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("begins_at", sa.BigInteger()),
        sa.Column("ends_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("key", name="pk_stocks"),
    )
    op.create_index("ix_stocks_mint", "stocks", ["mint"])
