"""What the service makes is readable by nobody else on the machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app.file_permissions import keep_private
from bot.config import Settings
from bot.kit.files import Files
from bot.store import Store
from tests.databases.by_path import Databases


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """The umask that most people have, and after the test the one that there was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Of everything in it, by path."""
    found = {".": folder, **{str(path.relative_to(folder)): path for path in folder.rglob("*")}}
    return {name: oct(stat.S_IMODE(path.lstat().st_mode)) for name, path in found.items()}


def settings(folder: Path) -> Settings:
    storage = {"database": str(folder / "mintcast.db"), "clips": str(folder / "clips")}
    return Settings.model_validate({"storage": storage})


async def test_all_that_is_made_is_for_one_user(
    tmp_path: Path, postgres_databases: Databases | None
) -> None:
    data = tmp_path / "data"
    await keep_private(settings(data))
    files = Files(data / "clips")
    async with Store(data / "mintcast.db") as store, store.write() as unit:
        await unit.key_values.put("a", "b")
        await files.put_picture(b"jpeg")
        found = modes(data)
    suffixes = ("", "-wal", "-shm", ".lock") if postgres_databases is None else ()
    assert {f"mintcast.db{suffix}" for suffix in suffixes} <= set(found)
    assert len(found) == 3 + len(suffixes)
    assert {name: mode for name, mode in found.items() if mode[-2:] != "00"} == {}


async def test_what_an_earlier_version_left_open_is_shut(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "clips").mkdir(parents=True)
    ours = ["mintcast.db", "mintcast.db-wal", "mintcast.db.lock", "mintcast.db.20261123T1.v1.bak",
            "clips/minty-0123456789abcdef.mp4", "clips/minty-0123456789abcdef.jpg",
            f"clips/p-{'0' * 40}.jpg", ".",
            "clips", "clips/segments", "clips/segments-node-1"]  # fmt: skip
    for name in ours[-2:]:
        (data / name).mkdir()
    for name in ours[:-4]:
        (data / name).touch()
    assert set(modes(data).values()) == {"0o644", "0o755"}
    await keep_private(settings(data))
    assert set(modes(data)) == set(ours)
    assert set(modes(data).values()) == {"0o600", "0o700"}


async def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "clips").mkdir(parents=True)
    others = ["config.toml", "mintcast.db.mine", "clips/holiday.mp4"]
    for name in (*others, "mintcast.db"):
        (data / name).touch()
    (data / "mintcast.db.lock").symlink_to(data / "config.toml")
    await keep_private(settings(data))
    found = modes(data)
    assert found["mintcast.db"] == "0o600"
    assert {found[name] for name in others} == {"0o644"}
    assert found["."] == found["clips"] == "0o755"
