"""pump.fun's own clip of a whole session, and when it is looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import only_where

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Of streams that were over before, nothing is looked for."""
    op.add_column("streams", sa.Column("session_clip", sa.String()))
    op.add_column("streams", sa.Column("session_due_at", sa.BigInteger()))
    due = sa.column("session_due_at").is_not(None)
    op.create_index("ix_streams_session_due_at", "streams", ["session_due_at"], **only_where(due))
