"""What docstrings and comments name of this tree is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SPAN = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"(?<![\w./-])(?:bot|cogs|tests)(?:[./][\w-]+)+")
_PATH = re.compile(r"(?<![\w./-])(?:bot|cogs|tests|docs)(?:/[\w-]+)+\.(?:py|md|js|css|json)\b")
_PAGE = re.compile(r"(?<![\w./-])((?:docs/[\w/-]+|[A-Z]+)\.md)`?((?:,? (?:and )?\"[^\"]+\")+)")
_BREAK = re.compile(r"\s*\n\s*(?:# )?")


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


def paths(text: str) -> set[str]:
    """Files, quoted or not."""
    return set(_PATH.findall(text))


def sections(text: str) -> set[tuple[str, str]]:
    """Headings of pages, as `docs/proxy.md`, "nginx"; each with its page."""
    pages = _PAGE.findall(_BREAK.sub(" ", text))
    return {(page, head) for page, heads in pages for head in re.findall(r'"([^"]+)"', heads)}


def is_section(page: str, head: str) -> bool:
    path = ROOT / page
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE) if path.is_file() else []
    return head in heads


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


def test_every_file_that_code_tells_of_is_there() -> None:
    told = {str(file.relative_to(ROOT)): paths(file.read_text()) for file in code_files()}
    assert {"docs/performance.md", "docs/proxy.md"} <= set().union(*told.values())
    gone = {file: [p for p in named if not (ROOT / p).exists()] for file, named in told.items()}
    assert {file: listed for file, listed in gone.items() if listed} == {}


def test_every_section_that_code_sends_to_is_there() -> None:
    told = {str(file.relative_to(ROOT)): sections(file.read_text()) for file in code_files()}
    assert told["bot/kit/timing/clock.py"]
    gone = {file: [one for one in named if not is_section(*one)] for file, named in told.items()}
    assert {file: listed for file, listed in gone.items() if listed} == {}


def test_what_is_not_there_is_found_out() -> None:
    text = "`bot.kit.gone` `bot.store.Store` `bot/app/gone.py` `bot.app.service.Gone` `bot.kit`"
    gone = {"bot.kit.gone", "bot/app/gone.py", "bot.app.service.Gone"}
    assert {name for name in names(text) if not is_there(name)} == gone
    assert len(names(text)) == len(gone) + 2


def test_files_and_sections_that_are_not_there_are_found_out() -> None:
    text = """See docs/gone.md and bot/app/gone.py, not /srv/bot/a.py; docs/performance.md,
    "Memory of a
    capture" and "Gone"."""
    assert paths(text) == {"docs/gone.md", "bot/app/gone.py", "docs/performance.md"}
    page = "docs/performance.md"
    assert sections(text) == {(page, "Memory of a capture"), (page, "Gone")}
    assert [head for _, head in sections(text) if not is_section(page, head)] == ["Gone"]
