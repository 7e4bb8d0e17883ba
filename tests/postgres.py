"""A PostgreSQL server of the tests' own: a private cluster on loopback, as an ordinary user.

`pytest --database postgresql` runs tests on it that know nothing of it: each database that they
name by a file is one of the server's instead, made of a template and dropped after the test.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import asyncpg

from bot.demo.ports import free_port
from bot.demo.service import Service
from bot.store import PostgresAddress, Store
from tests.patience import PATIENCE

T = TypeVar("T")

_USER = "mintcast"
_TEMPLATE = "template_mintcast"
_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Nothing waits for the disk, which only a power cut would tell."""
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=60",
    "shared_buffers=32MB",
    "autovacuum=off",
)


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest of Debian's; None: there is none."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    of_debian = sorted(debian, key=lambda path: float(path.parts[4]))
    if of_debian:
        return of_debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).parent if found else None


class Cluster:
    """`with Cluster() as cluster:` is up from then on. Its databases sort as English does, which
    must not show."""

    def __init__(self, *, durable: bool = False) -> None:
        programs = find_programs()
        assert programs is not None
        self._programs = programs
        self._settings = _SETTINGS if durable else _SETTINGS + _UNSAFE
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Cluster:
        _own(self._folder)
        self._run(
            "initdb", "--auth=trust", f"--username={_USER}", "--no-sync", "--encoding=UTF8",
            "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en",
        )  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Returns once it takes connections."""
        settings = [part for one in self._settings for part in ("-c", one)]
        self._process = subprocess.Popen(
            [*self._command("postgres"), "-p", str(self.port), *settings],
            **_as_ordinary_user(),
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
                for one in _family(self._process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(one, 9)
            else:
                self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def _command(self, program: str) -> list[str]:
        return [str(self._programs / program), "-D", str(self._folder)]

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._command(program), *arguments]
        subprocess.run(command, **_as_ordinary_user(), check=True, capture_output=True)

    def address(self, database: str) -> PostgresAddress:
        return PostgresAddress(f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}")

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
        """What comes of it, on a thread with a loop of its own: whoever asks may be in one."""

        async def connect() -> T:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.port, user=_USER, database=database, timeout=5
            )
            try:
                return await work(connection)
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, connect()).result()


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _as_ordinary_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _own(folder: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)


_in_use: list[Databases] = []


class Databases:
    """Of one cluster: those that tests name by files."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._made: dict[str, str] = {}

    def of(self, path: Path) -> PostgresAddress:
        """Made of the template where it is new."""
        name = f"t{hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]}"
        if name not in self._made:
            self.cluster.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
            address = self.cluster.address(name)
            self._made[name] = address.name
        return self.cluster.address(name)

    def fetch(self, store: str, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of its answer, of the database that a store calls so."""
        return self.cluster.fetch(_numbered(sql), parameters, self._name(store))

    def execute(self, store: str, sql: str, rows: Sequence[Any]) -> None:
        """Once for each of `rows`."""

        async def run(connection: Any) -> None:
            await connection.executemany(_numbered(sql), rows)

        self.cluster.connected(run, self._name(store))

    def _name(self, store: str) -> str:
        (name,) = [name for name, told in self._made.items() if told == store]
        return name

    def drop(self) -> None:
        """All of them."""
        made, self._made = self._made, {}
        if made:
            self.cluster.execute(*(f"DROP DATABASE {name} WITH (FORCE)" for name in made))


def _numbered(sql: str) -> str:
    """`?` as PostgreSQL has it."""
    parts = sql.split("?")
    return "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], 1)) + parts[-1]


@contextlib.contextmanager
def instead_of_files(databases: Databases) -> Iterator[None]:
    """Meanwhile a store that is opened by a path has a database of the server's instead."""
    init, data = Store.__init__, Service._data

    def opened(self: Store, address: Path | PostgresAddress, **options: Any) -> None:
        if isinstance(address, Path):
            patience = options.get("patience", 5.0)
            address = replace(databases.of(address), patience=patience)
        init(self, address, **options)

    _in_use.append(databases)

    def data_of(self: Service) -> dict[str, str]:
        """Of a service that is a process of its own."""
        told = data(self)
        path = Path(told["MINTCAST_STORAGE__DATABASE"])
        return {**told, "MINTCAST_STORAGE__DATABASE": databases.of(path).url}

    with patch.object(Store, "__init__", opened), patch.object(Service, "_data", data_of):
        yield
    _in_use.remove(databases)


def as_argument(path: Path) -> str:
    """The database that stands for that file, as the settings name it."""
    others = in_use()
    return str(path) if others is None else others.of(path).url


def from_argument(text: str) -> Path | PostgresAddress:
    """What a process was told."""
    return PostgresAddress(text) if "://" in text else Path(text)


def in_use() -> Databases | None:
    """What is there instead of files, if anything."""
    return _in_use[-1] if _in_use else None


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    """A cluster with an empty database of ours to copy."""

    async def make() -> None:
        async with Store(cluster.address(_TEMPLATE)):
            pass

    with Cluster() as cluster:
        cluster.execute(f"CREATE DATABASE {_TEMPLATE}")
        asyncio.run(make())
        yield Databases(cluster)
