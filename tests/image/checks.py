"""What must be true of the image, and of short commands in it. Each check says what it saw."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.image.building import PROJECT, Image
from tests.image.container import run

PASSWORD = "correct horse"
_MOST_MEGABYTES = 600
"""Debootstrap's base is some 100 MB larger than the published slim one."""

_DESCRIPTION = {
    "Entrypoint": ["mintcast"],
    "Cmd": ["run"],
    "User": "10001:10001",
    "WorkingDir": "/data",
    "Volumes": {"/data": {}},
    "ExposedPorts": {"8080/tcp": {}},
}
_SITE = """
from http.server import BaseHTTPRequestHandler, HTTPServer

class KnowsNoCoin(BaseHTTPRequestHandler):
    def do_GET(self):
        known = not self.path.startswith("/livestream")
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"null" if known else b'{"message": "Livestream not found"}')

HTTPServer(("0.0.0.0", 9000), KnowsNoCoin).serve_forever()
"""
_PUMPFUN = {
    "MINTCAST_PUMPFUN__LIVESTREAM_URL": "http://127.0.0.1:9000",
    "MINTCAST_PUMPFUN__FRONTEND_URL": "http://127.0.0.1:9000",
}
_LEFT_BEHIND = ("pip", "setuptools", "hatchling", "livekit.api", "pytest")
_IMPORTS = "import av, numpy, sqlalchemy; from livekit import rtc; rtc.Room(); print('loaded')"
_ABSENT = (
    "import importlib.util as u, sys;"
    "print(*[n for n in sys.argv[1:] if u.find_spec(n)] or ['none'])"
)


@contextmanager
def new_data(owner: tuple[int, int]) -> Iterator[Path]:
    """A fresh volume, of `owner`."""
    with tempfile.TemporaryDirectory(prefix="mintcast-data-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        os.chown(data, *owner)
        yield data


def output(image: Image, *command: str) -> str:
    """What a command printed, in a container of its own."""
    with new_data(image.user) as data, run(image, *command, data=data) as container:
        code = container.wait()
        assert code == 0, f"exit {code}{container.last_words}"
        return container.printed


def is_described_as_promised(image: Image) -> str:
    """No shell between `docker stop` and the service; one volume, one port, nobody's user."""
    described = {key: image.config.get(key) for key in _DESCRIPTION}
    assert described == _DESCRIPTION, str(described)
    return (
        f"user {described['User']}, volume /data, port 8080, health check {image.health_check[0]}"
    )


def is_small(image: Image) -> str:
    """No package lists, archives, logs or caches are left in it."""
    left = [
        str(path)
        for folder in ("var/lib/apt/lists", "var/cache/apt", "var/log", "root/.cache", "data")
        for path in (image.root / folder).rglob("*")
        if path.is_file()
    ]
    assert not left, f"left: {left[:5]}"
    assert image.megabytes < _MOST_MEGABYTES, f"{image.megabytes:.0f} MB"
    return f"{image.megabytes:.0f} MB, no caches"


def holds_nothing_that_its_user_can_write(image: Image) -> str:
    """Beside /data, and what every Debian lets all write. The program is root's."""
    wrong, files = [], 0
    for path in _all_of(image.root):
        about = path.lstat()
        files += 1
        ours = path.is_relative_to(image.root / "opt") and (about.st_uid or about.st_gid)
        if ours or _can_write(image.user, about):
            wrong.append(f"/{path.relative_to(image.root)}")
    assert not wrong, f"{len(wrong)} of {files}: {wrong[:5]}"
    return f"none of {files} files and folders"


def _all_of(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        if Path(folder) == root and "data" in folders:
            folders.remove("data")
        yield from (Path(folder, name) for name in (*folders, *names))


def _can_write(user: tuple[int, int], about: os.stat_result) -> bool:
    if stat.S_ISLNK(about.st_mode) or stat.S_ISCHR(about.st_mode):
        return False
    by_all = about.st_mode & stat.S_IWOTH and not about.st_mode & stat.S_ISVTX
    return about.st_uid == user[0] or about.st_gid == user[1] or bool(by_all)


def has_no_tools_of_building(image: Image) -> str:
    """Nor what only the demo and the tests take."""
    found = output(image, "python3", "-c", _ABSENT, *_LEFT_BEHIND)
    assert found == "none", found
    return "none of " + ", ".join(_LEFT_BEHIND)


def tells_its_version(image: Image) -> str:
    """That of the sources."""
    said = output(image, "mintcast", "--version")
    source = (PROJECT / "bot" / "__init__.py").read_text()
    assert said == f"mintcast {source.split('__version__ = ')[1].split()[0].strip(chr(34))}", said
    return said


def loads_its_native_libraries(image: Image) -> str:
    """Of PyAV, NumPy, SQLAlchemy and LiveKit: with nothing of the system but what slim has."""
    return output(image, "python3", "-c", _IMPORTS)


def starts_a_capture_worker(image: Image) -> str:
    """It says that it is ready, and ends with its stdin."""
    said = output(image, "python3", "-m", "bot.clips.capture", "--events-fd", "1")
    assert '"event":"ready"' in said, said
    return "ready, and gone with its stdin"


def finds_all_well(image: Image) -> str:
    """`mintcast check`, beside a pump.fun that answers: it knows no coin, and nobody is live."""
    with (
        new_data(image.user) as data,
        run(image, "python3", "-c", _SITE, data=data) as container,
    ):
        container.wait_until_it_listens(9000)
        environment = {"HTTP_PASSWORD": PASSWORD, **_PUMPFUN}
        done = container.run("mintcast", "check", environment=environment)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}"
    return f"exit 0, {len(done.stdout.splitlines())} things looked at"


def tells_of_all_that_is_not_well(image: Image) -> str:
    """A volume of somebody else, no password, no network: `mintcast check` names each."""
    with new_data((0, 0)) as data, run(image, "mintcast", "check", data=data) as container:
        code = container.wait()
        failed = [line.split(":")[0] for line in container.printed.splitlines() if "FAIL" in line]
        assert code == 1, f"exit {code}{container.last_words}"
        names = {" ".join(line.split()[1:]) for line in failed}
        wanted = {"database", "clips", "pump.fun streams", "pump.fun coins", "page"}
        assert names == wanted, f"{container.last_words}"
        return "exit 1: " + ", ".join(sorted(names))


OF_IMAGE = (
    is_described_as_promised,
    is_small,
    holds_nothing_that_its_user_can_write,
    has_no_tools_of_building,
    tells_its_version,
    loads_its_native_libraries,
    starts_a_capture_worker,
    finds_all_well,
    tells_of_all_that_is_not_well,
)
