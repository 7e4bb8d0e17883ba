"""A process that has imported all of `mintcast run`, and forks a service of it whenever asked: a
node that was killed is back in a moment, where a thousand of them are to be killed.

It is asked by messages on a socket, its one argument: the environment as JSON, with the descriptor
that the service writes to. It answers `{"pid": …}`, and tells `{"pid": …, "code": …}` of each end.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import sys

from bot.kit.processes.json_pipe import die_with_parent

MOST_BYTES = 1 << 17
_IMPORTED = (
    "asyncpg",
    "bot.app.service",
    "bot.cli",
    "bot.cli.run_command",
    "bot.platforms.discord.platform",
)


def main() -> None:
    """Until the other end of the socket is closed."""
    die_with_parent()
    for name in _IMPORTED:
        importlib.import_module(name)
    link = socket.socket(fileno=int(sys.argv[1]))
    ended, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(link, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is link:
                    _fork(link)
                else:
                    os.read(ended, 4096)
                    _tell_ends(link)


def _fork(link: socket.socket) -> None:
    asked, descriptors, _, _ = socket.recv_fds(link, MOST_BYTES, 1)
    if not asked:
        sys.exit()
    (output,) = descriptors
    pid = os.fork()
    if pid == 0:
        _become_service(json.loads(asked), link, output)
    os.close(output)
    link.send(json.dumps({"pid": pid}).encode())


def _tell_ends(link: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            told = {"pid": ended[0], "code": os.waitstatus_to_exitcode(ended[1])}
            link.send(json.dumps(told).encode())


def _become_service(environment: dict[str, str], link: socket.socket, output: int) -> None:
    code: int | str | None = 1
    try:
        die_with_parent()
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        link.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for own, standard in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(own, standard)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["mintcast", "run"]
        importlib.import_module("bot.cli").main()
        code = 0
    except SystemExit as ending:
        code = ending.code
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(code if isinstance(code, int) else int(bool(code)))


if __name__ == "__main__":
    main()
