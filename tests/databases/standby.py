"""Two servers of one database, and the name by which clients reach one of them."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from unittest.mock import patch

from tests.databases.postgres import Cluster
from tests.patience import PATIENCE


class Standby(Cluster):
    """`with Standby(cluster) as standby:` follows that one, and only reads until it is promoted.
    Its port is the same, at another address of this machine."""

    HOST = "127.0.0.2"

    def __init__(self, primary: Cluster) -> None:
        super().__init__()
        self._hosts, self._host = [self.HOST], self.HOST
        self._primary, self.port = primary, primary.port

    def _make(self) -> None:
        primary = f"host=127.0.0.1 port={self.port} user=mintcast"
        self._run("pg_basebackup", "-R", "--checkpoint=fast", f"--dbname={primary}")

    def __enter__(self) -> Self:
        """Returns once it is told of all that the primary writes, to its end."""
        super().__enter__()
        deadline = time.monotonic() + PATIENCE
        while not self._primary.fetch("SELECT FROM pg_stat_replication", (), "postgres"):
            assert time.monotonic() < deadline, "it does not follow the primary"
            time.sleep(0.02)
        return self

    def promote(self) -> None:
        """Returns once it takes writes."""
        self.execute("SELECT pg_promote()")


@contextmanager
def named(name: str) -> Iterator[dict[str, str]]:
    """Meanwhile that name leads to whichever address its entry has."""
    leads_to = {name: "127.0.0.1"}
    look_up = socket.getaddrinfo

    def found(host: Any, *about: Any, **more: Any) -> Any:
        return look_up(leads_to.get(host, host), *about, **more)

    with patch.object(socket, "getaddrinfo", found):
        yield leads_to
