"""Who may import whom: the tree holds to it, and whoever breaks a rule is found out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]

# By the name of the contract: each (file, import) breaks it, and is named as what does.
VIOLATIONS = {
    "A file imports from the layers below its own": [
        ("kit/timing/durations.py", "import bot.pumpfun"),
        ("model/clip.py", "import bot.kit.timing.durations"),
        ("model/delivery.py", "import bot.errors"),
        ("clips/workers/capture_pool.py", "import bot.cli"),
        ("pumpfun/mint.py", "import bot.clips.workers.capture_pool"),
        ("newcomer.py", "import bot.errors"),
        ("watch/stream_machine.py", "import bot.alerts"),
        ("store/rows/coins.py", "import bot.pumpfun"),
        ("commands/handlers/show_help.py", "import bot.platforms"),
    ],
    "Only the capture process and the demo reach livekit and av, even indirectly": [
        ("pumpfun/mint.py", "import av"),
        ("clips/workers/capture_pool.py", "import bot.clips.capture.media.encoder"),
        ("clips/capture/protocol.py", "import bot.clips.capture.output.writer"),
        ("kit/processes/child.py", "from livekit import rtc"),
        ("alerts/planning/compose.py", "import av"),
    ],
    "Parts of clips that are pure import no media and no numpy": [
        ("clips/capture/media/ring.py", "import av"),
        ("clips/capture/media/timeline.py", "import numpy"),
        ("clips/capture/media/frame_queue.py", "import asyncio"),
        ("clips/capture/liveness.py", "import bot.clips.encoding.scaler"),
    ],
    "A capture's room and its output know nothing of one another, and its media of neither": [
        ("clips/capture/media/room_recorder.py", "import bot.clips.capture.room.feed"),
        ("clips/capture/media/ring.py", "import bot.clips.capture.output.writer"),
        ("clips/capture/output/clip_builder.py", "import bot.clips.capture.room.session"),
        ("clips/capture/room/feed.py", "import bot.clips.capture.output.clip_files"),
        ("clips/capture/protocol.py", "import bot.clips.capture.room.selection"),
    ],
    "What works on finished files knows nothing of LiveKit": [
        ("clips/editing/trim.py", "from livekit import rtc"),
    ],
    "Clips are made in layers, and what is recorded knows nothing of who asked": [
        ("clips/workers/capture_pool.py", "import bot.clips.sources.port"),
        ("clips/rings/policy.py", "import bot.clips.sources.choice"),
        ("clips/sources/port.py", "import bot.clips.job_runner"),
        ("clips/results.py", "import bot.clips.workers.shrinker"),
        ("clips/editing/segment_plan.py", "import bot.clips.capture.protocol"),
    ],
    "What chooses among sources and among streams does no input or output": [
        ("clips/rings/policy.py", "import asyncio"),
        ("clips/sources/choice.py", "from bot.store import Store"),
        ("clips/sources/choice.py", "import bot.kit.timing.clock"),
    ],
    "What alerts plan knows nothing of how it is delivered": [
        ("alerts/planning/planner.py", "import bot.alerts.delivery.failure_table"),
        ("alerts/pictures/newest.py", "import bot.alerts.planning.compose"),
        ("alerts/ports.py", "import bot.alerts.delivery.loop"),
    ],
    "Parts of planning that are pure do no input or output": [
        ("alerts/planning/plan.py", "import asyncio"),
        ("alerts/planning/compose.py", "import bot.store"),
        ("alerts/planning/quiet_hours.py", "import bot.kit.timing.clock"),
    ],
    "A plan is made of rows that one file reads": [
        ("alerts/planning/planner.py", "from bot.store import Unit"),
    ],
    "The demo's world shares no parser with the bot": [
        ("demo/site/server.py", "import bot.pumpfun.payloads"),
        ("demo/world.py", "import bot.config"),
        ("demo/walkthrough.py", "import bot.store"),
    ],
    "PIL has one door": [("pumpfun/pictures.py", "import PIL")],
    "httpx has one door": [("clips/workers/capture_pool.py", "import httpx")],
    "aiohttp has one door": [
        ("pumpfun/client.py", "import aiohttp"),
        ("commands/ports.py", "from aiohttp import web"),
        ("store/store.py", "import aiohttp"),
    ],
    "prometheus_client has one door": [
        ("ops/server.py", "import prometheus_client"),
        ("watch/poller.py", "from prometheus_client import Counter"),
    ],
    "apscheduler and structlog have one door": [
        ("watch/poller.py", "import apscheduler"),
        ("cli/run_command.py", "import structlog"),
    ],
    "The database has one door": [
        ("watch/stream_writes.py", "import sqlalchemy"),
        ("kit/files.py", "import aiosqlite"),
    ],
    "A bucket for files has one door": [
        ("kit/files.py", "import obstore"),
        ("cluster/node.py", "import obstore"),
    ],
    "Only the backends of the store know a driver": [
        ("store/rows/coins.py", "import sqlite3"),
        ("store/tables/clip.py", "import alembic"),
        ("store/store.py", "import aiosqlite"),
        ("app/retention.py", "import sqlite3"),
    ],
    "The backends of the store are reached by their front": [
        ("store/rows/coins.py", "import bot.store.backends.sqlite.engine"),
        ("store/store.py", "import bot.store.backends.schema"),
        ("app/file_permissions.py", "import bot.store.backends.sqlite.files"),
    ],
    "The store has layers of its own": [
        ("store/rows/coins.py", "import bot.store.store"),
        ("store/tables/clip.py", "import bot.store.rows.coins"),
        ("store/backends/schema.py", "import bot.store.tables"),
    ],
    "Cogs stand between the root and the platforms": [
        ("platforms/discord/requests/dispatcher.py", "import cogs"),
        ("../cogs/streams.py", "import bot.app.service"),
    ],
    "Cogs only adapt": [
        ("../cogs/streams.py", "import bot.store"),
        ("../cogs/streams.py", "import bot.watch"),
    ],
    "Platforms know nothing of one another": [
        ("platforms/discord/requests/dispatcher.py", "import bot.platforms.local.dispatcher"),
        (
            "platforms/telegram/requests/dispatcher.py",
            "import bot.platforms.discord.requests.dispatcher",
        ),
        ("platforms/local/dispatcher.py", "import bot.platforms.telegram.addresses"),
        ("platforms/shared/request_runner.py", "import bot.platforms.local.sender"),
    ],
    "A platform's wings stand upon one another": [
        ("platforms/discord/connection/client.py", "import bot.platforms.discord.platform"),
        (
            "platforms/discord/connection/connection.py",
            "import bot.platforms.discord.membership.permissions",
        ),
        ("platforms/discord/messages/sender.py", "import bot.platforms.discord.requests.caller"),
        ("platforms/discord/membership/guilds.py", "import bot.platforms.discord.requests.caller"),
        ("platforms/discord/addresses.py", "import bot.platforms.discord.messages.markup"),
        (
            "platforms/telegram/connection/limits.py",
            "import bot.platforms.telegram.messages.sender",
        ),
        ("platforms/telegram/messages/uploads.py", "import bot.platforms.telegram.requests.links"),
        ("platforms/telegram/addresses.py", "import bot.platforms.telegram.connection.limits"),
    ],
    "What platforms share knows no vendor": [
        ("platforms/shared/registration.py", "import discord"),
        ("platforms/shared/registration.py", "import telegram"),
        ("platforms/shared/request_runner.py", "from aiohttp import web"),
        ("platforms/shared/retrying.py", "import httpx"),
    ],
    "python-telegram-bot has one door": [
        ("platforms/discord/requests/dispatcher.py", "import telegram"),
        ("app/chats.py", "from telegram import Bot"),
    ],
    "discord.py has one door": [
        ("alerts/ports.py", "import discord"),
        ("commands/ports.py", "from discord import app_commands"),
        ("app/chats.py", "import discord"),
    ],
}


# What no file outside of `store/backends` says: each of these lines in such a file is found.
SQLITE = re.compile(
    r"sqlite|pragma|vacuum|rowid|begin (immediate|exclusive)|\bwal\b", re.IGNORECASE
)
LINES_OF_SQLITE = [
    ("store/rows/coins.py", "from sqlalchemy.dialects.sqlite import insert"),
    ("store/store.py", '_BEGIN = "BEGIN IMMEDIATE"'),
    ("store/tables/clip.py", '_OPTIONS = {"sqlite_where": None}'),
    ("app/retention.py", '_SHRINK = "vacuum"'),
    ("app/file_permissions.py", '_BESIDE = "-wal"'),
    ("../cogs/streams.py", '_CHECK = "PRAGMA quick_check"'),
]
LOGGERS = "bot/kit/log.py"  # it has the names of libraries whose loggers are kept quiet


def contracts() -> list[str]:
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def lint(tree: Path) -> tuple[dict[str, bool], str]:
    """Which contracts were kept, and all that was said."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    kept = {}
    for name in contracts():
        for word in ("KEPT", "BROKEN"):
            if f"{name} {word}" in done.stdout:
                kept[name] = word == "KEPT"
    assert list(kept) == contracts(), done.stdout + done.stderr
    assert (done.returncode == 0) is all(kept.values())
    return kept, done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree, to be spoiled."""
    for package in ("bot", "cogs"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def spoil(file: Path, line: str) -> None:
    before = file.read_text() if file.exists() else ""
    marker = "from __future__ import annotations\n"
    file.write_text(before.replace(marker, f"{marker}{line}\n", 1) if before else f"{line}\n")
    assert line in file.read_text()


def accusation(file: str, line: str) -> str:
    """What is said of that import in that file."""
    if file == "newcomer.py":
        return "- bot.newcomer\n"  # nobody gave it a layer
    path = os.path.normpath(f"bot/{file}").removesuffix(".py")
    return f"{path.replace('/', '.')} -> {line.split()[1]} "


def test_every_rule_is_kept() -> None:
    kept, _ = lint(ROOT)
    assert all(kept.values()), kept


def test_a_copy_that_nobody_spoiled_keeps_every_rule(copy: Path) -> None:
    kept, _ = lint(copy)
    assert all(kept.values()), kept


def test_every_rule_is_tried() -> None:
    assert set(VIOLATIONS) == set(contracts())


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_whoever_breaks_a_rule_is_found_out(copy: Path, contract: str) -> None:
    for file, line in VIOLATIONS[contract]:
        spoil(copy / "bot" / file, line)
    kept, said = lint(copy)
    assert not kept[contract]
    why = said.split(f"\n{contract}\n-----")[1].split("\n-----")[0]
    for file, line in VIOLATIONS[contract]:
        assert accusation(file, line) in why


def lines_of_sqlite(tree: Path) -> list[str]:
    """Which lines name what only SQLite has, as `file: line`."""
    files = [file for package in ("bot", "cogs") for file in (tree / package).rglob("*.py")]
    return [
        f"{name}: {line}"
        for file in files
        if not (name := file.relative_to(tree).as_posix()).startswith("bot/store/backends/")
        and name != LOGGERS
        for line in file.read_text().splitlines()
        if SQLITE.search(line)
    ]


def test_only_the_backends_of_the_store_know_sqlite(copy: Path) -> None:
    assert lines_of_sqlite(copy) == []
    for file, line in LINES_OF_SQLITE:
        spoil(copy / "bot" / file, line)
    planted = {f"{os.path.normpath(f'bot/{file}')}: {line}" for file, line in LINES_OF_SQLITE}
    assert set(lines_of_sqlite(copy)) == planted


# Circles


def circle(tree: Path) -> list[str]:
    """Modules of which each imports the next, the last one the first; for types alone, too."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _FIND_CIRCLE],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return done.stdout.split()


_FIND_CIRCLE = """
import graphlib, grimp
graph = grimp.build_graph("bot", "cogs", cache_dir=None)
imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
try:
    graphlib.TopologicalSorter(imports).prepare()
except graphlib.CycleError as error:
    print(*error.args[1])
"""


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circle(ROOT) == []


@pytest.mark.parametrize(
    "line",
    [
        "from bot.kit import health",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bot.kit import health",
    ],
)
def test_a_circle_is_found_also_where_it_is_of_types_alone(copy: Path, line: str) -> None:
    spoil(copy / "bot/kit/timing/clock.py", line)
    assert set(circle(copy)) == {"bot.kit.health", "bot.kit.timing.clock"}
