"""What a process may take: a child, bounded before it is sent anything, and this one.

A child's are set from outside, on Linux only: elsewhere a process cannot bound another, and
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

_MOST_DESCRIPTORS = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory`: bytes of its own (the stacks of its threads count whole). `cpu`: seconds of
    processor time in its whole life."""

    memory: int
    cpu: int

    def hold(self, pid: int) -> None:
        """Bound the process. One that is gone needs no bounds."""
        _limit(pid, resource.RLIMIT_DATA, self.memory, self.memory)
        _limit(pid, resource.RLIMIT_AS, self.memory + _MAPPED, self.memory + _MAPPED)
        _limit(pid, resource.RLIMIT_CPU, self.cpu, self.cpu + _LAST_CPU_SECONDS)


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


def raise_descriptor_limit() -> int:
    """As many files and connections as this process may ask for, within reason; how many that is
    now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS has a bound of its own beside it
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return descriptor_limit()


def descriptor_limit() -> int:
    """How many files and connections this process may have open now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft
