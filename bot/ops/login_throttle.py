"""Slows whoever guesses passwords. No I/O; the time is handed in."""

from __future__ import annotations

import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from bot.ops.rules import digest

FREE = 5
"""Wrong passwords that cost nothing: a person mistypes, a browser has an old one saved."""

LONGEST_WAIT = 30.0
FORGOTTEN_AFTER = 900.0
MOST = 4096
"""Guessers that are remembered; those beyond share one place, so that memory is bounded, and a
crowd of addresses gains nothing. Who is known has always a place alone: the crowd shuts out nobody
who was let in before."""

_BEYOND = "everybody else"


@dataclass(slots=True)
class _Guesser:
    count: int = 0
    last: float = 0.0
    until: float = 0.0
    wrong: deque[bytes] = field(default_factory=lambda: deque(maxlen=8))


class LoginThrottle:
    """Who guessed wrong, how often, and until when the next guess of theirs is not looked at.

    The wait doubles with each wrong password after the fifth, up to half a minute, and a guess
    that came too early does not make it longer. The same wrong password once more is no guess:
    a page that is left open goes on sending what it has.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._salt = secrets.token_hex(16)
        self._guessers: OrderedDict[str, _Guesser] = OrderedDict()

    def wait(self, who: str, guess: str, *, is_known: bool = False) -> float:
        """Seconds until this guess may be looked at; 0 where it may be now."""
        guesser = self._guessers.get(self._place(who, is_known=is_known))
        if guesser is None or self._kept(guess) in guesser.wrong:
            return 0.0
        return max(0.0, guesser.until - self._now())

    def was_wrong(self, who: str, guess: str, *, is_known: bool = False) -> None:
        """Count it."""
        now, kept = self._now(), self._kept(guess)
        place = self._place(who, is_known=is_known)
        guesser = self._guessers.get(place) or _Guesser()
        if kept in guesser.wrong:
            return
        if now - guesser.last > FORGOTTEN_AFTER:
            guesser = _Guesser()
        guesser.count += 1
        guesser.wrong.append(kept)
        guesser.last = now
        if guesser.count > FREE:
            guesser.until = now + min(LONGEST_WAIT, 2.0 ** min(guesser.count - FREE - 1, 10))
        self._guessers[place] = guesser
        self._guessers.move_to_end(place)

    def _place(self, who: str, *, is_known: bool) -> str:
        if who in self._guessers:
            return who
        self._forget()
        return who if is_known or len(self._guessers) < MOST else _BEYOND

    def _forget(self) -> None:
        """Those whose last guess is long ago: they are the first."""
        before = self._now() - FORGOTTEN_AFTER
        while self._guessers and next(iter(self._guessers.values())).last < before:
            self._guessers.popitem(last=False)

    def _kept(self, guess: str) -> bytes:
        return digest(self._salt + guess)
