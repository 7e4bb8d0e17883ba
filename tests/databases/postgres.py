"""A PostgreSQL server of the tests' own: a private cluster on loopback, as an ordinary user.

It leaves nothing behind. `by_path` is how tests use it that know nothing of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from bot.demo.ports import free_port
from bot.store import PostgresAddress
from tests.databases.far_host import FarHost, ordinary_user
from tests.databases.programs import find_programs
from tests.patience import PATIENCE

T = TypeVar("T")

_USER = "mintcast"
_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Nothing waits for the disk, which only a power cut would tell."""
_SETTINGS = (
    "unix_socket_directories=",
    "max_connections=60",
    "shared_buffers=32MB",
    "autovacuum=off",
)


class Cluster:
    """`with Cluster() as cluster:` is up from then on. Its databases sort as English does, which
    must not show."""

    def __init__(
        self, *, durable: bool = False, below: Path | None = None, far: FarHost | None = None
    ) -> None:
        programs = find_programs()
        assert programs is not None
        self._programs = programs
        self._settings = _SETTINGS if durable else _SETTINGS + _UNSAFE
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=below))
        self._far = far
        self._hosts = ["127.0.0.1"] if far is None else [one.address for one in far.cables]
        self._host = self._hosts[0]
        self._process: subprocess.Popen[bytes] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postgres", daemon=True)
        self.port = free_port()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Cluster:
        _own(self._folder)
        self._thread.start()
        self._make()
        with (self._folder / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {host}/24 trust\n" for host in self._hosts)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make(self) -> None:
        self._run(
            "initdb", "--auth=trust", f"--username={_USER}", "--no-sync", "--encoding=UTF8",
            "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en",
        )  # fmt: skip

    def demote(self) -> None:
        """It was the primary: from now on it is a standby, which only reads."""
        self.stop()
        (self._folder / "standby.signal").touch()
        self.start()

    def start(self) -> None:
        """Returns once it takes connections."""
        settings = [part for one in self._settings for part in ("-c", one)]
        settings += ["-c", f"listen_addresses={','.join(self._hosts)}"]
        command = [*self._command("postgres"), "-p", str(self.port), *settings]
        self._process = subprocess.Popen(
            command if self._far is None else [*self._far.inside, *command],
            **(_as_ordinary_user() if self._far is None else {}),
            start_new_session=True,  # whoever interrupts the tests leaves its end to them
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "log").open("ab"),
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.execute("SELECT 1")
            except (OSError, asyncpg.PostgresError):
                assert time.monotonic() < deadline, (self._folder / "log").read_text()
                time.sleep(0.02)

    def stop(self, *, how: int = 2) -> None:
        """By that signal: 2 ends connections at once, in good order; 9 kills it."""
        if self._process is not None:
            if how == 9:
                self.signal_all(how)
            else:
                self._process.send_signal(how)
            self._process.wait()
            self._process = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal_all(self, signal: int) -> None:
        """To the server and all that it has started."""
        for one in _family(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal)

    def _command(self, program: str) -> list[str]:
        return [str(self._programs / program), "-D", str(self._folder)]

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._command(program), *arguments]
        subprocess.run(command, **_as_ordinary_user(), check=True, capture_output=True)

    @contextlib.contextmanager
    def passwords_asked_of(self, role: str) -> Iterator[None]:
        """Meanwhile; all others are trusted."""
        rules = self._folder / "pg_hba.conf"
        before = rules.read_text()
        rules.write_text(f"host all {role} {self._host}/32 scram-sha-256\n{before}")
        self.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            rules.write_text(before)
            self.execute("SELECT pg_reload_conf()")

    def address(self, database: str) -> PostgresAddress:
        return PostgresAddress(f"postgresql://{_USER}@{self._host}:{self.port}/{database}")

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """From outside, each by itself."""

        async def run(connection: Any) -> None:
            for statement in statements:
                await connection.execute(statement)

        self.connected(run, database)

    def fetch(self, sql: str, parameters: Sequence[Any], database: str) -> list[tuple[Any, ...]]:
        """The rows of its answer."""

        async def run(connection: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await connection.fetch(sql, *parameters)]

        return self.connected(run, database)

    def connected(self, work: Callable[[Any], Awaitable[T]], database: str) -> T:
        """What comes of it, on a connection of its own."""

        async def connect() -> T:
            connection = await self.connect(database)
            try:
                return await work(connection)
            finally:
                await connection.close()

        return self.run(connect())

    async def connect(self, database: str) -> Any:
        """A connection, in the loop of `run`."""
        return await asyncpg.connect(
            host=self._host, port=self.port, user=_USER, database=database, timeout=5
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of it, on a thread with a loop of its own: whoever asks may be in one."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _as_ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = ordinary_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        user = ordinary_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
