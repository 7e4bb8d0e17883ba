"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.backends import NEVER_REUSE_IDS, only_where, row_id

revision = "0001"
down_revision = None

_OPEN = sa.text("state = 'due' OR state = 'sent' AND wanted > shown")
_BUSY = sa.text("state = 'claimed' OR state = 'sending'")
_NOT_ENDED = sa.text("state != 'ended'")


def upgrade() -> None:
    """Make them, with their indexes."""
    _places()
    _coins_and_streams()
    _clip_jobs()
    _deliveries()
    _page()
    _facts()


def _places() -> None:
    op.create_table(
        "places",
        sa.Column("id", row_id, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
        sa.UniqueConstraint("platform", "key", name="uq_places_platform_key"),
        **NEVER_REUSE_IDS,
    )
    op.create_table(
        "targets",
        sa.Column("id", row_id, nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("disabled", sa.String()),
        sa.Column("switched_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name="fk_targets_place_id"),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
        sa.UniqueConstraint("place_id", "key", name="uq_targets_place_id_key"),
        **NEVER_REUSE_IDS,
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", row_id, nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_subscriptions_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint(
            "target_id",
            "subject_kind",
            "subject",
            name="uq_subscriptions_target_id_subject_kind_subject",
        ),
        **NEVER_REUSE_IDS,
    )
    op.create_index(
        "ix_subscriptions_subject_kind_subject", "subscriptions", ["subject_kind", "subject"]
    )
    op.create_table(
        "preferences",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "owner_id", "name", name="pk_preferences"),
    )


def _coins_and_streams() -> None:
    op.create_table(
        "coins",
        sa.Column("mint", sa.String(), nullable=False),
        sa.Column("symbol", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("image", sa.Text()),
        sa.Column("creator", sa.String()),
        sa.Column("picture_key", sa.String()),
        sa.PrimaryKeyConstraint("mint", name="pk_coins"),
    )
    op.create_table(
        "streams",
        sa.Column("id", row_id, nullable=False),
        sa.Column("mint", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("announced_at", sa.BigInteger()),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("viewers", sa.Integer()),
        sa.Column("peak_viewers", sa.Integer()),
        sa.Column("thumbnail", sa.Text()),
        sa.Column("thumbnail_updated_at", sa.BigInteger()),
        sa.Column("picture_key", sa.String()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_streams"),
        **NEVER_REUSE_IDS,
    )
    op.create_index("ix_streams_mint_id", "streams", ["mint", "id"])
    op.create_index("uq_streams_open", "streams", ["mint"], unique=True, **only_where(_NOT_ENDED))
    op.create_table(
        "site_ids",
        sa.Column("stream_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_site_ids_stream_id"),
        sa.PrimaryKeyConstraint("stream_id", "site_id", name="pk_site_ids"),
    )


def _clip_jobs() -> None:
    op.create_table(
        "clip_jobs",
        sa.Column("id", row_id, nullable=False),
        sa.Column("request_key", sa.String(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("mint", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("person_name", sa.String(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("ago", sa.Float(), nullable=False),
        sa.Column("max_bytes", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("reply_to", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String()),
        sa.Column("done_seconds", sa.Float(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("leader_id", sa.BigInteger()),
        sa.Column("holder", sa.String()),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("file_key", sa.String()),
        sa.Column("result", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["clip_jobs.id"], name="fk_clip_jobs_leader_id"),
        sa.ForeignKeyConstraint(["place_id"], ["places.id"], name="fk_clip_jobs_place_id"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_clip_jobs_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_clip_jobs"),
        sa.UniqueConstraint("request_key", name="uq_clip_jobs_request_key"),
        **NEVER_REUSE_IDS,
    )
    op.create_index("ix_clip_jobs_file_key", "clip_jobs", ["file_key"])
    op.create_index("ix_clip_jobs_leader_id", "clip_jobs", ["leader_id"])
    op.create_index("ix_clip_jobs_person_id_asked_at", "clip_jobs", ["person_id", "asked_at"])
    op.create_index("ix_clip_jobs_place_id_asked_at", "clip_jobs", ["place_id", "asked_at"])
    op.create_index("ix_clip_jobs_state_id", "clip_jobs", ["state", "id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", row_id, nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stream_id", sa.BigInteger()),
        sa.Column("job_id", sa.BigInteger()),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String()),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("message_id", sa.String()),
        sa.Column("reply_to", sa.String()),
        sa.Column("error", sa.Text()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("shown_at", sa.BigInteger()),
        sa.Column("body", sa.Text()),
        sa.ForeignKeyConstraint(["job_id"], ["clip_jobs.id"], name="fk_deliveries_job_id"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_deliveries_stream_id"),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_deliveries_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("target_id", "key", name="uq_deliveries_target_id_key"),
        **NEVER_REUSE_IDS,
    )
    op.create_index("ix_deliveries_busy", "deliveries", ["target_id"], **only_where(_BUSY))
    op.create_index(
        "ix_deliveries_claim",
        "deliveries",
        ["sender", "priority", "due_at", "id"],
        **only_where(_OPEN),
    )
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["target_id", "priority", "due_at", "id"],
        **only_where(_OPEN),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state"])
    op.create_index("ix_deliveries_stream_id", "deliveries", ["stream_id"])
    op.create_table(
        "uploads",
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "key", name="pk_uploads"),
    )


def _page() -> None:
    op.create_table(
        "page_messages",
        sa.Column("id", row_id, nullable=False),
        sa.Column("nonce", sa.String()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_page_messages"),
        sa.UniqueConstraint("nonce", name="uq_page_messages_nonce"),
        **NEVER_REUSE_IDS,
    )
    op.create_table(
        "page_events",
        sa.Column("id", row_id, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_page_events"),
        **NEVER_REUSE_IDS,
    )


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
