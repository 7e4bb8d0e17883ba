"""What a room sends is data: what goes wrong with one event or one track ends nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_log = logging.getLogger(__name__)

_TOLD = 20


class ErrorBoundary:
    """Keeps errors inside: counted, and the first of them logged by name, without what was sent."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Do `what`; if it fails, go on after it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whoever publishes chooses what arrives here
            self.count += 1
            if self.count <= _TOLD:
                _log.warning("%s failed: %s", what, type(error).__name__)

    def handler(self, what: str, handle: Callable[..., None]) -> Callable[..., None]:
        """`handle` as a callback that never raises."""

        def contained(*arguments: Any) -> None:
            with self(what):
                handle(*arguments)

        return contained
