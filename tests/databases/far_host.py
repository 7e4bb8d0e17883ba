"""A machine behind cables, for a server that some or all are to be cut off from."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from typing import ClassVar

import pytest


def ordinary_user() -> pwd.struct_passwd:
    """Who runs what refuses to be root's."""
    return pwd.getpwnam("nobody")


def require_far_hosts() -> None:
    """Skip the test where none can be made."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root can make a network namespace, with `ip`")


class FarHost:
    """`with FarHost() as host:` is a machine behind cables that can be pulled: a network namespace
    of our own, joined to us by two virtual cards for each cable. Only root can make one."""

    reachable: ClassVar[set[str]] = set()
    """Addresses of those that are there."""

    def __init__(self, cables: int = 1) -> None:
        self.name = f"mintcast-{os.getpid()}"
        self.cables = [Cable(self.name, number) for number in range(cables)]

    @property
    def inside(self) -> list[str]:
        """What a command begins with that is to run there, as an ordinary user."""
        user = ordinary_user()
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["ip", "netns", "exec", self.name, "setpriv", *ids]

    def __enter__(self) -> FarHost:
        _ip(f"netns add {self.name}")
        for cable in self.cables:
            cable.lay()
            self.reachable.add(cable.address)
        return self

    def __exit__(self, *_: object) -> None:
        for cable in self.cables:
            self.reachable.discard(cable.address)
            cable.remove()  # the namespace lives on for as long as a connection in it is closing
        _ip(f"netns del {self.name}")


class Cable:
    """One way to that machine, by an address of its own."""

    def __init__(self, host: str, number: int) -> None:
        self._host = host
        self._network = f"10.213.{7 + number}"
        self._card = f"mint{number}-{os.getpid() % 100_000}"
        self.address = f"{self._network}.2"

    def lay(self) -> None:
        there = f"{self._card}b"
        _ip(f"link add {self._card} type veth peer name {there} netns {self._host}")
        _ip(f"addr add {self._network}.1/24 dev {self._card}")
        _ip(f"-n {self._host} addr add {self.address}/24 dev {there}")
        _ip(f"-n {self._host} link set {there} up")
        self.plug()

    def remove(self) -> None:
        _ip(f"link del {self._card}")

    def pull(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        _ip(f"link set {self._card} down")

    def plug(self) -> None:
        _ip(f"link set {self._card} up")


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True)
