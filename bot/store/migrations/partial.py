"""Partial indexes, whatever the database."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def only_where(condition: str) -> dict[str, Any]:
    """What `create_index` takes beside, in the words of the database at hand: to name another's
    would load all that SQLAlchemy knows of it, a tenth of a start."""
    return {f"{op.get_context().dialect.name}_where": sa.text(condition)}
