from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.pumpfun.recording.media import Media
from bot.pumpfun.recording.segment_cache import SegmentCache
from tests.pumpfun.recording.harness import LONGEST, Site, a_recording, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The site, with a recording."""
    async with serving() as site:
        a_recording(site)
        yield site


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    """A server that nobody has named."""
    async with serving() as site:
        a_recording(site)
        yield site


@pytest.fixture
async def media(site: Site, tmp_path: Path) -> AsyncIterator[Media]:
    """Fetches from the site alone."""
    cache = SegmentCache(tmp_path / "segments", 64 << 20)
    async with Media(hosts=[site.origin], cache=cache, longest=LONGEST, timeout=2.0) as media:
        yield media
