"""What a child may take: it is bounded before it is sent anything.

Its limits are set from outside, on Linux only: elsewhere a process cannot bound another, and
children run without.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from dataclasses import dataclass

_MAPPED = 512 << 20
"""Addresses beside `memory`: libraries, files, and what allocators reserve without using it."""

_LAST_CPU_SECONDS = 5
"""Between SIGXCPU and SIGKILL."""

_WORDS = ("MemoryError", "bad_alloc", "memory allocation", "allocate memory")
"""What Python, C++, Rust, WebRTC and FFmpeg say when they are given no more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory`: bytes of its own (the stacks of its threads count whole). `cpu`: seconds of
    processor time in its whole life."""

    memory: int
    cpu: int

    def hold(self, pid: int, most: Limits | None = None) -> None:
        """Bound the process. One that is gone needs no bounds.

        Later it can be given more, up to what is named as the `most` now.
        """
        most = most or self
        _limit(pid, resource.RLIMIT_DATA, self.memory, most.memory)
        _limit(pid, resource.RLIMIT_AS, self.memory + _MAPPED, most.memory + _MAPPED)
        _limit(pid, resource.RLIMIT_CPU, self.cpu, most.cpu + _LAST_CPU_SECONDS)


def _limit(pid: int, kind: int, soft: int, hard: int) -> None:
    """A lower limit that it has already stays."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        _, most = resource.prlimit(pid, kind)
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.prlimit(pid, kind, (soft, hard))


def ran_out_of_memory(last_words: str) -> bool:
    """Whether a process that ended so was given no more memory."""
    return any(words in last_words for words in _WORDS)
