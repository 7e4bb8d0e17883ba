"""Judges each request: who asks, whether the password is right, and whether they guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from bot.ops.client_identity import KnownDevices, TrustedProxies
from bot.ops.login_throttle import LoginThrottle
from bot.ops.rules import Refusal, Rules, password_of

COOKIE = "mintcast_device"


@dataclass(frozen=True, slots=True)
class RequestFacts:
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


class AccessControl:
    """One for the port; keeps who guesses."""

    def __init__(
        self, rules: Rules, proxies: TrustedProxies, now: Callable[[], float] = monotonic
    ) -> None:
        self._rules = rules
        self._proxies = proxies
        self._throttle = LoginThrottle(now)
        self._devices = None if rules.password is None else KnownDevices(rules.password)

    def judge(self, request: RequestFacts) -> Verdict:
        """Counts a wrong password, wherever it is sent: `/healthz` is no place to try one."""
        refused, wait = self._entry_refusal(request)
        refusal = self._rules.final_refusal(refused, request.method, request.path, request.headers)
        if refusal is not None or refused is not None:
            return Verdict(refusal, wait)
        return Verdict(inside=True, device=self._new_device(request))

    def _entry_refusal(self, request: RequestFacts) -> tuple[Refusal | None, float]:
        guess = password_of(request.headers.get("Authorization", ""))
        if self._devices is None or guess is None:
            return self._rules.entry_refusal(request.headers, old=request.old), 0.0
        device = self._devices.known(_cookie(request.headers))
        who = device or self._proxies.caller(request.peer, request.forwarded)
        is_known = device is not None
        wait = self._throttle.wait(who, guess, is_known=is_known)
        if wait > 0:
            return Refusal.GUESSES, wait
        refusal = self._rules.entry_refusal(request.headers, old=request.old)
        if refusal is not None:
            self._throttle.was_wrong(who, guess, is_known=is_known)
        return refusal, 0.0

    def _new_device(self, request: RequestFacts) -> str | None:
        """For the page itself, whose folder the browser then takes as the cookie's."""
        if self._devices is None or request.path != "/":
            return None
        return None if self._devices.known(_cookie(request.headers)) else self._devices.issue()


def _cookie(headers: Mapping[str, str]) -> str | None:
    """Other programs behind the same name may have set what is no proper cookie."""
    for part in headers.get("Cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return None
