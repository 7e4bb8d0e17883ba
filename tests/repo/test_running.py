"""What docs/running.md tells people to write into files is what their machines take."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.common import Exit
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "running.md").read_text()


def unit() -> str:
    found = re.search(r"^```ini\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_unit_leaves_mintcast_stopped_where_only_a_change_helps() -> None:
    assert f"RestartPreventExitStatus={Exit.SETTINGS:d}\n" in unit()
    assert "KillMode=mixed\n" in unit()  # or systemd would end what records before it has written


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("there is no systemd-analyze here")
    here = unit().replace("/opt/mintcast/.venv/bin/mintcast", f"{sys.executable} -m bot")
    here = here.replace("/opt/mintcast", str(tmp_path)).replace("User=mintcast", "User=root")
    for text, is_sound in ((here, True), (here.replace("=mixed", "=mixt"), False)):
        file = tmp_path / "mintcast.service"
        file.write_text(text)
        ran = subprocess.run(
            [analyze, "verify", str(file)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (ran.returncode == 0 and str(file) not in ran.stderr) is is_sound, ran.stderr


def test_the_page_is_linked_from_the_readme() -> None:
    assert "(docs/running.md)" in (ROOT / "README.md").read_text()
