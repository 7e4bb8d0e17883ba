"""How tables, indexes and columns are told to PostgreSQL, where SQLAlchemy would tell them
otherwise than what they mean on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, String, Text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import (
    AsyncpgString,
    PGCompiler_asyncpg,
    PGDialect_asyncpg,
)
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler, PGTypeCompiler
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

from bot.store.backends.sqlite.dialect import DatabaseNow

DRIVER = "postgresql+mintcast"
"""The scheme of an URL for SQLAlchemy that takes what stands here."""


class _Types(PGTypeCompiler):
    """Text is compared and sorted by its bytes, as SQLite does, whatever language the database was
    made for: what is listed in order reads alike, and no index depends on the system's library."""

    def visit_VARCHAR(self, type_: String, **kw: Any) -> str:  # noqa: N802
        return _by_bytes(super().visit_VARCHAR(type_, **kw), kw)

    def visit_TEXT(self, type_: Text, **kw: Any) -> str:  # noqa: N802
        return _by_bytes(super().visit_TEXT(type_, **kw), kw)


def _by_bytes(text: str, kw: dict[str, Any]) -> str:
    is_column = isinstance(kw.get("type_expression"), Column)  # and not a value in a statement
    return f'{text} COLLATE "C"' if is_column else text


class _Tables(PGDDLCompiler):
    """An index holds the rows only for which its condition is so, as `only_where` says it."""

    def visit_create_index(self, create: CreateIndex, *args: Any, **kw: Any) -> str:
        options = create.element.dialect_options
        options["postgresql"]["where"] = options["sqlite"]["where"]
        made: str = super().visit_create_index(create, *args, **kw)  # type: ignore[no-untyped-call]
        return made


class _Statements(PGCompiler_asyncpg):
    """ON CONFLICT is the same for both, but for what PostgreSQL alone could name there."""

    def _on_conflict_target(self, clause: Any, **kw: Any) -> str:
        clause.constraint_target = None
        target: str = super()._on_conflict_target(clause, **kw)  # type: ignore[no-untyped-call]
        return target


@compiles(DatabaseNow, "postgresql")
def _now_there(*_: Any, **__: Any) -> str:
    return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"


class _Text(AsyncpgString):
    """PostgreSQL takes no NUL, which nobody sees: wherever it came from, and whatever is sought
    with it, it is left out."""

    def bind_processor(self, dialect: Any) -> Callable[[str | None], str | None]:
        def without_nul(value: str | None) -> str | None:
            return value.replace("\0", "") if value else value

        return without_nul


class Dialect(PGDialect_asyncpg):
    """PostgreSQL by asyncpg, with the above."""

    supports_statement_cache = True
    statement_compiler = _Statements
    ddl_compiler = _Tables
    type_compiler_cls = _Types
    colspecs = PGDialect_asyncpg.colspecs | {String: _Text}


registry.register("postgresql.mintcast", __name__, "Dialect")
