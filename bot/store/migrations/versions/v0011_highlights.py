"""Clip jobs that are a highlight of the site's own, to be had as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Those from before are none."""
    op.add_column("clip_jobs", sa.Column("highlight_id", sa.String()))
    op.add_column("clip_jobs", sa.Column("highlight_url", sa.Text()))
