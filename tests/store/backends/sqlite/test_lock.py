from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import DatabaseInUse, DatabaseReadOnly
from bot.store import Access, Store
from bot.store.backends.sqlite.lock import Lock


def test_one_holds_it_and_the_next_is_refused_until_it_is_released(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "a.db"), Lock(tmp_path / "a.db")
    first.take()
    with pytest.raises(DatabaseInUse):
        second.take()
    first.release()
    second.take()
    second.release()


def test_taking_it_twice_and_releasing_it_twice_is_harmless(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "a.db")
    lock.take()
    lock.take()
    lock.release()
    lock.release()
    Lock(tmp_path / "a.db").release()


def test_databases_beside_one_another_do_not_meet(tmp_path: Path) -> None:
    one, other = Lock(tmp_path / "a.db"), Lock(tmp_path / "b.db")
    one.take()
    other.take()
    one.release()
    other.release()


def test_where_there_can_be_no_folder_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseReadOnly):
        Lock(tmp_path / "file" / "a.db").take()


async def test_a_file_is_for_one_node_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="several nodes"):
        async with Store(tmp_path / "a.db", access=Access.NODE):
            pass
    async with Store(tmp_path / "a.db") as store:
        with pytest.raises(ValueError, match="several nodes"):
            store.node_link(print, print)
