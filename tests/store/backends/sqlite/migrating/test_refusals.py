"""What is refused: what is not ours, is newer or cannot be written; looking at it makes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import (
    CopyFailed,
    CopyRefused,
    DatabaseDamaged,
    DatabaseNewer,
    DatabaseReadOnly,
)
from bot.model import DatabaseAge
from bot.store import (
    Access,
    Store,
    inspect_database,
    move_store,
    report_database,
    restore_database,
    save_database,
)
from bot.store.backends.sqlite import migrate as real
from bot.store.backends.sqlite.lock import Lock
from bot.store.tables import SCHEMA
from tests.store.backends.sqlite.migrating.scripts import (
    AT,
    as_nobody,
    prepare,
)


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.close()


async def test_a_newer_database_is_refused_and_the_backup_to_go_back_to_is_named(
    old: Path,
) -> None:
    newer(old)
    for name in ("20260101T000000000000Z.v0001", "20260301T000000000000Z.v0001"):
        (old.parent / f"{old.name}.{name}.bak").write_bytes(b"")
    (old.parent / f"{old.name}.20260401T000000000000Z.v0777.bak").write_bytes(b"")
    before = old.read_bytes()
    with pytest.raises(DatabaseNewer) as refused:
        async with Store(old):
            pass
    assert refused.value.backup == f"{old}.20260301T000000000000Z.v0001.bak"
    assert old.read_bytes() == before


async def test_a_newer_database_without_a_backup_says_so(old: Path) -> None:
    newer(old)
    with pytest.raises(DatabaseNewer) as refused:
        async with Store(old):
            pass
    assert refused.value.backup is None


async def test_a_refused_database_can_be_opened_once_it_is_mended(old: Path) -> None:
    newer(old)
    with pytest.raises(DatabaseNewer):
        async with Store(old):
            pass
    with sqlite3.connect(old) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (AT,))
    connection.close()
    async with Store(old) as store, store.read() as unit:
        assert await unit.key_values.get("kept") == "yes"


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseDamaged, match="photos"):
        prepare(path)
    assert path.read_bytes() == before


def test_damage_is_looked_for_at_start_but_not_through_a_huge_file(database: Path) -> None:
    data = bytearray(database.read_bytes())
    data[-4096:] = b"\xa5" * 4096
    database.write_bytes(data)
    lock = Lock(database)
    with pytest.raises(DatabaseDamaged):
        real.prepare(database, SCHEMA, lock, 3, 0.2)
    real.prepare(database, SCHEMA, lock, 3, 0.2, look_through=len(data) - 1)
    with pytest.raises(DatabaseDamaged):
        inspect_database(database)


# What cannot be written


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that everybody can reach, as `tmp_path` is not."""
    folder = Path("/tmp") / f"mintcast-{os.getpid()}-{tmp_path.name}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


async def refuse(path: Path, *, access: Access = Access.ALONE) -> None:
    with as_nobody(), pytest.raises(DatabaseReadOnly):
        async with Store(path, access=access):
            pass


async def test_a_folder_that_cannot_be_written_is_told(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    await refuse(open_folder / "mintcast.db")
    await refuse(open_folder / "deeper" / "mintcast.db")


@pytest.mark.parametrize("access", [Access.ALONE, Access.ANY])
async def test_a_file_that_cannot_be_written_is_told_at_start(
    database: Path, open_folder: Path, access: Access
) -> None:
    path = Path(shutil.copy(database, open_folder))
    path.chmod(0o444)
    open_folder.chmod(0o777)
    await refuse(path, access=access)


@pytest.fixture(params=["closed/mintcast.db", "closed/deeper/mintcast.db", "x" * 300])
def out_of_reach(request: pytest.FixtureRequest, database: Path, open_folder: Path) -> Path:
    """A database in a folder that is for somebody else alone, or below one; or what no file can be
    called."""
    path = open_folder / str(request.param)
    if path.parent != open_folder:
        path.parent.mkdir(parents=True)
        shutil.copy(database, path)
        (open_folder / "closed").chmod(0o700)
    return path


async def test_what_may_not_be_looked_at_is_refused_and_not_taken_for_missing(
    out_of_reach: Path, database: Path, open_folder: Path
) -> None:
    copy = Path(shutil.copy(database, open_folder / "copy.db"))
    copy.chmod(0o644)
    open_folder.chmod(0o777)
    await refuse(out_of_reach)
    await refuse(out_of_reach, access=Access.ANY)
    with as_nobody():
        with pytest.raises(DatabaseReadOnly):
            inspect_database(out_of_reach)
        with pytest.raises(DatabaseReadOnly):
            await report_database(out_of_reach)
        with pytest.raises(DatabaseReadOnly):
            await save_database(out_of_reach, open_folder / "new.db")
        with pytest.raises(CopyFailed):
            await save_database(copy, out_of_reach)
        with pytest.raises(DatabaseReadOnly):
            await restore_database(out_of_reach, copy, open_folder)
        with pytest.raises(CopyRefused):
            await restore_database(open_folder / "new.db", out_of_reach, open_folder)
        with pytest.raises(DatabaseReadOnly):
            await move_store(out_of_reach, open_folder / "new.db", lambda _: None)
    assert {path.name for path in open_folder.iterdir()} <= {"closed", "copy.db", "new.db.lock"}


# Looking only


def test_looking_at_a_database_tells_its_age_and_makes_nothing(tmp_path: Path) -> None:
    assert inspect_database(tmp_path / "none.db") is DatabaseAge.NONE
    assert list(tmp_path.iterdir()) == []


async def test_looking_beside_a_running_service_is_fine(database: Path) -> None:
    async with Store(database) as store, store.write():
        assert inspect_database(database) is DatabaseAge.CURRENT


def test_looking_refuses_what_opening_would(old: Path) -> None:
    newer(old)
    with pytest.raises(DatabaseNewer):
        inspect_database(old)
