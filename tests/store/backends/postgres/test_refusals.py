"""What a server refuses is told by its kind, in a sentence, and without the password."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot import texts
from bot.demo.ports import free_port
from bot.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseNewer,
    DatabaseReadOnly,
    DatabaseUnreachable,
    StoreError,
)
from bot.store import PostgresAddress, Store, inspect_database
from tests.databases.postgres import Cluster
from tests.store.backends.postgres.conftest import NewDatabase, name_of
from tests.store.writer import add_one

PASSWORD = "correct horse"
GUEST = "CREATE ROLE guest LOGIN PASSWORD 'other'"
Change = Callable[[PostgresAddress], PostgresAddress]


def as_guest(address: PostgresAddress) -> PostgresAddress:
    return replace(address, url=address.url.replace("mintcast@", "guest@"))


def elsewhere(address: PostgresAddress) -> PostgresAddress:
    return PostgresAddress(f"postgresql://mintcast@127.0.0.1:{free_port()}/x")


def no_such(address: PostgresAddress) -> PostgresAddress:
    return replace(address, url=f"{address.url}_no")


def same(address: PostgresAddress) -> PostgresAddress:
    return address


async def refused(address: PostgresAddress, kind: type[StoreError]) -> str:
    """The sentence that whoever starts it reads."""
    with pytest.raises(kind) as told:
        async with Store(replace(address, password=PASSWORD, patience=0.2)):
            pass
    whole = "".join(traceback.format_exception(told.value))
    assert PASSWORD not in whole
    assert type(told.value) is kind
    return texts.service.database_refused(told.value, 0)


@pytest.mark.parametrize(
    ("change", "statements", "kind", "words"),
    [
        (no_such, (), DatabaseUnreachable, "does not exist"),
        (elsewhere, (), DatabaseUnreachable, "can't be reached"),
        (as_guest, (), DatabaseUnreachable, "does not exist"),
        (as_guest, (GUEST,), DatabaseReadOnly, "the right to create tables"),
        (same, ("CREATE TABLE photos (name text)",), DatabaseDamaged, "can't be used (another"),
        (
            same,
            ("ALTER DATABASE {} SET default_transaction_read_only = on",),
            DatabaseReadOnly,
            "the server that takes writes",
        ),
        *(
            (
                as_guest,
                (GUEST, f"ALTER ROLE guest CONNECTION LIMIT {most}"),
                DatabaseBusy,
                "Try again in a minute",
            )
            for most in (0, 1)  # the first is for the service's lock
        ),
    ],
)
async def test_it_says_what_stands_in_the_way(
    cluster: Cluster,
    new_database: NewDatabase,
    change: Change,
    statements: tuple[str, ...],
    kind: type[StoreError],
    words: str,
) -> None:
    address = new_database()
    name = name_of(address)
    if kind is DatabaseReadOnly:
        statements = ("REVOKE CREATE ON SCHEMA public FROM PUBLIC", *statements)
    cluster.execute(*(one.format(name) for one in statements), database=name)
    try:
        sentence = await refused(change(address), kind)
    finally:
        cluster.execute("DROP ROLE IF EXISTS guest")
    assert words in sentence


async def test_a_wrong_password_is_told_and_nowhere_written(
    cluster: Cluster, new_database: NewDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = as_guest(new_database())
    cluster.execute(GUEST)
    try:
        with cluster.passwords_asked_of("guest"):
            sentence = await refused(address, DatabaseUnreachable)
            assert "password authentication failed" in sentence
            with pytest.raises(DatabaseReadOnly):
                async with Store(replace(address, password="other")):
                    pass
    finally:
        cluster.execute("DROP ROLE guest")
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(replace(address, password=PASSWORD))


async def test_a_database_of_another_encoding_is_refused(new_database: NewDatabase) -> None:
    address = new_database("ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    assert "its encoding is LATIN1, and has to be UTF8" in await refused(address, StoreError)


async def test_a_newer_one_is_refused_and_left_as_it_is(
    cluster: Cluster, new_database: NewDatabase
) -> None:
    address = new_database()
    async with Store(address) as store:
        await add_one(store)
    newer = "UPDATE alembic_version SET version_num = '0999'"
    cluster.execute(newer, database=name_of(address))
    assert "A newer Mintcast wrote the database" in await refused(address, DatabaseNewer)
    assert cluster.fetch("SELECT value FROM facts", (), name_of(address)) == [("1",)]


async def test_looking_refuses_what_opening_would(new_database: NewDatabase) -> None:
    address = new_database()
    for change in (no_such, elsewhere):
        with pytest.raises(DatabaseUnreachable):
            await asyncio.to_thread(inspect_database, change(address))
