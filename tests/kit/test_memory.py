"""What a start has built is set aside."""

from __future__ import annotations

import gc

from bot.kit.memory import settle


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
