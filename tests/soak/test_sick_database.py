"""The service, a process of its own, while its database is locked, its disk is full, its file gone.

Nothing is asked of it but that it says so, answers, and is well again by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import texts
from bot.demo.ports import free_port
from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World
from bot.errors import DatabaseBusy, DatabaseFull
from tests.e2e.discord.harness import discord_harness, text
from tests.e2e.seed import until
from tests.e2e.telegram.harness import telegram_harness
from tests.patience import PATIENCE

pytestmark = pytest.mark.soak

_ANSWERED_SECONDS = 3.0


@dataclass
class Patient:
    """The running service, as somebody on this machine sees it."""

    folder: Path
    origin: str
    http: aiohttp.ClientSession
    service: Service

    async def health(self) -> tuple[int, dict[str, Any]]:
        async with self.http.get(f"{self.origin}/healthz") as response:
            return response.status, json.loads(await response.read())

    async def until(self, status: str) -> dict[str, Any]:
        """Wait until `/healthz` says so; its parts."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    code, body = await self.health()
                    assert (code == 200) is (body["status"] == "ok")
                    if body["status"] == status:
                        return dict(body["parts"])
                await asyncio.sleep(0.1)

    async def say(self, text: str) -> tuple[int, str]:
        """The status and the sentence, which has to come in time."""
        began = time.monotonic()
        async with self.http.post(f"{self.origin}/api/messages", json={"text": text}) as response:
            body = await response.json()
        assert time.monotonic() - began < _ANSWERED_SECONDS
        return response.status, body.get("error", "")


@contextlib.asynccontextmanager
async def patient_in(folder: Path) -> AsyncIterator[Patient]:
    port = free_port()
    async with World(livekit=False) as world, aiohttp.ClientSession() as http:
        told = {**world.environment, **PACE, "MINTCAST_HTTP__PORT": str(port)}
        async with Service(folder, told) as service:
            patient = Patient(folder, f"http://127.0.0.1:{port}", http, service)
            await patient.until("ok")
            yield patient


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """By another program, until the end."""
    other = sqlite3.connect(folder / "mintcast.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_a_database_that_another_program_locks(tmp_path: Path) -> None:
    async with patient_in(tmp_path) as patient:
        with locked(tmp_path):
            assert await patient.say("/help") == (503, texts.service.store_failed(DatabaseBusy("")))
            parts = await patient.until("failing")
            while parts["database"]["ok"]:
                parts = await patient.until("failing")
            assert "another program keeps it locked" in parts["database"]["detail"]
            assert await patient.say("/help") == (503, texts.service.store_failed(DatabaseBusy("")))
        await patient.until("ok")
        assert (await patient.say("/help"))[0] == 200
        assert "TaskGroup" not in patient.service.last_lines


async def test_a_disk_that_is_full(small_disk: Path) -> None:
    async with patient_in(small_disk) as patient:
        filler = os.open(small_disk / "filler", os.O_CREAT | os.O_WRONLY)
        with contextlib.suppress(OSError):
            while True:
                os.write(filler, b"x" * 4096)
        os.close(filler)
        parts = await patient.until("failing")
        assert "the disk of the database is full" in parts["database"]["detail"]
        # What is short may find room in pages that SQLite has already.
        said = await patient.say("/help " + "x" * 5000)
        assert said == (503, texts.service.store_failed(DatabaseFull("")))
        (small_disk / "filler").unlink()
        await patient.until("ok")
        assert (await patient.say("/help"))[0] == 200


async def test_a_database_that_is_deleted(tmp_path: Path) -> None:
    async with patient_in(tmp_path) as patient:
        (tmp_path / "mintcast.db").rename(tmp_path / "aside.db")
        parts = await patient.until("failing")
        assert "was deleted or replaced" in parts["database"]["detail"]
        (tmp_path / "aside.db").rename(tmp_path / "mintcast.db")
        await patient.until("ok")


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < _ANSWERED_SECONDS


async def test_telegram_is_answered_while_the_database_is_locked(tmp_path: Path) -> None:
    async with telegram_harness(tmp_path, livekit=False) as harness:
        chat, coin = harness.al.chat, harness.coin

        async def ask(text: str) -> str:
            count = len(chat.messages)
            with in_time():
                await harness.al.say(chat, text)
                await until(lambda: len(chat.messages) > count, "an answer")
            return chat.messages[-1].text

        await ask("/help")
        with locked(tmp_path):
            for _ in range(3):
                assert await ask(f"/subscribe {coin.mint}") == texts.service.store_failed(
                    DatabaseBusy("")
                )
                assert "I post when" in await ask("/help")
        assert "Following " in await ask(f"/subscribe {coin.mint}")


async def test_discord_is_answered_while_the_database_is_locked(tmp_path: Path) -> None:
    async with discord_harness(tmp_path, livekit=False) as harness:

        async def ask(command: str, **options: Any) -> str:
            with in_time():
                asked = await harness.owner.slash(harness.channel, command, **options)
                return text(await asked.answered())

        with locked(tmp_path):
            for _ in range(3):
                said = await ask("subscribe", mint=harness.coin.mint)
                assert said.strip() == texts.service.store_failed(DatabaseBusy(""))
                assert "I post when" in await ask("help")
        assert "Following " in await ask("subscribe", mint=harness.coin.mint)
