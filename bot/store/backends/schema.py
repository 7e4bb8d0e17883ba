"""The tables as they should be, and the scripts that bring an older database to them.

Scripts are run by Alembic. Each is one transaction together with its record, so that a failure, or
a kill, leaves the database as it was before that script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)

_NAME = re.compile(r"v(\d{4})_\w+\.py")
_RECORD = Table(  # as Alembic makes it
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


@dataclass(frozen=True, slots=True)
class Schema:
    """`scripts` is a folder as Alembic has it. A new database gets all `tables` at once, as the
    scripts would make them (a test compares the two); where there are none, the scripts make it.
    """

    tables: MetaData | None
    scripts: Path

    def revisions(self) -> list[str]:
        """The numbers of all scripts, in order, as their files are named."""
        names = (_NAME.fullmatch(file.name) for file in (self.scripts / "versions").iterdir())
        return sorted(name[1] for name in names if name)

    def names(self) -> set[str]:
        """Of all tables."""
        return set(self.tables.tables) if self.tables is not None else set()

    def migrate(self, connection: Connection) -> None:
        """Make what a new database lacks, or run the scripts that an older one has not seen."""
        if self.tables is not None and current_revision(connection) is None:
            self._make(self.tables, connection)
        else:
            self._upgrade(connection)

    def count_rows(self, connection: Connection) -> dict[str, int]:
        """Of each table that is there."""
        assert self.tables is not None
        with connection.begin():
            there = set(inspect(connection).get_table_names())
            return rows_of(
                connection, [one for one in self.tables.sorted_tables if one.name in there]
            )

    def _make(self, tables: MetaData, connection: Connection) -> None:
        with connection.begin():
            tables.create_all(connection, checkfirst=False)
            _RECORD.create(connection)
            connection.execute(insert(_RECORD).values(version_num=self.revisions()[-1]))

    def _upgrade(self, connection: Connection) -> None:
        # Alembic takes 13 MiB and 0.2 s, which most starts are spared.
        from alembic.migration import MigrationContext
        from alembic.operations import Operations
        from alembic.script import ScriptDirectory

        script = ScriptDirectory(str(self.scripts))
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


def current_revision(connection: Connection) -> str | None:
    """Which script was run last; None where none was."""
    with connection.begin():
        if not inspect(connection).has_table(_RECORD.name):
            return None
        at: str | None = connection.execute(select(_RECORD.c.version_num)).scalar()
        return at


def other_tables(connection: Connection) -> list[str]:
    """All but the record of scripts, by name."""
    with connection.begin():
        return sorted(set(inspect(connection).get_table_names()) - {_RECORD.name})


def rows_of(connection: Connection, tables: Iterable[Table]) -> dict[str, int]:
    """How many each has, in the transaction that is open."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    }


def select_all(table: Table) -> str:
    """Every row, by its primary key, as both databases take it."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return f'SELECT {names} FROM "{table.name}" ORDER BY {key}'  # noqa: S608 a table of ours
