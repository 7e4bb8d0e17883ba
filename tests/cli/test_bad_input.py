"""One sentence and an exit code for whatever is typed, in this process: three kinds of it go
through a real one in `tests/e2e/test_command_line.py`."""

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
