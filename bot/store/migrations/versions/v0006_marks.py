"""What pump.fun's moderators say of a coin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Of coins from before, it is not known: they count as not marked."""
    op.add_column("coins", sa.Column("nsfw", sa.Boolean()))
    op.add_column("coins", sa.Column("is_banned", sa.Boolean()))
    op.add_column("coins", sa.Column("streams_banned_until", sa.BigInteger()))
