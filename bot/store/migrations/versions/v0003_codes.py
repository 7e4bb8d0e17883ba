"""The one sentence that was stored where a code belongs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_deliveries = sa.table("deliveries", sa.column("error", sa.Text()))
_SENTENCE = "the stream ended before the alert was sent"


def upgrade() -> None:
    """`bot.model.ENDED_FIRST`, as it was called then."""
    rows = sa.update(_deliveries).where(_deliveries.c.error == _SENTENCE)
    op.execute(rows.values(error="ended-first"))
