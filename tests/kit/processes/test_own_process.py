"""What a start has built is set aside, and what was freed is given back."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys

import pytest

from bot.kit.processes.own_process import hold_collector, release_collector, settle


def test_a_full_collection_no_longer_walks_what_was_there() -> None:
    before = gc.get_freeze_count()
    mine = [{"built": "at the start"}]
    try:
        settle()
        assert gc.get_freeze_count() > before
        assert not any(tracked is mine for tracked in gc.get_objects())
    finally:
        gc.unfreeze()
    assert any(tracked is mine for tracked in gc.get_objects())


def test_nothing_is_collected_before_a_start_is_settled() -> None:
    try:
        hold_collector()
        assert not gc.isenabled()
        settle()
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()


def test_a_command_that_soon_ends_has_its_collector_back_for_what_comes_later() -> None:
    before = gc.get_freeze_count()
    try:
        hold_collector()
        release_collector()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.enable()
        gc.unfreeze()


def test_what_was_freed_goes_back_to_the_system() -> None:
    """In a process of its own: what tests before it have left would hide it."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        pytest.skip("this C library gives back what it likes")
    told = subprocess.run(
        [sys.executable, "-c", _BURST], check=True, capture_output=True, text=True
    ).stdout
    before, after = map(int, told.split())
    assert after < before / 2


_BURST = """
import os
from bot.kit.processes.own_process import return_memory

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

began = resident()
small = [bytes(2000) for _ in range(50_000)]
last = small[-1]
del small
before = resident() - began
return_memory()
print(before, max(0, resident() - began))
"""
