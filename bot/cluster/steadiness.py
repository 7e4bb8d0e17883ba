"""Whether a term that is over says that its holder is gone, or only that nobody could renew."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock

_MOST_SECONDS = 12.0
"""A statement that hangs takes ten seconds, and the next try comes a second later."""


class Steadiness:
    """After the database was away for a term, all terms are over, and those who live renew theirs
    within seconds of one another. So a node believes them only once its own renewals have worked
    for long enough that all others had the time to.

    A term is `seconds` long. Half of one is enough where terms are short: who was there when
    another one died has waited for longer by the time that its term is over.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._longest_gap = seconds / 2
        self._wait = min(_MOST_SECONDS, seconds / 2)
        self._renewed_at = float("-inf")
        self._since = float("-inf")

    def renewed(self) -> None:
        """Our term was renewed. Where that took long, the others were held up, too, whether or not
        anything failed: a database may stand still, and so may the machine that all run on."""
        now = self._clock.elapsed()
        if now - self._renewed_at >= self._longest_gap:
            self._since = now
        self._renewed_at = now

    def failed(self) -> None:
        """It could not be."""
        self._renewed_at = float("-inf")

    @property
    def is_steady(self) -> bool:
        """Whether a term that is over may be believed."""
        now = self._clock.elapsed()
        is_fresh = now - self._renewed_at < self._longest_gap
        return is_fresh and now - self._since >= self._wait
