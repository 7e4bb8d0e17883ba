"""Runs a command of the image as a container's first process: its own namespaces, no privilege."""

from __future__ import annotations

import base64
import ctypes
import http.client
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.image.building import Image

_ENTER = Path(__file__).with_name("enter.sh")
_CLONE_NEWNET = 0x40000000
_OUTSIDE = "127.0.0.2"
"""Reaches only what listens on every address, as a published port does."""

_LAST_WORDS = 15
_PAUSE = 0.05
_PATIENCE = 30.0
"""Seconds until a command that should have ended is taken for hung."""


class Container:
    """One running container. `pid` is its first process, as this machine counts."""

    def __init__(self, image: Image, process: subprocess.Popen[bytes], log: Path) -> None:
        self.image = image
        self._process = process
        self._log = log
        self.pid = self._find_first()

    @property
    def printed(self) -> str:
        """All that it wrote to stdout and stderr so far."""
        return self._log.read_text(errors="replace").strip()

    @property
    def last_words(self) -> str:
        """The end of it, to stand under the line of a check that failed."""
        return "".join(f"\n      | {line}" for line in self.printed.splitlines()[-_LAST_WORDS:])

    @property
    def running(self) -> bool:
        """Whether its first process lives."""
        return self._process.poll() is None

    def wait(self, seconds: float = _PATIENCE) -> int:
        """Its exit code; minus the signal's number where one ended it."""
        return self._process.wait(seconds)

    def terminate(self) -> None:
        """SIGTERM to the first process, as `docker stop` sends it."""
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End all of it: with the first process the kernel ends the rest, then `unshare` tells."""
        if self.running:
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait()

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command inside, as `docker exec` (or a health check) runs it."""
        inside = ("nsenter", f"--target={self.pid}", "--mount", "--pid", "--net", "--root")
        return subprocess.run(
            [*inside, *_as_user(self.image, environment or {}), *command],
            timeout=_PATIENCE, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip

    def get(
        self, path: str, password: str | None = None, port: int | None = None
    ) -> tuple[int, bytes]:
        """Status and body, asked for from outside as a browser on the host does."""
        port = port or int(self.image.environment["MINTCAST_HTTP__PORT"])
        headers = {"Host": f"127.0.0.1:{port}"}
        if password is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(f':{password}'.encode()).decode()}"
        with ThreadPoolExecutor(1) as elsewhere:  # a thread of its own, for it changes its network
            return elsewhere.submit(self._get, port, path, headers).result()

    def wait_until_it_listens(self, port: int) -> None:
        """Whatever it answers there."""
        self._wait(lambda: self._status(port) is not None)

    def wait_until_it_is_well(self) -> None:
        """The service takes commands."""
        self._wait(lambda: self._status() == 200)

    def _wait(self, is_there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not is_there():
            assert self.running, f"it ended with {self.wait()}{self.last_words}"
            assert time.monotonic() < deadline, f"not so after {_PATIENCE:.0f} s"
            time.sleep(_PAUSE)

    def _status(self, port: int | None = None) -> int | None:
        try:
            return self.get("/healthz", port=port)[0]
        except OSError:  # nothing listens yet, or there is no network yet
            return None

    def processes(self) -> dict[int, int]:
        """The user id of each process inside, by this machine's process id."""
        ours = Path(f"/proc/{self.pid}/ns/pid").readlink()
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if (entry / "ns/pid").readlink() == ours:
                    status = (entry / "status").read_text()
                    found[int(entry.name)] = int(status.split("Uid:")[1].split()[0])
            except OSError:  # it ended meanwhile
                continue
        return found

    def _get(self, port: int, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        namespace = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).setns(namespace, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        finally:
            os.close(namespace)
        connection = http.client.HTTPConnection(_OUTSIDE, port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _find_first(self) -> int:
        """`unshare` forks it. One that has ended already is given as `unshare` itself."""
        parent = self._process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children")
        while self.running:
            if pids := children.read_text().split():
                return int(pids[0])
            time.sleep(_PAUSE)
        return parent


@contextmanager
def run(
    image: Image,
    *command: str,
    data: Path,
    environment: Mapping[str, str] | None = None,
    data_mode: str = "rw",
) -> Iterator[Container]:
    """A container of `image`, `data` mounted as its volume; what runs at the end is killed."""
    with tempfile.TemporaryDirectory(prefix="mintcast-container-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    *("unshare", "--pid", "--net", "--ipc", "--uts", "--mount", "--fork"),
                    *("--kill-child=SIGKILL", "sh", str(_ENTER)),
                    *(str(image.root), str(data), data_mode),
                    *_as_user(image, environment or {}),
                    *command,
                ],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        container = Container(image, process, log)
        try:
            yield container
        finally:
            container.kill()


def _as_user(image: Image, environment: Mapping[str, str]) -> list[str]:
    """What makes a command one of the image: its user, its variables, its folder; no capability."""
    uid, gid = image.user
    variables = {**image.environment, "HOME": "/data", **environment}
    return [
        *("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"),
        *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
        *("env", "--ignore-environment", f"--chdir={image.config['WorkingDir']}"),
        *(f"{name}={value}" for name, value in variables.items()),
    ]
