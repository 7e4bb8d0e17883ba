"""PostgreSQL's own programs are told what they need of our environment, and no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import CopyFailed
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.tools import run, version_of

OURS = {
    "DISCORD_TOKEN": "a",
    "TELEGRAM_TOKEN": "b",
    "HTTP_PASSWORD": "c",
    "DATABASE_PASSWORD": "d",
    "AWS_SECRET_ACCESS_KEY": "e",
    "MINTCAST_STORAGE__DATABASE": "f",
    "HTTPS_PROXY": "http://user:g@proxy.example:1",
}
THEIRS = {
    "PGSSLROOTCERT": "/etc/root.crt",
    "PGAPPNAME": "a copy",
    "SSL_CERT_FILE": "/etc/ca.pem",
    "KRB5_CONFIG": "/etc/krb5.conf",
    "HOME": "/home/me",
}
ADDRESS = PostgresAddress("postgresql://me@db.example/mintcast", "correct horse")


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, str]]:
    """What a program of that name was told when it ran last."""
    program, noted = tmp_path / "bin" / "pg_dump", tmp_path / "noted"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nenv -0 > '{noted}'\necho 'pg_dump (PostgreSQL) 17.2'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    for name, value in (OURS | THEIRS).items():
        monkeypatch.setenv(name, value)

    def read() -> dict[str, str]:
        lines = noted.read_text().rstrip("\0").split("\0")
        return {name: value for name, _, value in (line.partition("=") for line in lines)}

    return read


def test_they_are_told_the_password_and_no_token(told: Callable[[], dict[str, str]]) -> None:
    run(ADDRESS, "pg_dump", "--format=custom")
    environment = told()
    assert environment.keys() & OURS.keys() == set()
    assert environment.items() >= {**THEIRS, "PGPASSWORD": "correct horse", "LC_ALL": "C"}.items()


def test_one_that_is_asked_for_its_version_is_told_no_secret(
    told: Callable[[], dict[str, str]],
) -> None:
    assert version_of("pg_dump") == 17
    environment = told()
    assert environment.keys() & {*OURS, "PGPASSWORD"} == set()
    assert environment["LC_ALL"] == "C"


def test_one_that_cannot_be_run_says_nothing_and_fails_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert version_of("pg_dump") is None
    with pytest.raises(CopyFailed, match="pg_dump can't be run: Exec format error"):
        run(ADDRESS, "pg_dump")
