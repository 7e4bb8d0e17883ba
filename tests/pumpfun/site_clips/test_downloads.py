"""Files of the site's own clips, from a real server: whole, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from bot.errors import PumpfunError
from bot.model import Reason
from bot.pumpfun import ClipDownloads
from tests.patience import PATIENCE
from tests.pumpfun.recording.harness import Site, serving

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(100_000)
LIMIT = 1 << 20


@pytest.fixture(autouse=True)
def _retries_as_they_are() -> Iterator[None]:
    with stamina.set_testing(False):
        yield


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as site:
        yield site


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    """A server that nobody has named."""
    async with serving() as site:
        site.files["/clip.mp4"] = MP4
        yield site


@pytest.fixture
async def downloads(site: Site) -> AsyncIterator[ClipDownloads]:
    async with ClipDownloads(hosts=[site.origin], most_bytes=LIMIT, seconds=PATIENCE) as downloads:
        yield downloads


async def refusal(downloads: ClipDownloads, url: str, folder: Path) -> Reason:
    with pytest.raises(PumpfunError) as caught:
        await downloads.fetch(url, folder / "clip.part")
    assert list(folder.iterdir()) == []
    return caught.value.reason


async def test_it_is_there_as_it_was_sent(
    downloads: ClipDownloads, site: Site, tmp_path: Path
) -> None:
    site.files["/clip.mp4"] = MP4
    assert await downloads.fetch(f"{site.origin}/clip.mp4", tmp_path / "clip.part") == len(MP4)
    assert (tmp_path / "clip.part").read_bytes() == MP4


async def test_a_redirect_to_a_host_of_ours_is_followed(
    downloads: ClipDownloads, site: Site, tmp_path: Path
) -> None:
    site.files |= {"/a": "/b", "/b": f"{site.origin}/c", "/c": "clip.mp4", "/clip.mp4": MP4}
    assert await downloads.fetch(f"{site.origin}/a", tmp_path / "clip.part") == len(MP4)
    assert (tmp_path / "clip.part").read_bytes() == MP4


async def test_no_redirect_leads_elsewhere(
    downloads: ClipDownloads, site: Site, other: Site, tmp_path: Path
) -> None:
    for target in (f"{other.origin}/clip.mp4", "file:///etc/passwd", "//127.0.0.1:1/x", ""):
        site.files["/away"] = target or "http://"
        url = f"{site.origin}/away"
        assert await refusal(downloads, url, tmp_path) is Reason.NOT_ALLOWED
    assert other.asked == []


async def test_a_row_cannot_send_it_elsewhere(
    downloads: ClipDownloads, other: Site, tmp_path: Path
) -> None:
    url = f"{other.origin}/clip.mp4"
    assert await refusal(downloads, url, tmp_path) is Reason.NOT_ALLOWED
    assert await refusal(downloads, "not a URL", tmp_path) is Reason.NOT_ALLOWED
    assert other.asked == []


async def test_a_chain_of_redirects_ends(
    downloads: ClipDownloads, site: Site, tmp_path: Path
) -> None:
    site.files["/round"] = "/round"
    assert await refusal(downloads, f"{site.origin}/round", tmp_path) is Reason.NOT_ALLOWED
    assert len(site.asked) == 4


async def test_no_more_comes_than_may(downloads: ClipDownloads, site: Site, tmp_path: Path) -> None:
    site.files["/large.mp4"] = MP4 + bytes(LIMIT)
    assert await refusal(downloads, f"{site.origin}/large.mp4", tmp_path) is Reason.TOO_LARGE


@pytest.mark.parametrize("body", [b"", b"<html>", b"error code: 504", MP4[:7], b"\x47" * 188])
async def test_what_is_no_mp4_is_not_kept(
    downloads: ClipDownloads, site: Site, tmp_path: Path, body: bytes
) -> None:
    site.files["/clip.mp4"] = body
    url = f"{site.origin}/clip.mp4"
    assert await refusal(downloads, url, tmp_path) in (Reason.NOT_A_VIDEO, Reason.SERVER_ERROR)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, Reason.NOT_FOUND), (403, Reason.FORBIDDEN), (500, Reason.SERVER_ERROR)],
)
async def test_what_is_not_there_is_asked_for_once(
    downloads: ClipDownloads, site: Site, tmp_path: Path, status: int, reason: Reason
) -> None:
    site.files["/clip.mp4"] = status
    assert await refusal(downloads, f"{site.origin}/clip.mp4", tmp_path) is reason
    assert len(site.asked) == 1


async def test_who_wants_it_no_more_leaves_nothing(
    downloads: ClipDownloads, site: Site, tmp_path: Path
) -> None:
    site.files["/clip.mp4"] = MP4
    site.holds = "/"
    fetching = asyncio.create_task(
        downloads.fetch(f"{site.origin}/clip.mp4", tmp_path / "clip.part")
    )
    async with asyncio.timeout(PATIENCE):
        await site.held.wait()
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    site.release.set()
    assert list(tmp_path.iterdir()) == []


async def test_one_that_does_not_come_is_not_waited_for(site: Site, tmp_path: Path) -> None:
    site.holds = "/"
    async with ClipDownloads(hosts=[site.origin], seconds=0.2) as downloads:
        assert await refusal(downloads, f"{site.origin}/clip.mp4", tmp_path) is Reason.TIMEOUT
    site.release.set()
