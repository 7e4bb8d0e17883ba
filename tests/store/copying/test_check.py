"""What `mintcast check` says of a database on a server."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.checking import Finding, _database
from bot.store import PostgresAddress, Store
from tests.databases.postgres import Cluster


async def check(address: PostgresAddress) -> dict[str, tuple[bool, str]]:
    """By name; the states of earlier and later versions are in
    `tests/store/backends/sqlite/migrating`."""
    found: list[Finding] = [finding async for finding in _database(address)]
    return {finding.name: (finding.ok, finding.sentence) for finding in found}


async def test_it_names_the_server_its_rights_and_the_program_that_copies(
    new_database: Callable[[], PostgresAddress],
) -> None:
    server = new_database()
    before = await check(server)
    async with Store(server):
        pass
    after = await check(server)
    assert before["database"] == (True, f"{server.name} will be created")
    assert after["database"] == (True, f"{server.name} is fine")
    ok, said = after["database server"]
    assert (ok, said.endswith(", UTF8; mintcast may create tables")) == (True, True), said
    assert said.startswith("PostgreSQL 1")
    assert after["pg_dump"][0]
    assert after["pg_dump"][1].endswith("fits the server")


async def test_who_may_create_no_tables_is_told_what_to_run(
    new_database: Callable[[], PostgresAddress], cluster: Cluster
) -> None:
    server = new_database()
    name = server.url.rpartition("/")[2]
    guest = replace(server, url=server.url.replace("mintcast@", "guest@"))
    cluster.execute(
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC", "CREATE ROLE guest LOGIN", database=name
    )
    try:
        ok, said = (await check(guest))["database server"]
    finally:
        cluster.execute("DROP ROLE guest", database=name)
    assert not ok
    assert said.endswith("run GRANT CREATE, USAGE ON SCHEMA public TO guest.")


async def test_without_pg_dump_an_older_database_is_not_started_on(
    new_database: Callable[[], PostgresAddress],
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = replace(new_database(), backups=tmp_path)
    async with Store(server):
        pass
    monkeypatch.setattr(shutil, "which", lambda _: None)
    fits = await check(server)
    older = "UPDATE alembic_version SET version_num = '0001'"
    cluster.execute(older, database=server.url.rpartition("/")[2])
    stops = await check(server)
    assert fits["pg_dump"][0]
    assert "backups and updates will need it" in fits["pg_dump"][1]
    assert not stops["pg_dump"][0]
    assert "the next start would stop" in stops["pg_dump"][1]
    assert stops["database"][1].endswith("updates it, after a backup")
    without = await check(replace(server, backups=None))
    assert without["pg_dump"][0]
    assert without["database"][1].endswith("without a backup ([storage])")


@pytest.mark.parametrize(
    ("mode", "why"), [("require", "rejected SSL upgrade"), ("verify-full", "root certificate file")]
)
async def test_a_server_that_is_not_as_safe_as_asked_for_is_not_spoken_to(
    new_database: Callable[[], PostgresAddress],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    why: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where no certificates are
    server = new_database()
    safe = replace(server, url=f"{server.url}?sslmode={mode}")
    ((name, (ok, said)),) = (await check(safe)).items()
    assert (name, ok) == ("database", False)
    assert f"{server.name} can't be reached" in said
    assert why in said


async def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    gone = PostgresAddress("postgresql://mintcast@127.0.0.1:9/mintcast")
    ((name, (ok, said)),) = (await check(gone)).items()
    assert (name, ok) == ("database", False)
    assert "can't be reached" in said
