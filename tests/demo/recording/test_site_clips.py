"""The site's own clips of what it recorded: whole sessions, and highlights."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot.demo.recording.recorder import Recorder
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.clip_judge import judge
from tests.demo.recording.reader import list_at, look


async def rows_of(web: httpx.AsyncClient, coin: DemoCoin, kind: str) -> list[dict[str, str]]:
    """What `/clips/{mint}` says."""
    found = (await web.get(f"/clips/{coin.mint}", params={"clipType": kind})).json()["clips"]
    return list(found)


async def test_a_whole_session_is_a_clip_some_time_after_its_end(
    web: httpx.AsyncClient, coin: DemoCoin, recorder: Recorder
) -> None:
    assert await rows_of(web, coin, "COMPLETE") == []
    coin.end()
    assert await rows_of(web, coin, "COMPLETE") == []
    session = recorder.directories[-1]
    assert session.closed is not None
    session.closed -= 30
    (row,) = await rows_of(web, coin, "COMPLETE")
    assert row["sessionId"] == session.name
    assert row["clipType"] == "COMPLETE"
    assert int(row["duration"]) % 2 == 0
    listed = await list_at(web, row["playlistUrl"])
    assert listed.ended
    assert sum(listed.seconds) == pytest.approx(600 - 16, abs=1.5)
    seen = look((await web.get(listed.segments[-1])).content)
    assert seen.numbers[-1] == pytest.approx(600 * 30, abs=30)


async def test_a_highlight_is_an_mp4_of_what_was_on_air_then(
    web: httpx.AsyncClient, coin: DemoCoin, recorder: Recorder, tmp_path: Path
) -> None:
    coin.add_highlight(seconds=4)
    (row,) = await rows_of(web, coin, "HIGHLIGHT")
    file = tmp_path / "clip.mp4"
    file.write_bytes((await web.get(row["mp4Url"])).content)
    verdict = judge(file)
    assert (verdict.frames, verdict.missing, verdict.unreadable) == (120, 0, 0)
    assert verdict.numbers[-1] == pytest.approx(600 * 30, abs=60)
    assert verdict.skew_median is not None
    assert abs(verdict.skew_median) < 0.015
    assert recorder.is_open


async def test_what_was_not_recorded_has_no_files(web: httpx.AsyncClient, world: World) -> None:
    coin = world.add_coin("NAP", "Sleeping coin")
    coin.go_live()
    coin.add_highlight()
    (row,) = await rows_of(web, coin, "HIGHLIGHT")
    assert (await web.get(row["mp4Url"])).status_code == 404
