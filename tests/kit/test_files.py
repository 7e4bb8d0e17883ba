"""Files by key: nothing climbs out, nothing is half there, nothing of others is touched."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clips.editing.clip_file import part_of
from bot.kit.files import KEY, Files, OwnFile, is_folder, is_there, look_for, poster_of

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "clips")


def lay(files: Files, name: str, age: timedelta = timedelta(0), size: int = 1) -> Path:
    """A file that was changed so long before `NOW`."""
    path = files.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * size)
    at = (NOW - age).timestamp()
    os.utime(path, (at, at))
    return path


def names(files: Files) -> list[str]:
    return sorted(path.name for path in files.folder.iterdir())


@pytest.mark.parametrize(
    "key",
    ["", "../a.mp4", "a/b.mp4", "/a.mp4", "a.mp4/", ".a.mp4", "A.mp4", "a.exe", "a.mp4\n", "a"],
)
def test_what_is_no_key_has_no_path(files: Files, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        files.path(key)


@given(st.text(), st.sampled_from(["mp4", "jpg"]))
def test_a_new_key_is_a_key_whatever_it_is_named_after(stem: str, suffix: str) -> None:
    files = Files(Path("/nowhere"))
    key = files.new_key(stem, suffix)
    assert files.path(key).parent == files.folder
    assert KEY.fullmatch(key)
    assert re.search(r"-[0-9a-f]{16}\.", key), "nobody guesses 64 random bits"
    assert key != files.new_key(stem, suffix)


def test_what_cannot_be_told_is_raised_or_no(tmp_path: Path) -> None:
    """The same by every version of Python, whatever its own methods say of it."""
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for name, is_one, folder in (("", True, True), ("file", True, False), ("none", False, False),
                                 ("file/below", False, False)):  # fmt: skip
        path = tmp_path / name
        assert (look_for(path), is_there(path), is_folder(path)) == (is_one, is_one, folder)
    assert (is_there(Path("\0")), is_folder(Path("\0"))) == (False, False)
    for unknown in (tmp_path / "loop", tmp_path / ("x" * 300)):
        assert (is_there(unknown), is_folder(unknown)) == (False, False)
        with pytest.raises(OSError, match=r".*"):
            look_for(unknown)


async def test_files_in_a_folder_that_cannot_be_reached_are_not_taken_for_lost(
    tmp_path: Path,
) -> None:
    assert await Files(tmp_path / "none").kept() == ()
    with pytest.raises(OSError, match="too long"):
        await Files(tmp_path / ("x" * 300)).kept()


async def test_a_picture_is_kept_once_under_the_key_of_its_bytes(files: Files) -> None:
    first, again, other = [await files.put_picture(data) for data in (b"one", b"one", b"two")]
    assert first == again != other
    assert files.path(first).read_bytes() == b"one"
    assert names(files) == sorted([first, other])


async def test_a_picture_that_is_put_again_is_young_again(files: Files) -> None:
    key = await files.put_picture(b"picture")
    os.utime(files.path(key), (0, 0))
    await files.put_picture(b"picture")
    (kept,) = await files.kept()
    assert datetime.now(UTC) - kept.changed_at < HOUR


async def test_deleting_what_is_not_there_is_no_error(files: Files) -> None:
    key = await files.put_picture(b"picture")
    await files.delete(key)
    await files.delete(key)
    assert names(files) == []


async def test_the_free_bytes_are_those_of_the_folders_disk(files: Files) -> None:
    stat = await asyncio.to_thread(os.statvfs, files.folder.parent)
    free = await files.free_bytes()
    assert files.folder.is_dir(), "it is made, so that a clip can be written"
    assert 0 < free <= stat.f_bavail * stat.f_frsize * 2


async def test_only_what_mintcast_wrote_is_seen(files: Files) -> None:
    assert await files.kept() == ()
    clip = files.new_key("minty", "mp4")
    picture = f"p-{'0' * 40}.jpg"
    of_ours = part_of(files.path(clip), 4711), part_of(files.path(clip), 4711, 3)
    parts = [one.name for part in of_ours for one in (part, part.with_suffix(".smaller"))]
    parts.append(files.path(clip).with_suffix(".smaller").name)
    second = files.path(clip).with_stem(f"{files.path(clip).stem}-2").name
    for name in (clip, second, picture, *parts):
        lay(files, name, size=7)
    for name in ("holiday.mp4", "p-1.jpg", ".bashrc", ".x.part", "notes.txt", "CLIP.mp4"):
        lay(files, name)
    (files.folder / "folder-0123456789abcdef.mp4").mkdir()
    assert set(await files.kept()) == {
        OwnFile(clip, 7, NOW),
        OwnFile(second, 7, NOW),
        OwnFile(picture, 7, NOW, is_picture=True),
        *(OwnFile(part, 7, NOW, is_part=True) for part in parts),
    }


async def test_a_sweep_takes_the_old_ones_and_no_others(files: Files) -> None:
    old, young = files.new_key("old", "mp4"), files.new_key("young", "mp4")
    lay(files, old, age=HOUR * 1.01)
    lay(files, young, age=HOUR * 0.99)
    beside = lay(files, "holiday.mp4", age=HOUR * 99)
    assert await files.sweep(await files.kept(), NOW - HOUR, NOW) == 1
    assert names(files) == sorted([young, beside.name])


async def test_a_file_that_became_young_since_it_was_seen_is_not_swept(files: Files) -> None:
    key = files.new_key("clip", "mp4")
    path = lay(files, key, age=2 * HOUR)
    seen = await files.kept()
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert await files.sweep(seen, NOW - HOUR, NOW) == 0
    assert path.exists()


async def test_a_sweep_passes_by_what_has_gone_meanwhile(files: Files) -> None:
    path = lay(files, files.new_key("clip", "mp4"), age=2 * HOUR)
    seen = await files.kept()
    path.unlink()
    assert await files.sweep(seen, NOW - HOUR, NOW) == 0


async def test_a_picture_that_cannot_be_written_leaves_nothing_behind(files: Files) -> None:
    files.folder.mkdir()
    blocked = files.folder / "sub"
    blocked.write_bytes(b"")
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        await Files(blocked).put_picture(b"picture")
    assert names(files) == ["sub"]


async def test_a_clip_takes_its_poster_along_and_no_picture_anything(tmp_path: Path) -> None:
    files = Files(tmp_path)
    clip, other = files.new_key("a", "mp4"), files.new_key("b", "mp4")
    for key in (clip, poster_of(clip), other, poster_of(other)):
        files.path(key).write_bytes(b"x")
    await files.delete(clip)
    await files.delete(poster_of(other))
    assert [path.name for path in tmp_path.iterdir()] == [other]


async def test_a_file_that_a_clock_dated_in_the_future_is_from_now(files: Files) -> None:
    key = files.new_key("clip", "mp4")
    lay(files, key, age=-24 * HOUR)
    assert await files.sweep(await files.kept(), NOW - HOUR, NOW) == 0
    later = NOW + 2 * HOUR
    assert await files.sweep(await files.kept(), later - HOUR, later) == 1


async def test_of_a_folder_that_cannot_be_looked_at_nobody_can_tell_what_is_there(
    tmp_path: Path,
) -> None:
    """Of such a name, since whoever runs the tests may be allowed to enter any folder."""
    files = Files(tmp_path / ("a" * 300))
    assert await files.may_be_there("a.mp4")


async def test_a_file_that_cannot_be_removed_costs_no_other_its_end(
    files: Files, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = [lay(files, f"p-{letter * 40}.jpg", 3 * HOUR) for letter in "abc"]
    unlink = Path.unlink

    def may_remove(path: Path, missing_ok: bool = False) -> None:
        if path == old[0]:
            raise PermissionError(1, "Operation not permitted")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", may_remove)
    for removed in (2, 0):
        kept = await files.kept()
        assert await files.sweep(kept, NOW - HOUR, NOW) == removed
    assert names(files) == [old[0].name]
    assert caplog.text.count("can't be tidied away: Operation not permitted") == 1
