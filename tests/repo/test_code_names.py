"""What docstrings and comments name of this tree is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SPAN = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"(?<![\w./-])(?:bot|cogs|tests)(?:[./][\w-]+)+")


def code_files() -> list[Path]:
    """All but the tests beside this one, which name what is not there on purpose."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.js", "*.css", "*.toml"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split() if not name.startswith("tests/repo/")]


def names(text: str) -> set[str]:
    """Modules, what they define, and paths, as `bot.app.service` or `bot/app/service.py`."""
    return {name for span in _SPAN.findall(text) for name in _NAME.findall(span)}


def is_there(name: str) -> bool:
    """A file or folder of that path; else a word of the module before its last dot."""
    if (ROOT / name).exists():
        return True
    path = ROOT / name.replace(".", "/")
    if path.exists() or path.with_suffix(".py").exists():
        return True
    for module in (path.parent.with_suffix(".py"), path.parent / "__init__.py"):
        if module.is_file() and re.search(rf"\b{path.name}\b", module.read_text()):
            return True
    return False


def test_every_module_that_code_tells_of_is_there() -> None:
    told = {str(file.relative_to(ROOT)): names(file.read_text()) for file in code_files()}
    assert sum(map(len, told.values())) > 40
    gone = {file: [name for name in named if not is_there(name)] for file, named in told.items()}
    assert {file: listed for file, listed in gone.items() if listed} == {}


def test_what_is_not_there_is_found_out() -> None:
    text = "`bot.kit.gone` `bot.store.Store` `bot/app/gone.py` `bot.app.service.Gone` `bot.kit`"
    gone = {"bot.kit.gone", "bot/app/gone.py", "bot.app.service.Gone"}
    assert {name for name in names(text) if not is_there(name)} == gone
    assert len(names(text)) == len(gone) + 2
