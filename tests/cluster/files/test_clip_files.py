"""Clips of several nodes: each can have what another made, and none takes it from another."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import FilesUnreachable
from bot.kit.files import Files, OwnFile, poster_of
from bot.model import ClipJob, JobState
from bot.store import DatabaseFileStore, Store
from tests.cluster.files.nodes import HOUR, FileNode, file_node, grow_old
from tests.fakes.clock import settle
from tests.patience import PATIENCE
from tests.store.raw_sql import write

Nodes = tuple[FileNode, FileNode]


@pytest.fixture
async def nodes(database: Path) -> AsyncIterator[Nodes]:
    async with file_node(database, "a") as a, file_node(database, "b") as b:
        yield a, b


def keys_of(job: ClipJob) -> set[str]:
    assert job.file_key is not None
    return {job.file_key, poster_of(job.file_key)}


async def fetch_both(node: FileNode, job: ClipJob) -> None:
    for key in keys_of(job):
        await node.files.fetch(key)


async def test_what_one_has_made_another_can_have(nodes: Nodes) -> None:
    a, b = nodes
    data = os.urandom(3 << 20)
    job = await a.made(data)
    assert job.file_key is not None
    assert await b.files.may_be_there(job.file_key)
    assert b.names() == []
    assert (await b.files.fetch(job.file_key)).read_bytes() == data
    assert (await b.files.fetch(poster_of(job.file_key))).read_bytes() == b"poster"
    assert set(b.names()) == keys_of(job)


async def test_no_row_names_a_file_before_all_can_have_it(nodes: Nodes) -> None:
    a, _ = nodes
    seen: list[bool] = []

    class Late(DatabaseFileStore):
        """It is there only at the third try."""

        async def put(self, key: str, path: Path) -> None:
            seen.append((await a.newest()).file_key is None)
            if len(seen) < 3:
                raise FilesUnreachable("planted")
            await super().put(key, path)

    a.files.shared = Late(a.store)
    job = await a.made(step=1.0)
    assert seen == [True] * 4, "the poster twice in vain, then both"
    assert await a.stored() == keys_of(job)


async def test_for_as_long_as_all_cannot_have_it_clips_are_said_to_fail_and_that_once(
    nodes: Nodes, caplog: pytest.LogCaptureFixture
) -> None:
    a, _ = nodes
    caplog.set_level(logging.INFO, "bot.kit.health")
    part, seen = a.health.part("clips"), list[bool]()

    class Away(DatabaseFileStore):
        async def put(self, key: str, path: Path) -> None:
            seen.append(part.ok)
            if len(seen) <= 10:
                raise FilesUnreachable("planted")
            await super().put(key, path)

    def told() -> list[str]:
        return [record.getMessage() for record in caplog.records if "clips" in record.getMessage()]

    a.files.shared = Away(a.store)
    async with a.at_work() as take, asyncio.timeout(PATIENCE):
        take.complete()
        take.request.path.write_bytes(b"clip")
        while len(seen) <= 10 or not part.ok:
            await a.clock.advance(1.0)
    assert seen == [True] + [False] * 10
    assert told() == [
        "clips fails: planted",
        f"clips works again: {part.detail}",
    ]


async def test_that_they_failed_is_not_said_for_ever_where_nobody_asks_for_the_next(
    nodes: Nodes,
) -> None:
    a, _ = nodes

    class Gone(DatabaseFileStore):
        async def put(self, key: str, path: Path) -> None:
            raise FilesUnreachable("planted")

    a.files.shared = Gone(a.store)
    part = a.health.part("clips")
    async with a.at_work() as take, asyncio.timeout(PATIENCE):
        take.complete()
        take.request.path.write_bytes(b"clip")
        while (await a.newest()).state is not JobState.FAILED:
            await a.clock.advance(1.0)
        await a.clock.advance(300.0)
        assert part.detail == "planted"
        while not part.ok:
            await a.clock.advance(10.0)


async def test_where_all_cannot_have_it_there_is_no_clip(nodes: Nodes) -> None:
    a, _ = nodes

    class Broken(DatabaseFileStore):
        async def put(self, key: str, path: Path) -> None:
            raise PermissionError(errno.EACCES, "planted")

    a.files.shared = Broken(a.store)
    async with a.at_work() as take:
        take.complete()
        async with asyncio.timeout(PATIENCE):
            while (job := await a.newest()).state not in (JobState.DONE, JobState.FAILED):
                await settle()
    assert (job.state, job.file_key) == (JobState.FAILED, None)
    assert a.names() == []


async def test_whoever_lacks_a_clip_leaves_it_to_the_others(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    await b.retention.tidy()
    await b.retention.tidy_for_all()
    assert (await b.row(job)).state is JobState.DONE
    assert set(a.names()) == keys_of(job) == await b.stored()


async def test_a_clip_that_is_nowhere_goes_by_its_time(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    await a.files.delete(job.file_key or "")
    await b.owed()
    await b.retention.tidy_for_all()
    assert (await b.row(job)).state is JobState.DONE
    assert not await b.files.may_be_there(job.file_key or "")
    await b.clock.advance(73 * 3600)
    await b.retention.tidy_for_all()
    assert (await b.row(job)).state is JobState.EXPIRED


async def test_what_expires_goes_from_everywhere(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    await fetch_both(b, job)
    await b.owed()
    for node in nodes:
        await node.clock.advance(73 * 3600)
    await b.retention.tidy_for_all()
    assert (await b.row(job)).state is JobState.EXPIRED
    assert await b.stored() == set()
    for node in nodes:
        await node.retention.tidy()
        assert node.names() == []


async def test_what_is_deleted_goes_from_everywhere(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    await fetch_both(b, job)
    assert await a.delete(job)
    assert (await a.stored(), a.names()) == (set(), [])
    await b.retention.tidy()
    assert b.names() == []


async def test_the_oldest_go_where_all_take_more_than_they_may(nodes: Nodes) -> None:
    a, b = nodes
    first = await a.made(b"x" * 900)
    await a.clock.advance(60)
    second = await a.made(b"x" * 900)
    await b.owed()
    b.retention.rules = replace(b.retention.rules, most_bytes=1200)
    await b.retention.tidy_for_all()
    assert [(await b.row(job)).state for job in (first, second)] == [
        JobState.EXPIRED,
        JobState.DONE,
    ]
    assert await b.stored() == keys_of(second)


async def test_what_no_row_names_is_left_over_after_an_hour(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    strays = {age: a.files.new_key(age, "mp4") for age in ("young", "old")}
    for key in strays.values():
        a.files.path(key).write_bytes(b"killed before its row")
        await a.files.share(key)
    grow_old(a.store, strays["old"], *keys_of(job))
    await b.retention.tidy_for_all()
    assert await b.stored() == {strays["young"], *keys_of(job)}


async def test_a_picture_stays_while_it_is_shown_anew(nodes: Nodes) -> None:
    a, b = nodes
    shown, unused = await a.files.put_picture(b"shown"), await a.files.put_picture(b"unused")
    assert (await b.files.fetch(shown)).read_bytes() == b"shown"
    grow_old(a.store, shown, unused, hours=73)
    assert await a.files.put_picture(b"shown") == shown
    await b.retention.tidy_for_all()
    assert await b.stored() == {shown}
    await a.retention.tidy()
    assert a.names() == [shown]


@pytest.mark.parametrize(("minutes", "stays"), [(14, True), (16, False)])
async def test_what_another_is_making_around_a_clip_stays(
    nodes: Nodes, minutes: float, stays: bool
) -> None:
    a, b = nodes
    job = await a.made()
    async with a.store.write() as unit:
        await unit.jobs.order_padded_clip(
            "padded-0123456789abcdef.mp4", "MINT", [job.id], b.clock.now()
        )
    await b.clock.advance(60 * minutes)
    b.retention.rules = replace(b.retention.rules, most_bytes=1)
    await b.retention.tidy()
    await b.retention.tidy_for_all()
    async with b.store.read() as unit:
        assert bool(await unit.jobs.padded_clips()) is stays


# A node's own folder


async def test_copies_go_for_room_those_first_that_were_needed_longest_ago(nodes: Nodes) -> None:
    a, b = nodes
    jobs = [await a.made(b"x" * 900) for _ in range(3)]
    for hours, job in zip((3, 1, 2), jobs, strict=True):
        await b.files.fetch(job.file_key or "")
        b.lies_since(job.file_key or "", timedelta(hours=hours))
    b.retention.rules = replace(b.retention.rules, most_bytes=2000)
    await b.retention.tidy()
    assert set(b.names()) == {jobs[1].file_key, jobs[2].file_key}
    b.lies_since(jobs[2].file_key or "", timedelta(hours=25))
    await b.retention.tidy()
    assert b.names() == [jobs[1].file_key], "nobody needed it for a day"
    assert len(await b.stored()) == 6
    assert (await b.files.fetch(jobs[0].file_key or "")).read_bytes() == b"x" * 900


async def test_a_full_disk_costs_nobody_else_a_clip(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    await fetch_both(b, job)
    assert not await b.retention.make_room(1 << 60)
    assert b.names() == []
    assert (await b.row(job)).state is JobState.DONE
    assert await b.stored() == set(a.names()) == keys_of(job)


async def test_what_a_node_had_while_it_was_alone_all_can_have(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made()
    write(a.store.name, "DELETE FROM file_chunks")
    write(a.store.name, "DELETE FROM files")
    stray = a.files.new_key("stray", "mp4")
    a.files.path(stray).write_bytes(b"nobody's")
    await a.retention.tidy()
    assert await b.stored() == keys_of(job)
    assert set(a.names()) == keys_of(job) | {stray}


async def test_what_is_left_over_in_a_folder_goes_after_an_hour(nodes: Nodes) -> None:
    a, _ = nodes
    names = ["old-0123456789abcdef.mp4", "new-0123456789abcdef.mp4"]
    a.files.folder.mkdir(exist_ok=True)
    for name, span in zip(names, (1.1 * HOUR, 0.9 * HOUR), strict=True):
        a.files.path(name).write_bytes(b"")
        a.lies_since(name, span)
    await a.retention.tidy()
    assert a.names() == names[1:]


# A folder that all nodes mount


async def test_in_a_shared_folder_one_removes_for_all(database: Path) -> None:
    folder = database.parent / "shared"
    async with file_node(database, "a", folder) as a, file_node(database, "b", folder) as b:
        job = await a.made()
        stray = b.files.new_key("stray", "mp4")
        b.files.path(stray).write_bytes(b"")
        for name in (*keys_of(job), stray):
            b.lies_since(name, 2 * HOUR)
        await b.owed()
        await b.retention.tidy()
        assert not await b.retention.make_room(1 << 60)
        assert set(b.names()) == {*keys_of(job), stray}
        await b.retention.tidy_for_all()
        assert set(a.names()) == keys_of(job)
        await b.clock.advance(73 * 3600)
        await b.retention.tidy_for_all()
        assert ((await a.row(job)).state, a.names()) == (JobState.EXPIRED, [])


async def test_a_shared_folder_that_fails_is_told_and_is_no_mistake_of_ours(store: Store) -> None:
    class Stale(Files):
        async def in_folder(self) -> tuple[OwnFile, ...]:
            raise OSError(errno.ESTALE, "Stale file handle")

    node = FileNode(store, Stale(Path("unused")))
    with pytest.raises(FilesUnreachable, match="Stale file handle"):
        await node.retention.tidy_for_all()
