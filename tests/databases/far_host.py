"""A machine behind a cable, for a server that is to be cut off."""

from __future__ import annotations

import os
import pwd
import subprocess
from typing import ClassVar


def ordinary_user() -> pwd.struct_passwd:
    """Who runs what refuses to be root's."""
    return pwd.getpwnam("nobody")


class FarHost:
    """`with FarHost() as host:` is a machine behind a cable that can be pulled: a network namespace
    of our own, joined to us by two virtual cards. Only root can make one."""

    addresses: ClassVar[set[str]] = set()
    """Of those that are there."""

    def __init__(self) -> None:
        self.name = f"mintcast-{os.getpid()}"
        self._card = f"mint{os.getpid() % 100_000}"
        self.address = "10.213.7.2"

    @property
    def inside(self) -> list[str]:
        """What a command begins with that is to run there, as an ordinary user."""
        user = ordinary_user()
        ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["ip", "netns", "exec", self.name, "setpriv", *ids]

    def __enter__(self) -> FarHost:
        there = f"{self._card}b"
        self._ip(f"netns add {self.name}")
        self._ip(f"link add {self._card} type veth peer name {there} netns {self.name}")
        self._ip(f"addr add 10.213.7.1/24 dev {self._card}")
        self._ip(f"-n {self.name} addr add {self.address}/24 dev {there}")
        self._ip(f"-n {self.name} link set {there} up")
        self.plug()
        self.addresses.add(self.address)
        return self

    def __exit__(self, *_: object) -> None:
        self.addresses.discard(self.address)
        self._ip(f"netns del {self.name}")

    def pull(self) -> None:
        """From now on nothing comes through, and nobody is told."""
        self._ip(f"link set {self._card} down")

    def plug(self) -> None:
        self._ip(f"link set {self._card} up")

    def _ip(self, command: str) -> None:
        subprocess.run(["ip", *command.split()], check=True, capture_output=True)
