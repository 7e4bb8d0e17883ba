"""When the picture of a stream was on air."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Of those from before, nobody knows."""
    op.add_column("streams", sa.Column("picture_at", sa.BigInteger()))
