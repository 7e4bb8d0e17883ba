"""How much may be sent: 30 a second over all, one a second to a chat, 20 a minute to a group.

Telegram does not tell its figures exactly: these are those of its FAQ, with a small burst for each
chat. Messages and edits count; chat actions, deletions and answers to buttons do not. `measured`
gives what really came, limited or not.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measured:
    """The most that came in any one second over all, in any one second to one chat, and in any
    one minute to one group."""

    overall: int
    chat: int
    group: int


@dataclass(slots=True)
class _Window:
    """So many in so many seconds, whenever they begin."""

    most: int
    seconds: float
    taken: deque[float] = field(default_factory=deque)

    def wait(self, at: float) -> float:
        """Seconds until there is room; 0 where there is."""
        while self.taken and self.taken[0] <= at - self.seconds:
            self.taken.popleft()
        if len(self.taken) < self.most:
            return 0.0
        return self.taken[len(self.taken) - self.most] + self.seconds - at


@dataclass(slots=True)
class Limits:
    """`strict` switches the refusals. A chat's burst of `burst` messages comes back at one a
    second. Change the figures before the first request. Refused requests are not counted as
    taken, but they are measured."""

    strict: bool = False
    overall: tuple[int, float] = (30, 1.0)
    burst: int = 3
    group: tuple[int, float] = (20, 60.0)
    came: list[tuple[float, int, bool]] = field(default_factory=list)
    _windows: dict[tuple[str, int], _Window] = field(default_factory=dict)

    def take(self, chat_id: int, *, is_group: bool) -> int:
        """0 where it may pass, else Telegram's `retry_after` in whole seconds."""
        at = time.monotonic()
        self.came.append((at, chat_id, is_group))
        if not self.strict:
            return 0
        windows = [
            self._window("overall", 0, self.overall),
            self._window("chat", chat_id, (self.burst, float(self.burst))),
        ]
        if is_group:
            windows.append(self._window("group", chat_id, self.group))
        wait = max(window.wait(at) for window in windows)
        if wait > 0:
            return math.ceil(wait)
        for window in windows:
            window.taken.append(at)
        return 0

    def measured(self) -> Measured:
        """Of all requests so far, refused ones too."""
        chats: dict[int, list[float]] = defaultdict(list)
        groups: dict[int, list[float]] = defaultdict(list)
        for at, chat_id, is_group in self.came:
            chats[chat_id].append(at)
            if is_group:
                groups[chat_id].append(at)
        return Measured(
            _peak((at for at, _, _ in self.came), self.overall[1]),
            max((_peak(each, 1.0) for each in chats.values()), default=0),
            max((_peak(each, self.group[1]) for each in groups.values()), default=0),
        )

    def _window(self, name: str, of: int, size: tuple[int, float]) -> _Window:
        return self._windows.setdefault((name, of), _Window(*size))


def _peak(times: Iterable[float], seconds: float) -> int:
    """The most within any stretch of so many seconds."""
    most, within = 0, deque[float]()
    for at in times:
        within.append(at)
        while within[0] <= at - seconds:
            within.popleft()
        most = max(most, len(within))
    return most
