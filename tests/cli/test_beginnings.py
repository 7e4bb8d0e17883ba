"""How `run`, `check` and `demo` begin, and how they refuse to: one sentence, one exit code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import __version__
from bot.cli.common import Exit
from bot.demo.ports import free_port
from tests.cluster.files.fake_s3 import FakeS3
from tests.e2e.discord.harness import environment as discord_environment
from tests.fakes.discord import FakeDiscord
from tests.number_settings import numbers
from tests.patience import PATIENCE

NOBODY = {
    "MINTCAST_PUMPFUN__LIVESTREAM_URL": "http://127.0.0.1:9",
    "MINTCAST_PUMPFUN__FRONTEND_URL": "http://127.0.0.1:9",
    "MINTCAST_CLIPS__MIN_FREE_GIGABYTES": "0",
    "MINTCAST_HTTP__PORT": "0",
    "COLUMNS": "200",
}
MINT = "So11111111111111111111111111111111111111112"
OTHERS = frozenset({"MINTCAST_CONFIG", "DISCORD_TOKEN", "TELEGRAM_TOKEN", "HTTP_PASSWORD"})


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which a stranger listens."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        yield stranger.getsockname()[1]


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as running:
        yield running


@contextlib.asynccontextmanager
async def started(
    folder: Path, *arguments: str, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    plain = {key: value for key, value in os.environ.items() if key not in OTHERS}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env={**plain, **NOBODY, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=_mind_interrupts,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def _mind_interrupts() -> None:
    """A shell hands its background an ignored SIGINT, and tests hand it on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    out, _ = await process.communicate()
    assert b"Traceback" not in out, out.decode()
    return process.returncode, out.decode()


async def run(folder: Path, *arguments: str, **environment: str) -> tuple[int | None, str]:
    async with started(folder, *arguments, **environment) as process:
        return await ended(process)


