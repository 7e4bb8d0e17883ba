"""How each part of the service is, for people and for whoever restarts containers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from bot.kit.clock import Clock

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Part:
    """One part's state. Logged at the edge: one line when it breaks, one when it is back.

    A part that is `vital` makes the whole unhealthy (503) when it fails; pump.fun being down is
    no reason to restart anything, so the watcher is not.
    """

    name: str
    vital: bool
    clock: Clock = field(repr=False)
    ok: bool = True
    detail: str = ""
    since: datetime | None = None

    def good(self, detail: str = "") -> None:
        """It works; `detail` may say how."""
        if not self.ok:
            _log.info("%s works again%s", self.name, f": {detail}" if detail else "")
        self._set(True, detail)

    def bad(self, reason: str) -> None:
        """It does not; `reason` is a clause for people."""
        if self.ok:
            _log.warning("%s fails: %s", self.name, reason)
        self._set(False, reason)

    def _set(self, ok: bool, detail: str) -> None:
        if self.since is None or ok != self.ok:
            self.since = self.clock.now()
        self.ok, self.detail = ok, detail


class Health:
    """Every part, by name. Made once, by the composition root."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._parts: dict[str, Part] = {}

    def part(self, name: str, *, vital: bool = False) -> Part:
        """The part of that name, made when first asked for."""
        return self._parts.setdefault(name, Part(name, vital, self._clock))

    @property
    def ok(self) -> bool:
        """Whether all that is vital works."""
        return all(part.ok for part in self._parts.values() if part.vital)

    def parts(self) -> tuple[Part, ...]:
        """All of them, in the order in which they were first named."""
        return tuple(self._parts.values())
