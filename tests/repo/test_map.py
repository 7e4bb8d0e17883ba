"""The map, the glossary, the recipes and the decisions name what is there."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_FILES = 16
GROWING = {"bot/store/migrations/versions": "history only grows, and nobody looks through it"}
"""Folders that may have more, and why."""
PLAIN = {"bot/py.typed": "it is empty"}
"""Files that nobody has to find, and why; beside fronts, starts, and the scripts of migrations."""
SMALL = 40
MOST_SMALL = 25
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = [
    ARCHITECTURE,
    ROOT / "docs" / "decisions.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs" / "design").glob("*.md")),
]
LINKING = [*PAGES, ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(
    r"(?:\.ci|bot|cogs|docs|tests)(?:/[\w.-]+)*|[\w.-]+\.(?:md|toml|lock|yaml)|(?:Make|Docker)file"
)
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)|(?:src|href)=\"([^\"#:]+)\"")
_CLASS = re.compile(r"[A-Z]+[a-z]\w*")
_NAME = re.compile(r"_?[A-Za-z]\w*")


def paths(text: str) -> list[str]:
    """What is written as a path of this tree."""
    prose = _FENCE.sub("", text)
    return [span for span in _SPAN.findall(prose) if _PATH.fullmatch(span)]


def missing_paths(text: str) -> list[str]:
    return [path for path in paths(text) if not (ROOT / path).exists()]


def broken_links(page: Path, text: str) -> list[str]:
    links = [markdown or html for markdown, html in _LINK.findall(_FENCE.sub("", text))]
    return [link for link in links if not (page.parent / link).exists()]


def rows(text: str, title: str) -> list[list[str]]:
    """The cells of each row of the tables below that title; heads and rulers are left out."""
    section = re.search(rf"^## {title}\n(.+?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, title
    lines = section[1].splitlines()
    heads = {at - 1 for at, line in enumerate(lines) if line.startswith("|---")}
    kept = [
        line
        for at, line in enumerate(lines)
        if line.startswith("|") and not line.startswith("|---") and at not in heads
    ]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in kept]


def strange_words(text: str) -> list[str]:
    """Classes of the glossary that none of the files of their row defines."""
    strange = []
    for row in rows(text, "Glossary"):
        named = [span for span in _SPAN.findall("".join(row[:-1])) if _CLASS.fullmatch(span)]
        files = [ROOT / path for path in paths(row[-1])]
        code = "\n".join(file.read_text() for file in files if file.is_file())
        strange += [one for one in named if not re.search(rf"^class {one}\b", code, re.MULTILINE)]
    return strange


def code_of(places: list[str]) -> str:
    """All that stands in those files, and in the files of those folders."""
    roots = [ROOT / place for place in places]
    files = [file for root in roots for file in (root, *root.rglob("*")) if file.is_file()]
    kept = [file for file in files if "__pycache__" not in file.parts]
    return "\n".join(file.read_bytes().decode(errors="replace") for file in kept)


def strange_names(text: str) -> list[str]:
    """Names of code in the map that stand in none of the files which their row names."""
    strange = []
    for cells in rows(text, "To change X, go to Y"):
        row = " ".join(cells)
        spans = set(_SPAN.findall(row)) - set(paths(row))
        named = sorted(filter(_NAME.fullmatch, spans))
        code = code_of(paths(row)) if named else ""
        strange += [one for one in named if not re.search(rf"\b{one}\b", code)]
    return strange


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    assert paths(text)
    assert missing_paths(text) == []


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.name)
def test_every_link_within_the_tree_leads_somewhere(page: Path) -> None:
    assert broken_links(page, page.read_text()) == []


def test_the_map_has_a_place_for_each_change() -> None:
    changes = rows(ARCHITECTURE.read_text(), "To change X, go to Y")
    assert len(changes) > 40
    assert [change for change, *places in changes if not paths(" ".join(places))] == []


def test_every_name_of_the_map_stands_in_a_file_of_its_row() -> None:
    text = ARCHITECTURE.read_text()
    assert sum(map(bool, map(_NAME.fullmatch, _SPAN.findall(text)))) > 100
    assert strange_names(text) == []


def test_every_class_of_the_glossary_is_defined_where_it_is_said_to_be() -> None:
    text = ARCHITECTURE.read_text()
    words = rows(text, "Glossary")
    assert len(words) > 40
    assert [word for word, *_, where in words if not paths(where)] == []
    assert strange_words(text) == []


def tracked() -> list[str]:
    """All files of the tree that git knows."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return listed.stdout.split()


