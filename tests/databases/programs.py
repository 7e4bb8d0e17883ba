"""PostgreSQL's own programs, where they are installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

MISSING = "POSTGRESQL MISSING: every test on a real server was left out"


def require_postgres() -> None:
    """Where there is no PostgreSQL, its tests skip with one loud line; in CI they fail."""
    if find_programs() is not None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail("there is no PostgreSQL, and CI must have one: `make postgresql`")
    pytest.skip(MISSING)


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest of Debian's; None: there is none."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    of_debian = sorted(debian, key=lambda path: float(path.parts[4]))
    if of_debian:
        return of_debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).parent if found else None
