"""One sentence and an exit code for whatever is typed, in this process: three kinds of it go
through a real one in `tests/e2e/command_line/test_commands.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

MINT = "So11111111111111111111111111111111111111112"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["not-a-mint"], 2, "isn't a coin's address or a pump.fun link"),
        (["0x52908400098527886E0F7030069857D2E4169EE7"], 2, "Ethereum"),
        (["https://livestream-api.pump.fun@evil.example/x"], 2, "doesn't lead to pump.fun"),
        ([MINT, "0s"], 2, "at least 1 s"),
        ([MINT, "10h"], 2, "at most 2 min"),
        ([MINT, "-5"], 2, "isn't a length"),
        ([MINT, "30 parsecs"], 2, "isn't a length"),
        ([MINT, "--nope"], 2, "isn't an option"),
        ([MINT, "30s", "--max-bytes", "10"], 2, "needs at least"),
        ([MINT, "30s", "--max-bytes", "lots"], 2, "isn't a size"),
        ([MINT, "1s", "--out", "taken.mp4"], 2, "already exists"),
        ([MINT, "1s", "--out", "no/such/folder/a.mp4"], 1, "can't be saved there"),
        ([MINT, "1s", "--config", "missing.toml"], 78, "no such file"),
        ([MINT, "1s", "--ago", "1m", "--from", "9:00"], 2, "both say which moment"),
        ([MINT, "1s", "--ago", "yesterday"], 2, "isn't how long ago"),
        ([MINT, "1s", "--ago", "-5"], 2, "isn't how long ago"),
        ([MINT, "1s", "--ago", "0s"], 2, "isn't how long ago"),
        ([MINT, "1s", "--ago", "25h"], 2, "at most 24 h"),
        ([MINT, "1s", "--from", "noon"], 2, "isn't a time. Try 14:02:10"),
        ([MINT, "1s", "--from", "2026-11-29T14:02:10"], 2, "doesn't say its time zone"),
        ([MINT, "1s", "--from", "9999-12-31T23:59:59Z"], 2, "still to come"),
        ([MINT, "1s", "--source", "satellite"], 2, "'satellite'"),
        ([MINT, "1s", "--source", "ring"], 2, "Only --watch keeps a ring"),
        ([MINT, "1s", "--source", "room", "--ago", "1m"], 2, "only what is still to come"),
        ([MINT, "1s", "--watch", "--ago", "1m"], 2, "Leave out --watch"),
        ([MINT, "1s", "--watch", "--from", "9:00"], 2, "Leave out --watch"),
        ([MINT, "1s", "--watch", "--source", "recording"], 2, "its own ring"),
        ([MINT, "1s", "--ago", "1m", "--out", "taken.mp4"], 2, "already exists"),
    ],
)
def test_it_gets_one_sentence_and_its_code(
    folder: Path, arguments: list[str], code: int, says: str
) -> None:
    (folder / "taken.mp4").write_bytes(b"mine")
    ran = CliRunner().invoke(app, ["clip", *arguments])
    assert ran.exit_code == code
    assert says in ran.stderr
    assert ran.stdout == ""
    assert (folder / "taken.mp4").read_bytes() == b"mine"
    assert [path.name for path in folder.iterdir()] == ["taken.mp4"]
