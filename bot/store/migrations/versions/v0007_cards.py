"""The message in which people see how far a clip is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Those of clips from before stay as they are."""
    op.add_column("clip_jobs", sa.Column("card_id", sa.String()))
