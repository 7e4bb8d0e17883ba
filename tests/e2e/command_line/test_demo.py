"""`mintcast demo --once`: the whole story, as somebody sees it who has just cloned this."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import require_livekit_server
from tests.e2e.command_line.shell import Shell


async def test_the_whole_story_happens(tmp_path: Path) -> None:
    require_livekit_server()
    shell = Shell({}, tmp_path / "home")
    ran = await shell.run("demo", "--once")
    assert ran.code == 0, ran.out
    assert "Everything worked." in ran.out
    assert {file.name for file in (shell.folder / "demo-files").iterdir()} == {
        "alert.jpg",
        "clip.mp4",
        "highlight.mp4",
        "longer.mp4",
    }
