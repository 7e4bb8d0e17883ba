"""Who refers to a row, which retention asks before it removes one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import only_where

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Without these the whole other table would be looked through for every row that goes."""
    op.create_index("ix_clip_jobs_mint", "clip_jobs", ["mint"])
    op.create_index("ix_clip_jobs_target_id", "clip_jobs", ["target_id"])
    op.create_index(
        "ix_deliveries_job_id",
        "deliveries",
        ["job_id"],
        **only_where(sa.text("job_id IS NOT NULL")),
    )
