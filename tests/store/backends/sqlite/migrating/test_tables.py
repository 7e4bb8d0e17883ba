"""Migrations make the tables that the program knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bot.store.tables import SCHEMA, metadata
from tests.store.backends.sqlite.files import schema_of
from tests.store.backends.sqlite.migrating.scripts import (
    AT,
    ask,
    prepare,
)


@pytest.fixture
def migrated(tmp_path: Path, scripts: Path) -> Path:
    """A database that the scripts have made, one after another."""
    path = tmp_path / "migrated.db"
    prepare(path, scripts)
    return path


def test_migrations_make_the_tables_that_the_program_knows(migrated: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_to_the_letter_with_partial_indexes_and_numbers_that_never_return(
    migrated: Path, tmp_path: Path
) -> None:
    """A new database is made at once. Alembic's comparison sees neither of these."""
    made = tmp_path / "made.db"
    prepare(made)
    assert schema_of(made) == schema_of(migrated)
    assert ask(made, "SELECT version_num FROM alembic_version") == [AT]


def test_scripts_are_named_as_alembic_counts_them() -> None:
    script = ScriptDirectory(str(SCHEMA.scripts))
    walked = [revision.revision for revision in script.walk_revisions()]
    assert SCHEMA.revisions() == walked[::-1]
    assert script.get_current_head() == AT