async def until(process: asyncio.subprocess.Process, words: str) -> list[str]:
    """Its lines up to the one that has `words` in it."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while not lines or words not in lines[-1]:
            line = await process.stdout.readline()
            assert line, "".join(lines)
            lines.append(line.decode())
    return lines


async def stopped(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    process.send_signal(signal.SIGTERM)
    return await ended(process)


# The first line


async def test_the_first_line_says_which_mintcast_runs_with_what(tmp_path: Path) -> None:
    async with started(tmp_path, "run") as service:
        line = (await until(service, "Watching "))[0]
        assert (await stopped(service))[0] == 0
    head = f"Mintcast {__version__}, settings defaults (no config.toml), database "
    assert line.endswith(f" {head}{tmp_path / 'data' / 'mintcast.db'} (new)\n")


async def test_the_most_of_everything_can_be_reckoned_with(tmp_path: Path) -> None:
    most = {
        f"MINTCAST_{setting.replace('.', '__').upper()}": str(field["maximum"])
        for setting, field in numbers().items()
        if setting not in ("http.port", "discord.shards_per_node")
    }
    async with started(tmp_path, "run", **most) as service:
        lines = await until(service, "Watching ")
        code, said = await stopped(service)
    assert (code, "WARNING" in "".join(lines) + said) == (0, False), said
    assert "FAIL  clips: " in (await run(tmp_path, "check", **most))[1]


# Refusals


@pytest.mark.parametrize("path", ["a-file", "a-file/clips"])
async def test_clips_that_would_be_kept_in_a_file_are_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "a-file").write_text("mine")
    named = {"MINTCAST_STORAGE__CLIPS": path}
    code, said = await run(tmp_path, "run", **named)
    assert code == Exit.SETTINGS
    assert f"{tmp_path / 'a-file'} isn't a folder" in said.splitlines()[-1]
    assert not (tmp_path / "data").exists()
    assert (tmp_path / "a-file").read_text() == "mine"


@pytest.mark.parametrize("command", ["run", "check"])
async def test_settings_that_are_wrong_have_a_code_of_their_own(
    tmp_path: Path, command: str
) -> None:
    code, said = await run(tmp_path, command, MINTCAST_HTTP__PORT="a door")
    assert code == Exit.SETTINGS
    assert "http.port" in said


async def test_check_says_all_of_it_where_run_refuses_the_first(tmp_path: Path, taken: int) -> None:
    (tmp_path / "a-file").write_text("mine")
    named = {"MINTCAST_STORAGE__CLIPS": "a-file", "MINTCAST_HTTP__PORT": str(taken)}
    code, said = await run(tmp_path, "check", **named)
    assert code == Exit.LOCAL_FAULT
    assert re.search(r"^FAIL  clips: .*a-file isn't a folder", said, re.MULTILINE)
    assert re.search(r"^FAIL  page: Another program is already using", said, re.MULTILINE)


@pytest.mark.soak
async def test_check_puts_a_file_into_the_bucket_and_takes_it_out_again(tmp_path: Path) -> None:
    pytest.importorskip("obstore")
    async with FakeS3() as s3:
        told = {"MINTCAST_STORAGE__CLIP_FILES": "s3://clips/nodes", **s3.environment}
        _, said = await run(tmp_path, "check", **told)
        assert "ok    bucket: s3://clips/nodes takes files, gives them back and deletes" in said
        assert s3.taken == 1
        assert s3.objects == {}
        s3.keeps = True
        _, said = await run(tmp_path, "check", **told)
        assert re.search(
            r"^FAIL  bucket: s3://clips/nodes: .*AccessDenied.*AWS_", said, re.MULTILINE
        )
        s3.fails = True
        _, said = await run(tmp_path, "check", **told)
        assert re.search(r"^FAIL  bucket: .*503.*AWS_", said, re.MULTILINE)
        assert "not-a-real-secret" not in said


@pytest.mark.soak
async def test_check_knows_mintcast_when_it_runs_with_a_password_as_well(tmp_path: Path) -> None:
    port, database = str(free_port()), tmp_path / "data" / "mintcast.db"
    (tmp_path / "config.toml").write_text("[log]\nlevel = 'info'\n")
    database.parent.mkdir()
    database.touch()
    told = {"MINTCAST_HTTP__PORT": port, "HTTP_PASSWORD": "sesame"}
    async with started(tmp_path, "run", **told) as service:
        line = (await until(service, "Watching "))[0]
        assert line.endswith(f" settings {tmp_path / 'config.toml'}, database {database}\n")
        _, without = await run(tmp_path, "check", MINTCAST_HTTP__PORT=port)
        _, within = await run(tmp_path, "check", **told)
        state, status = await run(tmp_path, "status", **told)
        saved, _ = await run(tmp_path, "backup", "copy.db", **told)
        refused, why = await run(tmp_path, "restore", "copy.db", **told)
        assert (await stopped(service))[0] == 0
    assert f"ok    page: Mintcast is running at http://127.0.0.1:{port}" in without
    assert f"ok    page: Mintcast {__version__} is running at http://127.0.0.1:{port}" in within
    assert "nother" not in without + within
    assert f"ok    service: Mintcast {__version__} is running at http://127.0.0.1:{port}" in status
    assert re.search(r"^ok    service, watcher: ", status, re.MULTILINE)
    assert re.search(r"^ok    database: SQLite .* revision \d+$", status, re.MULTILINE)
    assert (state == 0) == ("FAIL" not in status)
    assert (saved, refused) == (0, 1)
    assert "Another Mintcast is using the database data/mintcast.db" in why


# Staying


async def test_with_stay_a_wrong_token_is_said_once_and_waits_to_be_stopped(
    tmp_path: Path, discord: FakeDiscord
) -> None:
    told = {**discord_environment(discord), "DISCORD_TOKEN": "not.the-token.of-anybody"}
    async with started(tmp_path, "run", "--stay", **told) as waiting:
        *_, sentence, _ = await until(waiting, "Nothing runs until")
        assert sentence.startswith("Discord ")
        assert "DISCORD_TOKEN" in sentence
        assert waiting.returncode is None
        assert await stopped(waiting) == (Exit.SETTINGS, "")


async def test_a_strangers_port_is_told_with_stay_as_well_for_another_try_may_get_it(
    tmp_path: Path, taken: int
) -> None:
    code, said = await run(tmp_path, "run", "--stay", MINTCAST_HTTP__PORT=str(taken))
    assert code == Exit.LOCAL_FAULT
    assert "already using" in said.splitlines()[-1]


# The demo


@pytest.mark.parametrize("more", [[], ["--once"]])
async def test_a_demo_whose_port_is_taken_says_so_and_nothing_else(
    tmp_path: Path, taken: int, more: list[str]
) -> None:
    code, said = await run(tmp_path, "demo", "--port", str(taken), *more)
    assert code == Exit.LOCAL_FAULT
    assert said == (
        f"Another program uses 127.0.0.1:{taken}. Choose another port, or leave out --port.\n"
    )
    assert not list(tmp_path.iterdir())


async def test_a_demo_at_no_port_at_all_is_a_wrong_command_line(tmp_path: Path) -> None:
    code, said = await run(tmp_path, "demo", "--port", "99999")
    assert (code, "--port" in said) == (Exit.USAGE, True)


# Being interrupted


async def test_a_question_that_is_interrupted_says_that_it_was_stopped(tmp_path: Path) -> None:
    async with silent_site() as (site, asked):
        told = {"MINTCAST_PUMPFUN__LIVESTREAM_URL": site, "MINTCAST_PUMPFUN__FRONTEND_URL": site}
        async with started(tmp_path, "live", MINT, **told) as asking:
            await asyncio.wait_for(asked.wait(), PATIENCE)
            asking.send_signal(signal.SIGINT)
            assert await ended(asking) == (Exit.INTERRUPTED, "Stopped.\n")


@contextlib.asynccontextmanager
async def silent_site() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Takes every question, which sets the event, and answers none."""
    asked = asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
