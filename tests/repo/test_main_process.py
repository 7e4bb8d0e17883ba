"""The process that stays small, and the one that waits to record."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from bot.clips.capture import MODULE
from bot.clips.editing import ALIGNER, SEGMENT_CUTTER, TRIMMER
from bot.clips.workers.capture_pool import _WORKER_ENV
from bot.kit.processes.child import Child
from tests.patience import PATIENCE

MOST_BYTES = 90 << 20
SERVICE_BYTES = 120 << 20
PLATFORMS_BYTES = 150_000_000
"""The same with the chat platforms' libraries loaded."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a process is that has said that it is ready, and does nothing."""

    modules: frozenset[str]
    """What it has imported, if it told."""
    resident: int
    mapped: frozenset[str]
    """The names of its native libraries, and of other files."""

    def vendors(self) -> set[str]:
        return {name.partition(".")[0] for name in self.modules}


async def waiting(module: str, env: dict[str, str] | None = None) -> Waiting:
    child = await Child.spawn(module, env=env)
    try:
        async with asyncio.timeout(PATIENCE):
            event = await child.next_event()
        assert event is not None, child.last_words
        assert event["event"] == "ready"
        process = psutil.Process(child.pid)
        return Waiting(
            modules=frozenset(event.get("modules", ())),
            resident=process.memory_info().rss,
            mapped=frozenset(Path(row.path).name for row in process.memory_maps()),
        )
    finally:
        await child.stop()


# Each starts once for all tests: a start costs a second of the processor.


@pytest.fixture(scope="module")
def main_process() -> Waiting:
    return asyncio.run(waiting("tests.repo.main_process"))


@pytest.fixture(scope="module")
def whole_process() -> Waiting:
    return asyncio.run(waiting("tests.repo.whole_process"))


@pytest.fixture(scope="module")
def worker() -> Waiting:
    return asyncio.run(waiting(MODULE, _WORKER_ENV))


def test_the_main_process_loads_no_media(main_process: Waiting, whole_process: Waiting) -> None:
    for process in (main_process, whole_process):
        assert {"bot.app.service", "bot.cli", "bot.clips.workers.capture_pool"} <= process.modules
        assert not process.vendors() & {"livekit", "av", "numpy"}
        assert "bot.kit.pictures.decoder" in process.modules
        assert "bot.kit.pictures.safe_jpeg" not in process.modules


def test_a_chat_platform_without_a_token_is_not_even_loaded(main_process: Waiting) -> None:
    assert not main_process.vendors() & {"discord", "telegram"}


WITH_A_FILE = """
import asyncio, sys, bot.app.checking, bot.app.service
from pathlib import Path
from bot.store import Store, move_store, report_database, restore_database, save_database

async def main(folder):
    database, copy = folder / "a.db", folder / "copy.db"
    async with Store(database) as store:
        async with store.write() as unit:
            await unit.key_values.put("a", "b")
        await store.probe()
        await store.check()
        await save_database(database, copy)
    await restore_database(database, copy, folder)
    await move_store(database, folder / "b.db", lambda _: None)
    await report_database(folder / "b.db")

asyncio.run(main(Path(sys.argv[1])))
print(*sys.modules)
"""


def test_a_file_as_database_loads_nothing_of_postgresql(tmp_path: Path) -> None:
    """Neither its driver nor SQLAlchemy's half of it, which take 5 MB."""
    done = subprocess.run(
        [sys.executable, "-c", WITH_A_FILE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert {"aiosqlite", "bot.store.backends.sqlite.bulk"} <= loaded
    server = ("asyncpg", "psycopg", "sqlalchemy.dialects.postgresql", "bot.store.backends.postgres")
    assert not [name for name in loaded if name.startswith(server)]


def test_a_process_of_a_capture_loads_nothing_of_the_service() -> None:
    """It enters through the same package. What it loaded would be time and memory of each."""
    of_capture = (f"{MODULE}.__main__", ALIGNER, SEGMENT_CUTTER, TRIMMER)
    code = f"import sys, {', '.join(of_capture)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert set(of_capture) <= loaded
    assert not {"httpx", "aiohttp", "sqlalchemy", "bot.clips.front", "bot.pumpfun"} & loaded


def test_a_process_that_waits_takes_little_memory(
    main_process: Waiting, whole_process: Waiting, worker: Waiting
) -> None:
    assert main_process.resident <= SERVICE_BYTES
    assert whole_process.resident <= PLATFORMS_BYTES
    assert worker.resident <= MOST_BYTES


def test_a_spare_worker_has_its_encoders_at_hand_when_it_says_that_it_is_ready(
    worker: Waiting,
) -> None:
    """An import while frames come costs frames."""
    assert any(name.startswith("libavcodec") for name in worker.mapped)
    assert any(name.startswith("libx264") for name in worker.mapped)
