"""Running the scripts that a database lacks. Imported only where there are any."""

from __future__ import annotations

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, scripts: Path) -> None:
    """Each script of the folder that was not run yet, in a transaction with its record."""
    script = ScriptDirectory(str(scripts))
    context = MigrationContext.configure(
        connection,
        opts={
            "script": script,
            "fn": lambda revision, _: script._upgrade_revs("head", revision),
            "transactional_ddl": True,
            "transaction_per_migration": True,
        },
    )
    with Operations.context(context):
        context.run_migrations()