def folders(listed: list[str]) -> dict[str, int]:
    """How many files each folder of code has, its front left out."""
    return Counter(
        str(Path(name).parent)
        for name in listed
        if re.match(r"(bot|cogs|tests)/", name) and not name.endswith("__init__.py")
    )


def odd_folders(listed: list[str]) -> list[str]:
    """Those that are too full to be looked through, or too small to be a folder."""
    counts = folders(listed)
    parents = {str(Path(folder).parent) for folder in counts}
    full = [f for f, n in counts.items() if n > MOST_FILES and f not in GROWING]
    return [*full, *(f for f, n in counts.items() if n == 1 and f not in parents)]


def test_no_folder_is_too_full_and_none_has_one_file_alone() -> None:
    assert odd_folders(tracked()) == []


def _stands_alone(file: Path) -> bool:
    return file.name == "__init__.py" or file.parent.name == "versions"


def unnamed(listed: list[str], text: str) -> list[str]:
    """Files of code that neither the map nor the glossary names, each by its whole path."""
    cells = [*rows(text, "To change X, go to Y"), *rows(text, "Glossary")]
    named = {path for row in cells for path in paths(" ".join(row))}
    code = [name for name in listed if name.startswith(("bot/", "cogs/"))]
    found = [name for name in code if not _stands_alone(Path(name)) and name not in PLAIN]
    return [name for name in found if name not in named and not name.endswith("/__main__.py")]


def test_every_file_of_code_is_named_in_the_map_or_the_glossary() -> None:
    strangers = unnamed(tracked(), ARCHITECTURE.read_text())
    assert strangers == [], "no row leads to\n" + "\n".join(strangers)


def small_files(root: Path, listed: list[str]) -> list[str]:
    """Of the code, those with so few lines that most of them are one idea with a neighbour; a
    migration stands alone, however short."""
    code = [Path(file) for file in listed if file.startswith(("bot/", "cogs/"))]
    kept = [file for file in code if (root / file).exists() and not _stands_alone(file)]
    return [str(file) for file in kept if (root / file).read_bytes().count(b"\n") < SMALL]


def test_few_files_are_so_small_that_reading_is_hopping() -> None:
    small = small_files(ROOT, tracked())
    assert len(small) <= MOST_SMALL, "\n".join(small)


def test_a_small_file_is_found_out(tmp_path: Path) -> None:
    lines = {"bot/short.py": SMALL - 1, "bot/long.py": SMALL, "bot/__init__.py": 1, "short.py": 1}
    (tmp_path / "bot" / "versions").mkdir(parents=True)
    lines["bot/versions/v1.py"] = 1
    for file, count in lines.items():
        (tmp_path / file).write_text("pass\n" * count)
    assert small_files(tmp_path, [*lines, "bot/gone.py"]) == ["bot/short.py"]


def test_what_is_not_there_is_found_out() -> None:
    wrong = (
        "`bot/nowhere.py` `tests/gone` `gone.md` [a](design/gone.md) `bot/app/service.py` `Store`"
    )
    assert missing_paths(wrong) == ["bot/nowhere.py", "tests/gone", "gone.md"]
    assert broken_links(ARCHITECTURE, wrong) == ["design/gone.md"]
    folders = ("bot/full", *GROWING)
    full = [f"{name}/{number}.py" for number in range(MOST_FILES + 1) for name in folders]
    assert odd_folders([*full, "bot/lone/one.py", "bot/one.py", "bot/two.py"]) == [
        "bot/full",
        "bot/lone",
    ]
    row = "| `Storm` | A `Store`. | `bot/store/store.py` |"
    assert strange_words(f"## Glossary\n| w | m | l |\n|---|---|---|\n{row}\n") == ["Storm"]
    row = "| undo | `UNDO_FOR`, `_UNDO_FOR`, `Undo` or `redo_all` in `bot/model/undo.py` |"
    table = "## To change X, go to Y\n| x | y |\n|---|---|\n"
    assert strange_names(f"{table}{row}\n") == ["_UNDO_FOR", "redo_all"]
    assert strange_names(f"{table}{row.replace('/undo.py', '')}\n") == ["_UNDO_FOR", "redo_all"]
    table += f"{row}\n## Glossary\n| w | m | l |\n|---|---|---|\n| x | y | `bot/model` |\n"
    code = ["bot/model/undo.py", "bot/model/job.py", "bot/__main__.py", "bot/model/__init__.py"]
    assert unnamed([*code, *PLAIN, "tests/conftest.py"], table) == ["bot/model/job.py"]
