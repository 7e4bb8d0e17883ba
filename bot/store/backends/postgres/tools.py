"""PostgreSQL's own programs: where they are, how old, and how they are run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from sqlalchemy import make_url

from bot.errors import CopyFailed, ToolMissing
from bot.kit.processes.child import environment_of_child
from bot.store.backends.port import PostgresAddress

_SECONDS = 3600.0
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_MISMATCH = re.compile(r"server version: (\d+).*version: (\d+)", re.DOTALL)
_ERROR = re.compile(r"(?:error|ERROR): +(.+)")
"""The programs say it of themselves in small letters, `psql` of the server in capitals."""

_NEWER_FILE = "unsupported version"
_OF_LIBPQ = ("PG", "SSL_CERT_", "OPENSSL_", "KRB5")
"""How the variables begin that it and what it is made of read
(https://www.postgresql.org/docs/17/libpq-envars.html)."""


def run(
    address: PostgresAddress,
    tool: str,
    *arguments: str,
    connects: bool = True,
    to_its_end: bool = False,
) -> str:
    """What it prints. `to_its_end`: Ctrl-C in a terminal, which all that runs there hears, is not
    for it. Raises ToolMissing, and CopyFailed with the first thing that it says. Blocks, for an
    hour at most."""
    command = [_find(address, tool), *arguments]
    if connects:
        url = make_url(address.url).set(drivername="postgresql", password=None)
        command.append(f"--dbname={url.render_as_string()}")
    try:
        ran = subprocess.run(
            command,
            env=_environment(address.password),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
            process_group=0 if to_its_end else None,
        )
    except subprocess.TimeoutExpired as error:
        raise CopyFailed(address.name, f"{tool} took longer than an hour") from error
    except OSError as error:
        raise CopyFailed(address.name, f"{tool} can't be run: {error.strerror}") from error
    if ran.returncode != 0:
        raise _failure(address, tool, ran)
    return ran.stdout


def version_of(tool: str) -> int | None:
    """The major version of that program; None: it is not there, or does not say. Runs it."""
    program = shutil.which(tool)
    return (_major(program) or None) if program else None


def _find(address: PostgresAddress, tool: str) -> str:
    program = shutil.which(tool)
    if program is None:
        raise ToolMissing(address.name, tool)
    return program


def _major(program: str) -> int:
    """0: it cannot be run, or does not say."""
    try:
        ran = subprocess.run(
            [program, "--version"],
            env=_environment(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10.0,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = _VERSION.search(ran.stdout)
    return int(found[1]) if found else 0


def _environment(password: str | None = None) -> dict[str, str]:
    """What any child is told, and what their library looks for. They speak English, and nobody else
    sees the password."""
    theirs = {name: value for name, value in os.environ.items() if name.startswith(_OF_LIBPQ)}
    environment = {**environment_of_child(), **theirs, "LC_ALL": "C"}
    if password is not None:
        environment["PGPASSWORD"] = password
    return environment


def _failure(
    address: PostgresAddress, tool: str, ran: subprocess.CompletedProcess[str]
) -> CopyFailed | ToolMissing:
    if found := _MISMATCH.search(ran.stderr):
        return ToolMissing(address.name, tool, needed=int(found[1]), found=int(found[2]))
    if _NEWER_FILE in ran.stderr:
        return ToolMissing(address.name, tool, found=_major(_find(address, tool)))
    said = ran.stderr.strip().splitlines() or [f"it ended with {ran.returncode}"]
    found = next(filter(None, map(_ERROR.search, said)), None)
    return CopyFailed(address.name, f"{tool}: {found[1] if found else said[0]}")
