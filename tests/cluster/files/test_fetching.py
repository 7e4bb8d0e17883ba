"""Files that another node has made, wherever one is needed: whole, once, or not at all."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot import texts
from bot.alerts import Fault, SendError
from bot.errors import FilesUnreachable
from bot.kit.files import Files
from bot.model import StoredVideo
from bot.store import DatabaseFileStore, Store
from tests.cluster.files.nodes import put_elsewhere
from tests.fakes.clock import FakeClock
from tests.platforms.discord import sender_harness as discord
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor
from tests.platforms.telegram.messages import harness as telegram
from tests.store.raw_sql import statements

KEY = "minty-0123456789abcdef.mp4"
DATA = telegram.MP4 + os.urandom(2_500_000)


class Watched(DatabaseFileStore):
    """It counts, and once may break off."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.got = 0
        self.asked = 0
        self.begun = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.fails = False

    async def get(self, key: str, path: Path) -> None:
        self.got += 1
        self.begun.set()
        await self.may_go_on.wait()
        await super().get(key, path)
        if self.fails:
            raise FilesUnreachable("planted")

    async def has(self, key: str) -> bool:
        self.asked += 1
        return await super().has(key)


@pytest.fixture
def watched(store: Store) -> Watched:
    return Watched(store)


@pytest.fixture
async def files(store: Store, tmp_path: Path, watched: Watched) -> Files:
    await put_elsewhere(store, tmp_path / "elsewhere", KEY, DATA)
    return Files(tmp_path / "clips", watched)


def names(files: Files) -> list[str]:
    return sorted(path.name for path in files.folder.iterdir())


async def test_many_who_want_it_at_once_fetch_it_once(files: Files, watched: Watched) -> None:
    paths = await asyncio.gather(*(files.fetch(KEY) for _ in range(20)))
    assert {path.read_bytes() for path in paths} == {DATA}
    assert (watched.got, names(files)) == (1, [KEY])


async def test_one_who_gives_up_takes_it_from_nobody(files: Files, watched: Watched) -> None:
    watched.may_go_on.clear()
    first, second = (asyncio.create_task(files.fetch(KEY)) for _ in range(2))
    await watched.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    watched.may_go_on.set()
    assert (await second).read_bytes() == DATA
    assert names(files) == [KEY]


async def test_what_breaks_off_leaves_nothing(files: Files, watched: Watched) -> None:
    watched.fails = True
    with pytest.raises(FilesUnreachable):
        await files.fetch(KEY)
    assert names(files) == []
    watched.fails = False
    assert (await files.fetch(KEY)).read_bytes() == DATA


async def test_what_is_nowhere_has_a_path_without_a_file(files: Files) -> None:
    other = "other-0123456789abcdef.mp4"
    assert not (await files.fetch(other)).exists()
    assert not await files.may_be_there(other)
    assert names(files) == []


@pytest.mark.parametrize("key", ["", "../a.mp4", "a/b.mp4", "/a.mp4", ".a.mp4", "a.exe", "a.mp4\n"])
async def test_what_is_no_key_is_asked_of_nobody(files: Files, watched: Watched, key: str) -> None:
    for ask in (files.fetch, files.may_be_there, files.share, files.delete):
        with pytest.raises(ValueError, match="not a key"):
            await ask(key)
    assert (watched.got, watched.asked) == (0, 0)


async def test_what_cannot_be_asked_now_counts_as_there(store: Store, files: Files) -> None:
    class Gone(DatabaseFileStore):
        async def has(self, key: str) -> bool:
            raise FilesUnreachable("planted")

    assert await Files(files.folder, Gone(store)).may_be_there(KEY)


async def test_a_service_that_is_alone_asks_the_database_nothing(
    store: Store, tmp_path: Path
) -> None:
    files = Files(tmp_path / "clips")
    with statements() as sent:
        key = await files.put_picture(b"picture")
        await files.share(key)
        assert await files.fetch(key) == files.path(key)
        assert await files.may_be_there(key)
        await files.delete(key)
        assert not await files.may_be_there(key)
    assert sent == []


# Who needs them


async def test_the_page_serves_it(store: Store, tmp_path: Path, watched: Watched) -> None:
    await put_elsewhere(store, tmp_path / "elsewhere", KEY, DATA)
    service = Service(tmp_path, store, FakeClock())
    service.files.shared = watched
    async with service.serving() as origin, Visitor(origin) as visitor:
        async with visitor.http.get(f"/files/{KEY}", headers={"Range": "bytes=9-"}) as response:
            assert (response.status, await response.read()) == (206, DATA[9:])
        for path in ("/files/..%2fsecret.mp4", "/files/none-0123456789abcdef.mp4"):
            assert await visitor.get(path, 404) == {"error": texts.page.no_such_file()}
        watched.fails = True
        await service.files.discard(KEY)
        assert await visitor.get(f"/files/{KEY}", 503) == {"error": texts.page.file_not_now()}


async def test_telegram_is_sent_it(store: Store, tmp_path: Path, watched: Watched) -> None:
    await put_elsewhere(store, tmp_path / "elsewhere", KEY, DATA)
    clip = replace(discord.CLIP, video=StoredVideo(KEY, 30.0, len(DATA), 1280, 720))
    async with telegram.open_sender(store, tmp_path / "clips") as harness:
        harness.files.shared = watched
        watched.fails = True
        with pytest.raises(SendError) as later:
            await harness.sender.send(harness.target(), clip, nonce="n")
        assert later.value.fault is Fault.NOT_SENT
        watched.fails = False
        await harness.sender.send(harness.target(), clip, nonce="n")
        (shown,) = harness.chat.messages
        assert shown.video is not None
        assert shown.video.data == DATA


async def test_discord_is_sent_it(store: Store, tmp_path: Path, watched: Watched) -> None:
    await put_elsewhere(store, tmp_path / "elsewhere", KEY, DATA)
    clip = replace(discord.CLIP, video=StoredVideo(KEY, 30.0, len(DATA), 1280, 720))
    async with discord.open_sender(tmp_path / "discord") as harness:
        harness.files.shared = watched
        watched.fails = True
        assert (await harness.fault_of(clip)).fault is Fault.NOT_SENT
        watched.fails = False
        await harness.sender.send(harness.target(), clip, nonce="n")
        (shown,) = harness.channel.messages
        assert shown.attachments[0].data == DATA
