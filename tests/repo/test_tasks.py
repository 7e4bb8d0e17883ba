"""Every task has an owner: tasks are started and ended by `bot.kit.tasks`, and by nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWNER = ROOT / "bot/kit/tasks.py"

_STARTS = {"create_task", "ensure_future"}


def files() -> Iterator[Path]:
    for package in ("bot", "cogs"):
        yield from (ROOT / package).rglob("*.py")


def raw(source: str) -> list[str]:
    """Each place where a task is started that nothing owns, or where tasks are ended by hand."""
    tree = ast.parse(source)
    groups = set(_groups(tree))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [f"{call.lineno}: {ast.unparse(call)}" for call in calls if _is_raw(call, groups)]


def _groups(tree: ast.AST) -> Iterator[str]:
    """What a TaskGroup, which ends its tasks itself, is called there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem) and "TaskGroup(" in ast.unparse(node.context_expr):
            assert node.optional_vars is not None
            yield ast.unparse(node.optional_vars)


def _is_raw(call: ast.Call, groups: set[str]) -> bool:
    owner, _, name = ast.unparse(call.func).rpartition(".")
    if name in _STARTS:
        return owner not in groups
    return name == "gather" and any(word.arg == "return_exceptions" for word in call.keywords)


def test_nobody_else_starts_a_task_or_ends_one_by_hand() -> None:
    found = {path: raw(path.read_text()) for path in files() if path != OWNER}
    assert not {path: places for path, places in found.items() if places}


@pytest.mark.parametrize(
    "call",
    [
        "asyncio.create_task(work())",
        "create_task(work())",
        "asyncio.get_running_loop().create_task(work(), name='work')",
        "asyncio.ensure_future(work())",
        "asyncio.gather(*tasks, return_exceptions=True)",
    ],
)
def test_whoever_does_is_found_out(call: str) -> None:
    assert raw(f"async def f():\n    task = {call}\n") == [f"2: {call}"]


def test_the_tasks_of_a_group_are_the_groups() -> None:
    lines = ("async with asyncio.TaskGroup() as group:", "    group.create_task(work())")
    source = "async def f():\n    " + "\n    ".join(lines)
    assert raw(source) == []
