"""Files over HTTP: clips and pictures by their keys, the page's own by name, and nothing else."""

from __future__ import annotations

import base64
import errno
import os
import re
from pathlib import Path
from typing import cast

import pytest

from bot import texts
from bot.errors import FilesUnreachable
from bot.kit.files import FileStore
from bot.platforms import local
from tests.ops.raw_client import Answer, ask
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor

PAGE = Path(local.__file__).parent / "page"
CLIP = bytes(range(256)) * 40


@pytest.fixture
def clip(service: Service) -> str:
    key = service.files.new_key("Mint", "mp4")
    service.files.path(key).write_bytes(CLIP)
    (service.folder / "secret.mp4").write_bytes(b"not yours")
    return key


async def test_a_clip_is_served_whole_and_in_parts(visitor: Visitor, clip: str) -> None:
    async with visitor.http.get(f"/files/{clip}") as response:
        assert response.content_type == "video/mp4"
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["Content-Disposition"] == f'inline; filename="{clip}"'
        assert "immutable" in response.headers["Cache-Control"]
        assert await response.read() == CLIP
    async with visitor.http.get(f"/files/{clip}", headers={"Range": "bytes=10-19"}) as response:
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes 10-19/{len(CLIP)}"
        assert await response.read() == CLIP[10:20]


async def test_a_clip_can_be_downloaded(visitor: Visitor, clip: str) -> None:
    async with visitor.http.get(f"/files/{clip}?download") as response:
        assert response.headers["Content-Disposition"] == f'attachment; filename="{clip}"'


async def test_a_picture_is_a_jpeg(service: Service, visitor: Visitor) -> None:
    key = await service.files.put_picture(b"\xff\xd8\xff picture")
    async with visitor.http.get(f"/files/{key}") as response:
        assert response.content_type == "image/jpeg"


@pytest.mark.parametrize(
    "path",
    [
        "/files/",
        "/files/../secret.mp4",
        "/files/..%2fsecret.mp4",
        "/files/%2e%2e/secret.mp4",
        "/files/%2e%2e%2fsecret.mp4",
        "/files/..%5csecret.mp4",
        "/files/%252e%252e%252fsecret.mp4",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
        "/files/secret.mp4%00.mp4",
        "/files/.hidden.mp4",
        "/files/clips.mp4/../../secret.mp4",
        "/files/nothing-here.mp4",
        "/files/mintcast.db",
        "/page/../api.py",
        "/page/..%2fapi.py",
        "/page/%2e%2e%2fapi.py",
        "/page/nothing.js",
    ],
)
async def test_no_path_climbs_out(visitor: Visitor, clip: str, path: str) -> None:
    answer = await ask(visitor.origin, path)
    assert answer.status in (400, 404)
    assert b"not yours" not in answer.body
    if answer.status == 404:
        assert answer.json["error"] in (texts.page.no_such_file(), texts.page.http_failed(404))


async def test_a_folder_with_the_name_of_a_file_is_none(service: Service, visitor: Visitor) -> None:
    service.files.path("folder.mp4").mkdir()
    assert await visitor.get("/files/folder.mp4", 404) == {"error": texts.page.no_such_file()}


async def test_a_clip_that_is_no_longer_kept_is_said_to_be_gone(
    service: Service, visitor: Visitor, clip: str
) -> None:
    await service.files.delete(clip)
    assert await visitor.get(f"/files/{clip}", 404) == {"error": texts.page.no_such_file()}


class Failing:
    """What nodes share, where nothing can be had now."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    async def get(self, key: str, path: Path) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error", [FilesUnreachable("planted"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))]
)
async def test_a_clip_that_cannot_be_fetched_now_is_not_said_to_be_gone(
    service: Service, visitor: Visitor, error: OSError
) -> None:
    service.files.shared = cast(FileStore, Failing(error))
    path = f"/files/{service.files.new_key('Mint', 'mp4')}"
    assert await visitor.get(path, 503) == {"error": texts.page.file_not_now()}


async def test_a_clip_that_cannot_be_read_now_is_not_said_to_be_gone(
    service: Service, visitor: Visitor, clip: str
) -> None:
    path = service.files.path(clip)
    path.unlink()
    path.symlink_to(path)
    assert await visitor.get(f"/files/{clip}", 503) == {"error": texts.page.file_not_now()}


async def test_whether_a_clip_is_there_is_told_without_it(
    service: Service, visitor: Visitor, clip: str
) -> None:
    """As the page asks where one does not load."""

    async def status() -> int:
        async with visitor.http.head(f"/files/{clip}") as response:
            assert await response.read() == b""
            return response.status

    assert await status() == 200
    await service.files.delete(clip)
    assert await status() == 404
    service.files.shared = cast(FileStore, Failing(FilesUnreachable("planted")))
    assert await status() == 503


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/page/app.js", "text/javascript"),
        ("/page/style.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
    ],
)
async def test_the_page_is_served_with_its_types(visitor: Visitor, path: str, kind: str) -> None:
    async with visitor.http.get(path) as response:
        assert response.status == 200
        assert response.content_type == kind
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        tag = response.headers["ETag"]
    async with visitor.http.get(path, headers={"If-None-Match": tag}) as response:
        assert response.status == 304


async def test_everything_that_the_page_asks_for_is_there_and_is_our_own(visitor: Visitor) -> None:
    asked, seen = ["/"], set[str]()
    while asked:
        path = asked.pop()
        seen.add(path)
        async with visitor.http.get(path) as response:
            assert response.status == 200, path
            text = await response.text()
        assert not re.findall(r"""(?:src|href|from|url)\W{1,3}(?:https?:)?//""", text), path
        assert not re.findall(r"""(?:src|href)="/""", text), "it would lead out of /mintcast/"
        found = [f"/{name}" for name in re.findall(r"""(?:src|href)="(page/[^"]+)\"""", text)]
        found += [f"/page/{name}" for name in re.findall(r"""from "\./([^"]+)\"""", text)]
        asked += [path for path in found if path not in seen]
    files = [file.name for file in PAGE.rglob("*.*") if file.name != "index.html"]
    assert sorted(seen) == sorted(["/", *(f"/page/{name}" for name in files)])


async def index(service: Service, prefix: str) -> Answer:
    """As a browser behind a proxy gets it."""
    pair = base64.b64encode(b"me:sesame").decode()
    headers = {"Authorization": f"Basic {pair}", "X-Forwarded-Prefix": prefix}
    async with service.serving(password="sesame") as origin:
        return await ask(origin, "/", headers=headers)


@pytest.mark.parametrize("prefix", ["/mintcast", "/mintcast/", "/a/b-c"])
async def test_a_proxy_that_takes_the_path_off_may_say_so(service: Service, prefix: str) -> None:
    answer = await index(service, prefix)
    assert f'src="{prefix.rstrip("/")}/page/app.js"'.encode() in answer.body
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "/", "", "https://evil.example", '/"><x', "/..", "/a//b"]
)
async def test_what_is_no_path_is_put_before_no_link(service: Service, prefix: str) -> None:
    assert b'src="page/app.js"' in (await index(service, prefix)).body
