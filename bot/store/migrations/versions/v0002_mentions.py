"""Whom an alert mentioned, and an index of those that did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import only_where

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Of alerts from before, it is not known: they count as having mentioned nobody."""
    op.add_column("deliveries", sa.Column("mention", sa.String()))
    op.create_index(
        "ix_deliveries_mention",
        "deliveries",
        ["target_id", "sent_at"],
        **only_where(sa.text("mention IS NOT NULL")),
    )
