"""Where the site recorded each stream, noted as it is seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import NEVER_REUSE_IDS, row_id

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Of streams from before nothing is known; those that are on air are noted when next seen."""
    op.create_table(
        "recordings",
        sa.Column("id", row_id, nullable=False),
        sa.Column("stream_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("master_url", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger()),
        sa.Column("first_media_at", sa.BigInteger()),
        sa.Column("delay_ms", sa.Integer()),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_recordings_stream_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint(
            "stream_id", "site_id", "stamp", name="uq_recordings_stream_id_site_id_stamp"
        ),
        **NEVER_REUSE_IDS,
    )
