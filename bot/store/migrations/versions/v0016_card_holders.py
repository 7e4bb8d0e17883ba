"""Which node changes the card of a clip."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nobody changes those from before until they are taken over."""
    op.add_column("clip_jobs", sa.Column("card_holder", sa.String()))
    op.create_index("ix_clip_jobs_card_id", "clip_jobs", ["card_id"])
