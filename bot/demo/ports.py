"""Ports of this machine that a server may have, and have again after a restart."""

from __future__ import annotations

import random
import socket

_LASTING = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections (ip_local_port_range): any connection of
anybody may take one of these while a server that had it starts again."""

_TRIES = 100

HOST = "127.0.0.1"
"""Where everything of the demo is."""


def free_port(wanted: int = 0, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """`wanted`, where nobody listens on it right now; else any other. Another may take it first."""
    for port in (wanted, *random.sample(_LASTING, _TRIES)):
        if port and is_free(port, kind):
            return port
    raise OSError(f"none of {_TRIES} ports is free")


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether a server could listen there right now."""
    try:
        try_port(port, kind)
    except OSError:
        return False
    return True


def try_port(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> None:
    """Raises OSError, as a server that listens there right now would."""
    with socket.socket(type=kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        probe.bind((HOST, port))
