"""While a transaction is open nothing but its rows is waited for: of all nodes nobody writes then,
and what replaces the rows that a reader sees piles up."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.repo.test_tasks import files


def foreign(source: str) -> list[str]:
    """Each wait of a transaction, or of a function that is given its unit, for something else."""
    return [
        ast.unparse(node).splitlines()[0]
        for body, units in _transactions(ast.parse(source))
        for part in body
        for node in ast.walk(part)
        if _waits(node) and not _is_of(node, units.union(_aliases(body, units)))
    ]


def _transactions(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], set[str]]]:
    """The code of each, and what the unit is called there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncWith) and (opened := list(filter(_opens, node.items))):
            yield node.body, {ast.unparse(item.optional_vars or item) for item in opened}
        if isinstance(node, ast.AsyncFunctionDef) and (units := set(_given(node.args))):
            yield node.body, units


def _opens(item: ast.withitem) -> bool:
    return ast.unparse(item.context_expr).endswith((".write()", ".read()"))


def _given(parameters: ast.arguments) -> Iterator[str]:
    for one in (*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs):
        if one.annotation is not None and ast.unparse(one.annotation).strip("'\"") == "Unit":
            yield one.arg


def _aliases(body: list[ast.stmt], units: set[str]) -> Iterator[str]:
    """As in `rows = unit.deliveries`."""
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.Assign) and _root(node.value) in units:
                yield from map(ast.unparse, node.targets)


def _root(expression: ast.expr) -> str:
    while isinstance(expression, ast.Attribute):
        expression = expression.value
    return ast.unparse(expression)


def _waits(node: ast.AST) -> bool:
    is_async = isinstance(node, ast.comprehension) and bool(node.is_async)
    return is_async or isinstance(node, ast.Await | ast.AsyncWith | ast.AsyncFor)


def _is_of(node: ast.AST, units: set[str]) -> bool:
    """Whether it is a call of the unit's, or of a function that is given it."""
    if not isinstance(node, ast.Await) or not isinstance(node.value, ast.Call):
        return False
    call = node.value
    arguments = [*call.args, *(word.value for word in call.keywords)]
    return not units.isdisjoint([_root(call.func), *map(ast.unparse, arguments)])


def test_nobody_waits_for_anything_else_while_a_transaction_is_open() -> None:
    found = {path: foreign(path.read_text()) for path in files()}
    assert not {path: places for path, places in found.items() if places}


def within(*lines: str) -> str:
    return "\n    ".join(("async def f(unit: Unit):", *lines))


@pytest.mark.parametrize(
    "wait",
    [
        "await files.may_be_there(key)",
        "await keep(await files.fetch(key), rows)",
        "[job async for job in jobs()]",
        "async with asyncio.timeout(1): pass",
        "async for job in jobs(): pass",
    ],
)
def test_whoever_does_is_found_out(wait: str) -> None:
    for opened in ("store.write() as unit", "self._store.read() as rows", "store.write()"):
        assert foreign(f"async def f():\n  async with {opened}:\n    {wait}\n")
    assert foreign(within(wait))
    assert not foreign(f"async def f():\n  {wait}\n  async with store.write() as unit: pass\n")


def test_what_is_the_units_is_no_wait_for_something_else() -> None:
    rows = ("rows = unit.deliveries", "await rows.find(key)", "await unit.jobs.get(1)")
    assert foreign(within(*rows, "await keep(context, unit=unit)", "await tell(unit)")) == []
