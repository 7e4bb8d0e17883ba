"""Judges each request: who asks, whether the password is right, and whether they guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from bot.ops.callers import Devices, Proxies
from bot.ops.guesses import Guesses
from bot.ops.passwords import password_of
from bot.ops.rules import Refusal, Rules

COOKIE = "mintcast_device"


@dataclass(frozen=True, slots=True)
class Knock:
    """What is known of a request. `path` is that within Mintcast, without a base path; `old` is
    HTTP/1.0; `forwarded` are the lines of X-Forwarded-For."""

    method: str
    path: str
    headers: Mapping[str, str]
    peer: str = ""
    forwarded: Sequence[str] = ()
    old: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal` is None for what is answered, `wait` the seconds until a guess is looked at again.
    Who is `inside` may see everything; `device` is a cookie to give, if any."""

    refusal: Refusal | None = None
    wait: float = 0.0
    inside: bool = False
    device: str | None = None


class Gate:
    """One for the port; keeps who guesses."""

    def __init__(
        self, rules: Rules, proxies: Proxies, now: Callable[[], float] = monotonic
    ) -> None:
        self._rules = rules
        self._proxies = proxies
        self._guesses = Guesses(now)
        self._devices = None if rules.password is None else Devices(rules.password)

    def judge(self, knock: Knock) -> Verdict:
        """Counts a wrong password, wherever it is sent: `/healthz` is no place to try one."""
        refused, wait = self._at_the_door(knock)
        refusal = self._rules.beyond_the_door(refused, knock.method, knock.path, knock.headers)
        if refusal is not None or refused is not None:
            return Verdict(refusal, wait)
        return Verdict(inside=True, device=self._new_device(knock))

    def _at_the_door(self, knock: Knock) -> tuple[Refusal | None, float]:
        guess = password_of(knock.headers.get("Authorization", ""))
        if self._devices is None or guess is None:
            return self._rules.at_the_door(knock.headers, old=knock.old), 0.0
        device = self._devices.known(_cookie(knock.headers))
        who = device or self._proxies.caller(knock.peer, knock.forwarded)
        wait = self._guesses.wait(who, guess)
        if wait > 0:
            return Refusal.GUESSES, wait
        refusal = self._rules.at_the_door(knock.headers, old=knock.old)
        if refusal is not None:
            self._guesses.was_wrong(who, guess)
        return refusal, 0.0

    def _new_device(self, knock: Knock) -> str | None:
        """For the page itself, whose folder the browser then takes as the cookie's."""
        if self._devices is None or knock.path != "/":
            return None
        return None if self._devices.known(_cookie(knock.headers)) else self._devices.issue()


def _cookie(headers: Mapping[str, str]) -> str | None:
    """Other programs behind the same name may have set what is no proper cookie."""
    for part in headers.get("Cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return None
