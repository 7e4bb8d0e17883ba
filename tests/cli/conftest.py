"""Commands that run in the tests' own process leave logging as it was."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command routes all that is logged to its terminal, for good: it is its process's last."""
    root = logging.getLogger()
    known = [logging.getLogger(name) for name in root.manager.loggerDict]
    levels = [(one, one.level) for one in (root, *known)]
    handlers = list(root.handlers)
    yield
    root.handlers[:] = handlers
    for one, level in levels:
        one.setLevel(level)
