"""What a connection says at its start, where PgBouncer takes only what it knows, and later."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import texts
from bot.errors import DatabaseUnreachable
from bot.store import PostgresAddress
from bot.store.backends.postgres.engine import connect_directly, connected, translated_errors
from tests.databases.postgres import Cluster
from tests.store.backends.postgres.conftest import NewDatabase, name_of

ROOT = Path(__file__).parents[4]
TAKEN = {"user", "database", "client_encoding", "application_name"}
"""By PgBouncer in any case (https://www.pgbouncer.org/config.html, "ignore_startup_parameters")."""
_NO_TLS = 80877103
"""What asks for TLS, in place of the protocol's version."""


async def started_with(*, long: bool | None) -> set[str]:
    """The keys of the startup packet; None: of a connection outside of any pool."""
    told: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        packet = await _packet(reader)
        if int.from_bytes(packet[:4]) == _NO_TLS:
            writer.write(b"N")
            packet = await _packet(reader)
        told.set_result(packet[4:])
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = PostgresAddress(f"postgresql://mintcast@127.0.0.1:{port}/mintcast")
        with pytest.raises(DatabaseUnreachable):
            await _connect(address, long)
    return {key.decode() for key in told.result().rstrip(b"\0").split(b"\0")[::2]}


async def _connect(address: PostgresAddress, long: bool | None) -> None:
    if long is not None:
        async with connected(address, long=long):
            return
    with translated_errors(address.name):
        await connect_directly(address, seconds=1.0)


async def _packet(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(4))
    return await reader.readexactly(size - 4)


@pytest.mark.parametrize("long", [False, True, None])
async def test_all_that_is_said_at_the_start_is_told_to_who_uses_pgbouncer(
    long: bool | None,
) -> None:
    listed = re.search(r"`ignore_startup_parameters =\s+([^`]+)`", _docs())
    assert listed is not None
    ignored = set(re.split(r",\s+", listed[1]))
    assert await started_with(long=long) - TAKEN == ignored


def _docs() -> str:
    return (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


async def test_what_takes_long_has_no_end_whatever_the_server_says(
    cluster: Cluster, new_database: NewDatabase
) -> None:
    address = new_database()
    name = name_of(address)
    limits = ("statement_timeout", "idle_in_transaction_session_timeout")
    cluster.execute(*(f"ALTER DATABASE {name} SET {limit} = '7s'" for limit in limits))
    async with connected(address, long=True) as connection:
        await connection.rollback()
        shown = [await connection.scalar(text(f"SHOW {limit}")) for limit in limits]
    assert shown == ["0", "0"]


async def test_an_address_without_a_user_where_ours_has_no_name_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a container that runs as any number."""
    for name in ("PGUSER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54_321)
    with pytest.raises(DatabaseUnreachable) as told:
        await _connect(PostgresAddress("postgresql://127.0.0.1:9/mintcast"), long=False)
    assert "can't be reached" in texts.service.database_refused(told.value, 54_321)
