"""Whatever becomes of the three streams, a command does its work and its exit code tells of it."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.streams import Tolerant
from bot.demo.ports import free_port
from tests.patience import PATIENCE

OFFLINE = {
    "MINTCAST_CONFIG": os.devnull,
    "MINTCAST_PUMPFUN__LIVESTREAM_URL": "http://127.0.0.1:9",
    "MINTCAST_PUMPFUN__FRONTEND_URL": "http://127.0.0.1:9",
    "MINTCAST_CLIPS__MIN_FREE_GIGABYTES": "0",
}
WALLET = "So11111111111111111111111111111111111111112"


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of it; `mintcast` is ours."""
    mintcast = f"{sys.executable} -m bot"
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("mintcast", mintcast)],
        cwd=folder,
        env={**os.environ, **OFFLINE, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    ("streams", "out", "err"),
    [
        ("0<&- 2>&-", '"status": "failed"', ""),
        pytest.param("0<&- 1>&- 2>&-", "", "", marks=pytest.mark.soak),  # `run` is, below
        (">/dev/full", "", "couldn't be written to stdout: No space left on device."),
        ("2>&1 | head -0", "", ""),
    ],
)
def test_a_command_ends_as_it_should(tmp_path: Path, streams: str, out: str, err: str) -> None:
    ran = shell(f"mintcast live --json {WALLET} {streams}", tmp_path)
    assert (ran.returncode, out in ran.stdout, err in ran.stderr) == (5, True, True)
    assert bool(out) == bool(ran.stdout)
    assert bool(err) == bool(ran.stderr)


def test_letters_that_there_are_not_become_plain_ones(tmp_path: Path) -> None:
    odd = {
        "PYTHONIOENCODING": "ascii",
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    ran = shell("mintcast live nonsense", tmp_path, **odd)
    assert ran.returncode == 2
    assert "nonsense" in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_the_service_runs_without_streams_and_ends_with_its_terminal(tmp_path: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"exec {sys.executable} -m bot run 0<&- 1>&- 2>&-"),
        cwd=tmp_path,
        env={**os.environ, **OFFLINE, "MINTCAST_HTTP__PORT": str(port)},
        preexec_fn=_mind_hang_ups,
    )
    while True:
        assert process.returncode is None
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            break
    writer.close()
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    assert await process.wait() == 0


def _mind_hang_ups() -> None:
    """Tests that run under nohup hand an ignored signal on to their children."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


# The descriptor itself


def test_a_terminal_that_is_gone_takes_everything() -> None:
    ours, theirs = pty.openpty()
    stream = Tolerant(theirs, "w", closefd=False)
    assert stream.isatty()
    os.close(ours)
    assert stream.write(b"lost") == 4
    assert stream.write(b"lost, too") == 9
    assert stream.failure is not None
    os.close(theirs)


def test_what_a_full_pipe_does_not_take_at_once_is_not_lost() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    filled = 0
    try:
        while True:
            filled += os.write(writing, b"x" * 65536)
    except BlockingIOError:
        pass
    with io.BufferedWriter(Tolerant(writing, "w")) as stream:
        os.read(reading, filled)
        stream.write(b"and this")
    assert os.read(reading, filled).endswith(b"and this")
    os.close(reading)
