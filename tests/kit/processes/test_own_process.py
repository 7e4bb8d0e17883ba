"""What a start has built is set aside."""

from __future__ import annotations

import gc

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
