"""Files in a bucket: by the real client, of a stand-in that has the bucket in memory."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cluster.s3_files import S3FileStore
from bot.errors import FilesUnreachable, LeaseLost, SettingsError
from bot.kit.files import Files
from bot.kit.leadership import HeldLease, Lease, under
from bot.kit.timing.clock import SystemClock
from tests.cluster.files.fake_s3 import FakeS3

pytest.importorskip("obstore")

KEY = "minty-0123456789abcdef.mp4"
POSTER = "minty-0123456789abcdef.jpg"
HOUR = 3600.0


@pytest.fixture
async def s3() -> AsyncIterator[FakeS3]:
    async with FakeS3() as fake:
        yield fake
        assert fake.unsigned == 0


@pytest.fixture
def shared(s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> S3FileStore:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return S3FileStore("s3://clips/nodes", SystemClock())


def lay(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("size", [1, 5 << 20, (12 << 20) + 7])
async def test_what_was_put_is_got_to_the_byte(
    s3: FakeS3, shared: S3FileStore, tmp_path: Path, size: int
) -> None:
    data = os.urandom(size)
    await shared.put(KEY, lay(tmp_path, data))
    assert [*s3.objects] == [f"nodes/{KEY}"]
    await shared.get(KEY, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == data
    (listed,) = await shared.list()
    assert (listed.key, listed.bytes, await shared.has(KEY)) == (KEY, size, True)


async def test_what_was_never_put_is_not_there(shared: S3FileStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await shared.get(KEY, tmp_path / "got")
    assert not (tmp_path / "got").exists()
    assert not await shared.has(KEY)
    await shared.delete([KEY, POSTER])
    assert await shared.list() == ()


async def test_only_what_is_old_is_swept_and_nothing_of_others(
    s3: FakeS3, shared: S3FileStore, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    s3.put(f"nodes/{KEY}", b"old", now - timedelta(hours=1.1))
    s3.put(f"nodes/{POSTER}", b"young", now - timedelta(hours=0.9))
    s3.put("nodes/holiday/film.mp4", b"of others", now - timedelta(hours=999))
    s3.put("others/film.mp4", b"of others", now - timedelta(hours=999))
    assert {one.key for one in await shared.list()} == {KEY, POSTER}
    assert await shared.sweep([KEY, POSTER], HOUR) == 1
    assert set(s3.objects) == {f"nodes/{POSTER}", "nodes/holiday/film.mp4", "others/film.mp4"}


async def test_a_bucket_that_does_not_answer_is_out_of_reach(
    s3: FakeS3, shared: S3FileStore, tmp_path: Path
) -> None:
    s3.fails = True
    with pytest.raises(FilesUnreachable):
        await shared.put(KEY, lay(tmp_path, b"data"))
    with pytest.raises(FilesUnreachable):
        await shared.list()
    assert await Files(tmp_path, shared).may_be_there(KEY)


async def test_whoever_lost_the_lease_deletes_nothing(
    s3: FakeS3, shared: S3FileStore, tmp_path: Path
) -> None:
    await shared.put(KEY, lay(tmp_path, b"data"))
    lost = HeldLease(Lease("tidy", "a", 1), float("-inf"), SystemClock())
    with under(lost), pytest.raises(LeaseLost):
        await shared.delete([KEY])
    assert await shared.has(KEY)


async def test_one_node_has_what_another_has_put(shared: S3FileStore, tmp_path: Path) -> None:
    one, other = Files(tmp_path / "a", shared), Files(tmp_path / "b", shared)
    key = await one.put_picture(b"picture")
    assert (await other.fetch(key)).read_bytes() == b"picture"
    await other.delete(key)
    assert not await other.may_be_there(key)


def test_what_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "perhaps")
    with pytest.raises(SettingsError, match=r"storage\.clip_files: can't be used"):
        S3FileStore("s3://clips", SystemClock())


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(SettingsError, match=r"pip install --editable '.\[s3\]'"):
        S3FileStore("s3://clips", SystemClock())
