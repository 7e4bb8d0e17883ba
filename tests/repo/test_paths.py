"""Whether something is there is asked of what says, for all versions of Python alike, what happens
where that can't be told: Python's own methods raise there up to 3.13 and say no from 3.14 on."""

from __future__ import annotations

import ast

import pytest

from tests.repo.test_tasks import ROOT, files

HOMES = {ROOT / "bot/kit/files.py", ROOT / "bot/config/text_files.py"}
"""`look_for` raises OSError there, `is_there` and `is_folder` are False."""

_UNSURE = {"exists", "is_dir", "is_file", "is_symlink", "is_mount", "is_socket", "is_fifo"}
_CERTAIN = {"os.path"}


def bare(source: str) -> list[str]:
    """Each place where a path itself is asked, at once or by whoever gets the method."""
    asked = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    return [f"{node.lineno}: {ast.unparse(node)}" for node in asked if _is_bare(node)]


def _is_bare(node: ast.Attribute) -> bool:
    return node.attr in _UNSURE and ast.unparse(node.value) not in _CERTAIN


def test_no_path_is_asked_whether_it_is_there() -> None:
    found = {path: bare(path.read_text()) for path in files() if path not in HOMES}
    assert not {path: places for path, places in found.items() if places}


@pytest.mark.parametrize(
    "asked", ["path.exists", "Path(text).is_dir", "folder.path(key).is_file", "found.is_symlink"]
)
def test_whoever_does_is_found_out(asked: str) -> None:
    assert bare(f"if {asked}():\n    pass\n") == [f"1: {asked}"]
    assert bare(f"run_on_a_thread({asked})\n") == [f"1: {asked}"]


def test_what_says_no_wherever_that_cannot_be_told_is_left_alone() -> None:
    assert bare("os.path.lexists(path) or is_there(path) or exists().where(row)\n") == []
