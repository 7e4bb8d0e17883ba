"""An event loop that looks names up in threads of its own.

asyncio does it in the few threads of `asyncio.to_thread`, and waits for these when it ends. While
no name server answers, a lookup blocks for 10 to 20 seconds, whoever has given up waiting for it
(glibc, resolv.conf(5)); files and the database would wait behind it, and so would the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import errno
import socket
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

_MOST_THREADS = 16
"""More than the service has names to ask for; each is there only while it looks one up."""

_Question = tuple[Any, ...]
"""As `socket.getaddrinfo` takes it: host, port, family, kind, protocol, flags."""
_Found = list[tuple[Any, ...]]
"""As it answers."""
_Answer = tuple[_Found, Exception | None]


class NetworkLoop(asyncio.SelectorEventLoop):
    """For processes that ask others by their names; a `loop_factory` of `asyncio.Runner`. Trouble
    with names delays nothing else in it, nor its end."""

    def __init__(self) -> None:
        super().__init__()
        self._name_lookups = NameLookups(self)

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio calls it so
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """See asyncio."""
        return await self._name_lookups.ask(host, port, family, type, proto, flags)


@dataclass(slots=True, eq=False)
class _Flight:
    """One lookup, for all who ask for the same at once."""

    question: _Question
    answer: asyncio.Future[_Answer]
    waiting: int = 0


class NameLookups:
    """For one loop, on which alone it is called. Its threads take what is queued, and deliver what
    they found to the loop; they end when there is no more, and no end of the process waits for
    them.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, most_threads: int = _MOST_THREADS) -> None:
        self._loop = loop
        self._most_threads = most_threads
        self._flights: dict[_Question, _Flight] = {}
        self._lock = threading.Lock()
        """For the two below, which loop and threads share."""
        self._queued: deque[_Flight] = deque()
        self._threads = 0

    async def ask(self, *question: Any) -> _Found:
        """What `socket.getaddrinfo` says to it. Raises what that raises, OSError for one.

        Whoever is cancelled is free at once. A lookup that was begun goes on; one that was not is
        dropped with the last who waits for it.
        """
        flight = self._flights.get(question) or self._started(question)
        flight.waiting += 1
        try:
            found, error = await asyncio.shield(flight.answer)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._drop_if_queued(flight)
        if error is not None:
            raise copy.copy(error)  # each who asked has a trace of their own
        return list(found)

    def _started(self, question: _Question) -> _Flight:
        flight = _Flight(question, self._loop.create_future())
        with self._lock:
            if self._threads < self._most_threads:
                self._start_thread()
            self._queued.append(flight)
        self._flights[question] = flight
        return flight

    def _start_thread(self) -> None:
        """One more; where the machine has none to spare, those that are there have to do."""
        try:
            threading.Thread(target=self._work, name="name-lookup", daemon=True).start()
        except RuntimeError as error:
            if not self._threads:
                raise OSError(errno.EAGAIN, str(error)) from error
        else:
            self._threads += 1

    def _drop_if_queued(self, flight: _Flight) -> None:
        with self._lock:
            if flight not in self._queued:
                return
            self._queued.remove(flight)
        del self._flights[flight.question]

    def _work(self) -> None:
        while (flight := self._next()) is not None:
            answer = _looked_up(flight.question)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._land, flight, answer)

    def _next(self) -> _Flight | None:
        with self._lock:
            if self._queued:
                return self._queued.popleft()
            self._threads -= 1
            return None

    def _land(self, flight: _Flight, answer: _Answer) -> None:
        del self._flights[flight.question]
        flight.answer.set_result(answer)


def _looked_up(question: _Question) -> _Answer:
    try:
        return list(socket.getaddrinfo(*question)), None
    except Exception as error:  # noqa: BLE001 - it is for whoever asked
        return [], error
