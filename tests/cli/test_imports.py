"""What a command imports before it says or asks anything, counted in modules, which are the same on
every machine. In a real child: here everything is imported already."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import pytest

from tests.patience import PATIENCE

CHILD = """
import sys
from bot.cli import main
try:
    main()
finally:
    print("\\nMODULES", *sys.modules, file=sys.stderr)
"""
NOBODY = {
    "MINTCAST_CONFIG": os.devnull,
    "MINTCAST_PUMPFUN__LIVESTREAM_URL": "http://127.0.0.1:9",
    "MINTCAST_PUMPFUN__FRONTEND_URL": "http://127.0.0.1:9",
}
MINT = "So11111111111111111111111111111111111111112"

OF_HELP = {
    "bot", "bot.cli", "bot.cli.common", "bot.cli.help", "bot.cli.help_text", "bot.cli.streams",
    "bot.kit", "bot.kit.terminal",
}  # fmt: skip
OF_TYPER = {"typer", "annotated_doc", "shellingham"}
OF_PYDANTIC = {
    "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection",
}  # fmt: skip
OF_THE_SERVICE = {
    "PIL", "aiohttp", "aiosqlite", "alembic", "apscheduler", "discord", "prometheus_client",
    "sqlalchemy", "structlog", "telegram",
}  # fmt: skip
MEDIA = {"av", "livekit", "numpy"}


@cache
def loaded(*arguments: str) -> frozenset[str]:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        env={**os.environ, **NOBODY},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return frozenset(child.stderr.rpartition("MODULES ")[2].split())


def vendors(modules: frozenset[str]) -> set[str]:
    names = {name.partition(".")[0] for name in modules if not name.startswith("_")}
    return names - sys.stdlib_module_names - {"bot", "cython_runtime"}


def ours(modules: frozenset[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] == "bot"}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_the_version_load_typer_and_nothing_else(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert "typer" in vendors(modules) <= OF_TYPER
    assert ours(modules) <= OF_HELP
    assert not modules & {"asyncio", "ssl", "http.client", "sqlite3"}


@pytest.mark.parametrize("arguments", [(), ("run", "--help"), ("clip", "--help")])
def test_where_typer_reads_values_it_loads_pydantic_as_well(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert "typer" in vendors(modules) <= OF_TYPER | OF_PYDANTIC
    assert ours(modules) <= OF_HELP
    assert not modules & {"asyncio", "ssl", "http.client", "sqlite3"}


def test_one_question_loads_nothing_of_the_service_and_nothing_that_records() -> None:
    modules = loaded("live", MINT)
    assert "httpx" in vendors(modules)
    assert not vendors(modules) & (OF_THE_SERVICE | MEDIA)
    parts = {name.split(".")[1] for name in ours(modules) - {"bot"}}
    assert parts <= {"app", "cli", "config", "errors", "kit", "model", "pumpfun", "texts"}
    assert {name for name in modules if name.startswith("bot.texts.")} == {
        "bot.texts.common",
        "bot.texts.units",
    }


@pytest.mark.parametrize("more", [(), ("--ago", "1m")])
def test_one_clip_loads_nothing_of_the_service_and_no_media_here(more: tuple[str, ...]) -> None:
    modules = loaded("clip", MINT, "1s", *more)
    assert "bot.clips.workers.capture_pool" in modules
    assert ("bot.cli.recording_command" in modules) == bool(more)
    assert not vendors(modules) & (OF_THE_SERVICE | MEDIA)
    parts = {name.split(".")[1] for name in ours(modules) - {"bot"}}
    assert not parts & {"alerts", "commands", "ops", "platforms", "store", "watch"}
