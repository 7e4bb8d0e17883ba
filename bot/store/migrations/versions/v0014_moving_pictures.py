"""The moving picture of a stream."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """There is none of those from before."""
    op.add_column("streams", sa.Column("moving_key", sa.String()))
    op.add_column("streams", sa.Column("moving_about", sa.Text()))
