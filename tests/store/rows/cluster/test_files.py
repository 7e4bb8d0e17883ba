"""Files in the database: whole or not there, in chunks, by the database's own clock."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.errors import FilesUnreachable
from bot.store import DatabaseFileStore, Store, file_store
from bot.store.rows.cluster.files import CHUNK_BYTES
from tests.store.raw_sql import ask, changes, lock_of_another_program, write

KEY = "minty-0123456789abcdef.mp4"
HOUR = 3600.0


@pytest.fixture
def files(store: Store) -> DatabaseFileStore:
    return DatabaseFileStore(store)


def lay(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def grow_old(store: Store, *keys: str, hours: float = 1.1) -> None:
    """As if they had been put so much earlier."""
    earlier = "UPDATE files SET changed_at = changed_at - ? WHERE key = ?"
    write(store.name, earlier, [(round(hours * HOUR * 1000), key) for key in keys])


def chunks(store: Store) -> int:
    return int(ask(store.name, "SELECT count(*) FROM file_chunks")[0][0])


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 5 * CHUNK_BYTES + 7]
)
async def test_what_was_put_is_got_to_the_byte(
    files: DatabaseFileStore, tmp_path: Path, size: int
) -> None:
    data = os.urandom(size)
    await files.put(KEY, lay(tmp_path, data))
    await files.get(KEY, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == data
    (listed,) = await files.list()
    assert (listed.key, listed.bytes, await files.has(KEY)) == (KEY, size, True)


@pytest.mark.parametrize("chunk_bytes", [CHUNK_BYTES // 8, CHUNK_BYTES * 3 // 2])
async def test_what_was_put_in_chunks_of_another_size_is_got_to_the_byte(
    files: DatabaseFileStore, store: Store, tmp_path: Path, chunk_bytes: int
) -> None:
    data = os.urandom(2 * CHUNK_BYTES + 7)
    async with store.write() as unit:
        await unit.files.begin(KEY)
        for number, start in enumerate(range(0, len(data), chunk_bytes)):
            await unit.files.add_chunk(KEY, number, data[start : start + chunk_bytes])
        await unit.files.complete(KEY, len(data))
    await files.get(KEY, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == data


async def test_a_file_that_lacks_a_chunk_is_not_there(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    await files.put(KEY, lay(tmp_path, os.urandom(6 * CHUNK_BYTES)))
    for number in (5, 2):
        write(store.name, "DELETE FROM file_chunks WHERE number = ?", [(number,)])
        with pytest.raises(FileNotFoundError):
            await files.get(KEY, tmp_path / f"without {number}")


async def test_what_was_never_put_is_not_there(files: DatabaseFileStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await files.get(KEY, tmp_path / "got")
    assert not await files.has(KEY)
    await files.delete([KEY])
    assert await files.sweep([KEY], 0) == 0


async def test_half_a_file_is_none(files: DatabaseFileStore, store: Store, tmp_path: Path) -> None:
    async with store.write() as unit:
        assert not await unit.files.begin(KEY)
    async with store.write() as unit:
        await unit.files.add_chunk(KEY, 0, b"x" * CHUNK_BYTES)
    assert not await files.has(KEY)
    assert await files.list() == ()
    with pytest.raises(FileNotFoundError):
        await files.get(KEY, tmp_path / "got")
    await files.put(KEY, lay(tmp_path, b"whole"))
    await files.get(KEY, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"whole"


async def test_half_a_file_is_swept_after_a_while(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    other = "other-0123456789abcdef.mp4"
    async with store.write() as unit:
        await unit.files.begin(KEY)
        await unit.files.add_chunk(KEY, 0, b"half")
    await files.put(other, lay(tmp_path, b"whole"))
    assert await files.sweep([], HOUR) == 0
    grow_old(store, KEY, other)
    assert await files.sweep([], HOUR) == 1
    assert (chunks(store), await files.has(other)) == (1, True)
    assert await files.sweep([other], HOUR) == 1
    assert chunks(store) == 0


async def test_so_many_bytes_are_swept_before_others_write(
    files: DatabaseFileStore, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_store, "_SWEPT_BYTES", 10, raising=False)
    keys = [f"p{number}-0123456789abcdef.jpg" for number in range(5)]
    for key, size in zip(keys, (4, 4, 4, 40, 4), strict=True):
        await files.put(key, lay(tmp_path, b"x" * size))
    async with store.write() as unit:
        await unit.files.begin(KEY)
        await unit.files.add_chunk(KEY, 0, b"half")
    grow_old(store, KEY, *keys)
    with changes() as changed:
        assert await files.sweep(keys, HOUR) == 6
    assert len(changed) == 5  # what never became whole, two, one, the large one, the last
    assert ask(store.name, "SELECT count(*) FROM files") == [(0,)]
    assert chunks(store) == 0


async def test_what_is_put_again_before_it_is_swept_stays(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    """Whatever a look found before."""
    await files.put(KEY, lay(tmp_path, b"picture"))
    async with store.write() as unit:
        assert await unit.files.sweep([KEY], HOUR) == 0
    assert await files.has(KEY)


async def test_what_is_put_again_is_young_again(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    path = lay(tmp_path, b"picture")
    await files.put(KEY, path)
    grow_old(store, KEY)
    await files.put(KEY, path)
    assert await files.sweep([KEY], HOUR) == 0


async def test_two_who_put_the_same_make_one(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    data = os.urandom(3 * CHUNK_BYTES)
    path = lay(tmp_path, data)
    await asyncio.gather(*(files.put(KEY, path) for _ in range(4)))
    await files.get(KEY, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == data
    assert chunks(store) == 3


async def test_what_is_deleted_while_it_is_put_is_not_there(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    async with store.write() as unit:
        await unit.files.begin(KEY)
        await unit.files.add_chunk(KEY, 0, b"data")
    write(store.name, "DELETE FROM files WHERE key = ?", [(KEY,)])
    async with store.write() as unit:
        assert not await unit.files.complete(KEY, 4)
    assert chunks(store) == 0


async def test_what_lacks_a_chunk_is_not_got(
    files: DatabaseFileStore, store: Store, tmp_path: Path
) -> None:
    await files.put(KEY, lay(tmp_path, b"x" * (CHUNK_BYTES + 1)))
    write(store.name, "DELETE FROM file_chunks WHERE number = ?", [(1,)])
    with pytest.raises(FileNotFoundError):
        await files.get(KEY, tmp_path / "got")


async def test_a_database_that_does_not_answer_is_said_to_be_out_of_reach(
    database: Path, tmp_path: Path
) -> None:
    async with Store(database, patience=0.1) as store:
        with lock_of_another_program(store.name), pytest.raises(FilesUnreachable, match="busy"):
            await DatabaseFileStore(store).put(KEY, lay(tmp_path, b"data"))
