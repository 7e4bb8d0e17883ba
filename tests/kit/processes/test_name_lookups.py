"""Names that no server answers for delay who asks for them, and nobody else."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest

from bot.cli.common import Exit
from bot.kit.processes.name_lookups import NameLookups, NetworkLoop
from bot.kit.tasks import cancel_and_wait
from tests.patience import PATIENCE

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]


class NameServer:
    """Answers once it is let; until then whoever asks blocks. A name that is `bad` has no
    address."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers = threading.Event()
        self._heard = threading.Condition()

    def getaddrinfo(self, host: str, *_: object) -> list[Any]:
        with self._heard:
            self.asked.append(host)
            self._heard.notify_all()
        self.answers.wait()
        if host == "bad":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return FOUND

    def heard(self, count: int) -> bool:
        """Wait until so many names were asked for. Blocks."""
        with self._heard:
            return self._heard.wait_for(lambda: len(self.asked) >= count, PATIENCE)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    """The one that all lookups of this process go to."""
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server.getaddrinfo)
    yield server
    server.answers.set()


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=NetworkLoop) as runner:
        runner.run(work)


def test_lookups_without_an_answer_delay_no_thread_and_no_end(server: NameServer) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()
        asked = [asyncio.create_task(loop.getaddrinfo(f"{n}.example", 443)) for n in range(40)]
        try:
            async with asyncio.timeout(PATIENCE):
                assert await asyncio.to_thread(server.heard, 16)
                assert await asyncio.to_thread(lambda: 1) == 1
        except BaseException:
            server.answers.set()  # else the end of the loop would wait for them
            raise
        await cancel_and_wait(*asked)

    run(work())
    assert not server.answers.is_set(), "they block to this moment"


@pytest.fixture
async def lookups(server: NameServer) -> AsyncIterator[Callable[[int], NameLookups]]:
    """With so many threads, and the loop of the test."""
    yield lambda most: NameLookups(asyncio.get_running_loop(), most)
    server.answers.set()


Make = Callable[[int], NameLookups]


def ask(lookups: NameLookups, name: str) -> asyncio.Task[list[Any]]:
    return asyncio.create_task(lookups.ask(name, 443, 0, 0, 0, 0))


async def test_those_who_ask_the_same_at_once_share_an_answer(
    server: NameServer, lookups: Make
) -> None:
    names = lookups(4)
    impatient, *patient = (ask(names, "a") for _ in range(3))
    assert await asyncio.to_thread(server.heard, 1)
    await cancel_and_wait(impatient)
    server.answers.set()
    assert [await one for one in patient] == [FOUND, FOUND]
    assert server.asked == ["a"]
    assert await ask(names, "a") == FOUND
    assert server.asked == ["a", "a"], "who asks later asks anew"


async def test_more_names_than_threads_are_looked_up_in_turn(
    server: NameServer, lookups: Make
) -> None:
    names = lookups(2)
    asked = [ask(names, f"{n}") for n in range(5)]
    assert await asyncio.to_thread(server.heard, 2)
    assert len(server.asked) == 2
    server.answers.set()
    assert await asyncio.gather(*asked) == [FOUND] * 5
    assert server.asked == ["0", "1", "2", "3", "4"]


async def test_what_nobody_waits_for_any_more_is_not_begun(
    server: NameServer, lookups: Make
) -> None:
    names = lookups(1)
    first, given_up, last = (ask(names, name) for name in "abc")
    assert await asyncio.to_thread(server.heard, 1)
    await cancel_and_wait(given_up)
    server.answers.set()
    assert [await first, await last] == [FOUND, FOUND]
    assert server.asked == ["a", "c"]


async def test_where_no_thread_can_be_started_that_is_a_failure_of_the_network(
    server: NameServer, lookups: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: object) -> None:
        raise RuntimeError("can't start new thread")

    names, others = lookups(2), lookups(2)
    first = ask(names, "a")
    assert await asyncio.to_thread(server.heard, 1)
    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", start)
        second, third = ask(names, "b"), ask(others, "a")
        await asyncio.wait({third})
    assert isinstance(third.exception(), OSError)
    server.answers.set()
    assert [await first, await second] == [FOUND, FOUND], "by the one that is there"


async def test_what_a_lookup_raises_each_has_for_oneself(server: NameServer, lookups: Make) -> None:
    names = lookups(1)
    asked = [ask(names, "bad"), ask(names, "bad")]
    server.answers.set()
    one, other = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(one, socket.gaierror)
    assert isinstance(other, socket.gaierror)
    assert one is not other
    assert one.args == other.args == (socket.EAI_NONAME, "Name or service not known")


async def test_a_lookup_that_ends_after_its_loop_troubles_nobody(
    server: NameServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        asked = asyncio.create_task(asyncio.get_running_loop().getaddrinfo("a", 443))
        await asyncio.to_thread(server.heard, 1)
        await cancel_and_wait(asked)

    await asyncio.to_thread(run, work())
    server.answers.set()
    for thread in threading.enumerate():
        if thread.name == "name-lookup":
            await asyncio.to_thread(thread.join)
    assert caplog.text == ""


COMMAND = """
import asyncio, socket, threading
from bot.cli.outcome import run

def blocks(*question):
    print("asked", flush=True)
    threading.Event().wait()

async def work():
    await asyncio.get_running_loop().getaddrinfo("mint.example", 443)

socket.getaddrinfo = blocks
run(work())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_waits_for_a_name_ends_when_it_is_told(number: signal.Signals) -> None:
    command = [sys.executable, "-c", COMMAND]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "asked\n"
            process.send_signal(number)
            assert process.wait(PATIENCE) == Exit.INTERRUPTED
        finally:
            process.kill()
