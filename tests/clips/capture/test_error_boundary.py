from __future__ import annotations

import logging

import pytest

from bot.clips.capture.error_boundary import ErrorBoundary


def test_what_fails_is_counted_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    contained, done = ErrorBoundary(), []

    def handle(what: str) -> None:
        done.append(what)
        raise RecursionError("[" * 30_000)

    handler = contained.handler("track_published", handle)
    with caplog.at_level(logging.WARNING):
        for number in range(1_000):
            handler(f"{number}")
    assert len(done) == contained.count == 1_000
    assert 1 <= len(caplog.records) <= 20, "a room must not fill the log"
    assert caplog.records[0].getMessage() == "track_published failed: RecursionError"


def test_leaving_is_not_contained() -> None:
    with pytest.raises(KeyboardInterrupt), ErrorBoundary()("anything"):
        raise KeyboardInterrupt
