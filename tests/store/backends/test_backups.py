"""The copies that are made before a migration: what cannot be removed or read stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import CopyFailed, StoreError
from bot.store.backends.backups import Backups
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.dump import dump
from bot.store.backends.sqlite.migrate import made_whole

OLD = [f"m.db.2026030{day}T000000000000Z.v0001.bak" for day in (1, 2, 3)]


def test_an_old_copy_that_cannot_be_removed_keeps_no_other(tmp_path: Path) -> None:
    backups = Backups.of_file(tmp_path / "m.db")
    (tmp_path / OLD[0]).mkdir()
    for name in OLD[1:]:
        (tmp_path / name).touch()
    backups.keep(1, tmp_path / OLD[2])
    assert sorted(path.name for path in tmp_path.iterdir()) == [OLD[0], OLD[2]]


def test_a_folder_that_cannot_be_looked_at_has_none(tmp_path: Path) -> None:
    """Of such a name, since whoever runs the tests may be allowed to read any folder."""
    backups = Backups.of_file(tmp_path / ("a" * 300) / "m.db")
    assert backups.newest(["0001"]) is None
    backups.keep(1, tmp_path / OLD[2])


def test_where_no_copy_can_be_made_that_is_all_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    address = PostgresAddress("postgresql://a.invalid/mintcast", None)
    with pytest.raises(CopyFailed):
        dump(address, tmp_path / "file" / "copy.dump")
    (tmp_path / "m.db.part").mkdir()
    with pytest.raises(StoreError), made_whole(tmp_path / "m.db", tmp_path / "m.db"):
        pass


def test_the_copy_that_was_just_made_stays_whatever_the_clock_shows(tmp_path: Path) -> None:
    """One without a clock of its own begins in 1970."""
    made = tmp_path / "m.db.19700101T000000000000Z.v0001.bak"
    for path in (made, *(tmp_path / name for name in OLD)):
        path.touch()
    Backups.of_file(tmp_path / "m.db").keep(3, made)
    assert sorted(path.name for path in tmp_path.iterdir()) == [made.name, OLD[1], OLD[2]]


def test_what_a_kill_has_left_of_a_copy_goes_with_the_next_one(tmp_path: Path) -> None:
    made, others = tmp_path / OLD[2], ["m.db.part", f"n{OLD[0]}.part"]
    for name in (made.name, f"{OLD[0]}.part", *others):
        (tmp_path / name).touch()
    Backups.of_file(tmp_path / "m.db").keep(3, made)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([made.name, *others])
