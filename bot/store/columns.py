"""Kinds of columns: instants, words of a fixed set, codes; and how constraints are named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, MetaData, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

Kind = TypeVar("Kind", bound=StrEnum)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CODE = re.compile(r"[a-z][a-z0-9-]*(:[a-z][a-z0-9-]*)?")


class Instant(TypeDecorator[datetime]):
    """An aware `datetime` in Python, whole milliseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """A naive `datetime` raises: it names no instant."""
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MILLISECOND


class Word(TypeDecorator[Kind], Generic[Kind]):
    """One of the words of `kind`. Stored as text, so that a new word needs no migration."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[Kind]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Kind | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> Kind | None:
        return None if value is None else self.kind(value)


class Code(TypeDecorator[str]):
    """A code of ours, such as `rate-limited` or `pumpfun:timeout`; its sentence is made where it is
    shown. To store a sentence raises; one that an earlier version stored is read as it is.

    `long` says how the column was declared: `TEXT`, not `VARCHAR`.
    """

    impl = String
    cache_ok = True

    def __init__(self, *, long: bool = False) -> None:
        super().__init__()
        self.long = long

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return dialect.type_descriptor(Text() if self.long else String())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is not None and _CODE.fullmatch(value) is None:
            raise ValueError(f"no code: {value!r}")
        return value
