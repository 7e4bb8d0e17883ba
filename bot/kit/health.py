"""How each part of the service is, for people and for whoever restarts containers.

Two things make a part bad: somebody says so (`bad`), or it has been silent for too long. The
second is computed when it is asked for, so that what hangs needs to do nothing to be found out.
Ages are monotonic: a step of the wall clock makes nothing old, and nothing young.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

from bot.kit.timing.clock import Clock

_log = logging.getLogger(__name__)

_NOTICE_SECONDS = 1.0

Told = Callable[[float], str]
"""A clause for people: nothing was heard for so many seconds."""


class Phase(Enum):
    """Where the service is in its life. Commands are taken while it is RUNNING."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class Pulse:
    """What has to go on. It has stopped where it was last `beat` more than `within` seconds ago;
    until it is beaten first, that is counted from its beginning."""

    def __init__(self, part: Part, within: float, told: Told, clock: Clock) -> None:
        self._part = part
        self._within = within
        self._told = told
        self._clock = clock
        self._at = clock.monotonic()

    @property
    def age(self) -> float:
        """Seconds since it was last beaten."""
        return self._clock.monotonic() - self._at

    @property
    def overdue(self) -> float:
        """For how many seconds it has been late; 0.0 or less if it is not."""
        return self.age - self._within

    @property
    def silence(self) -> str:
        """What is said of it while it is late."""
        return self._told(self.age)

    def restart(self) -> None:
        """Count from now on: it could not go on before."""
        self._at = self._clock.monotonic()

    def beat(self) -> None:
        """It goes on; what was said to be bad works again."""
        self.restart()
        self._part.mend()

    def fail(self, reason: str) -> None:
        """It does not, for that reason; `beat` takes it back."""
        self._part.bad(reason)

    def end(self) -> None:
        """It is done on purpose, and nothing more is expected of it."""
        self._part.forget(self)


class Part:
    """One part's state. Logged at the edge: one line when it breaks, one when it is back.

    A part that is `vital` makes the whole unhealthy (503) when it fails; pump.fun being down is
    no reason to restart anything, so that one is not.
    """

    def __init__(self, name: str, vital: bool, clock: Clock) -> None:
        self.name = name
        self.vital = vital
        self._clock = clock
        self.is_off = False
        """It is not wanted: nothing is expected of it."""
        self._works = True
        self._said = ""
        self._since: datetime | None = None
        self._good_at: float | None = None
        self._own: Pulse | None = None
        self._pulses: list[Pulse] = []
        self._was_seen = False
        self._was_ok = True
        """As the log has it."""

    @property
    def ok(self) -> bool:
        """Whether it works, and is not silent for too long."""
        return self._works and self._late is None

    @property
    def detail(self) -> str:
        """How it works, or why it does not."""
        late = self._late
        return late.silence if self._works and late is not None else self._said

    @property
    def since(self) -> datetime | None:
        """Since when it is as it is; None if nobody has said yet."""
        late = self._late
        if self._works and late is not None:
            return self._clock.now() - timedelta(seconds=late.overdue)
        return self._since

    @property
    def age(self) -> float | None:
        """Seconds since its last success, of several pulses the oldest; None before the first."""
        if self._good_at is None:
            return None
        ages = [pulse.age for pulse in self._pulses]
        return max(ages) if ages else self._clock.monotonic() - self._good_at

    @property
    def is_awaited(self) -> bool:
        """Whether it has not shown itself at work yet, and there is time."""
        return bool(self._pulses) and not self._was_seen and self.ok

    def expect(self, within: float, told: Told) -> None:
        """From now on it is bad where `good` was last said more than `within` seconds ago."""
        if self._own is not None:
            self._own.end()
        self._own = self.pulse(within, told)

    def pulse(self, within: float, told: Told) -> Pulse:
        """One of several that have to go on for it to work."""
        pulse = Pulse(self, within, told, self._clock)
        self._pulses.append(pulse)
        return pulse

    def forget(self, pulse: Pulse) -> None:
        """Expect no more of that one."""
        if pulse in self._pulses:
            self._pulses.remove(pulse)
        self.notice()

    def restart(self) -> None:
        """Count every silence from now on."""
        for pulse in self._pulses:
            pulse.restart()

    def good(self, detail: str = "") -> None:
        """It works; `detail` may say how."""
        self.alive()
        self._good_at = self._clock.monotonic()
        self.be(True, detail)

    def off(self, detail: str) -> None:
        """The settings do not ask for it; `detail` says which. Nothing is expected of it."""
        self.rest(detail)
        self.is_off = True

    def rest(self, detail: str) -> None:
        """Another node does it: nothing is expected of it here, until `expect` is said anew."""
        if self._own is not None:
            self._own.end()
            self._own = None
        self.alive()
        self._good_at = None
        self.be(True, detail, quietly=True)

    def alive(self) -> None:
        """It is at work, whatever will come of that: it does not hang."""
        self._was_seen = True
        if self._own is not None:
            self._own.restart()

    def bad(self, reason: str) -> None:
        """It does not; `reason` is a clause for people."""
        self.be(False, reason)

    def mend(self) -> None:
        """One of its pulses goes on: where it was bad, it is good again."""
        self._was_seen = True
        self._good_at = self._clock.monotonic()
        self.be(True, self._said if self._works else "")

    def be(self, works: bool, detail: str, *, quietly: bool = False) -> None:
        """Either of both. `quietly`: it is no news, and nothing for the log."""
        if self._since is None or works != self._works:
            self._since = self._clock.now()
        self._works, self._said = works, detail
        if quietly:
            self._was_ok = self.ok
        self.notice()

    def notice(self) -> None:
        """Write to the log what has changed since it was last noticed."""
        if self.ok == self._was_ok:
            return
        self._was_ok = self.ok
        if self._was_ok:
            _log.info("%s works again%s", self.name, f": {self._said}" if self._said else "")
        else:
            _log.warning("%s fails: %s", self.name, self.detail)

    @property
    def _late(self) -> Pulse | None:
        """The pulse that has been late for longest, if one is."""
        late = [pulse for pulse in self._pulses if pulse.overdue > 0]
        return max(late, key=lambda pulse: pulse.overdue, default=None)


class Health:
    """Every part, by name. Made once, by the composition root, which moves it through `phase`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._parts: dict[str, Part] = {}
        self.phase = Phase.RUNNING

    def part(self, name: str, *, vital: bool = False) -> Part:
        """The part of that name, made when first asked for."""
        return self._parts.setdefault(name, Part(name, vital, self._clock))

    def enter(self, phase: Phase, detail: str) -> None:
        """Begin that phase of the service's life; `detail` says of commands whether they are
        taken. What was silent while it started has its whole time from then on."""
        self.phase = phase
        for part in self._parts.values():
            part.restart()
        taken = phase is Phase.RUNNING
        commands = self.part("commands", vital=True)
        commands.be(taken, detail, quietly=True)

    @property
    def ok(self) -> bool:
        """Whether commands are taken, and all that is vital works."""
        return self.status == "ok"

    @property
    def status(self) -> str:
        """In one word: `ok`, `failing`, `starting` or `stopping`. Until all that is vital was
        seen at work, the service starts."""
        if self.phase is not Phase.RUNNING:
            return str(self.phase.value)
        vital = [part for part in self._parts.values() if part.vital]
        if not all(part.ok for part in vital):
            return "failing"
        return "starting" if any(part.is_awaited for part in vital) else "ok"

    def parts(self) -> tuple[Part, ...]:
        """All of them, in the order in which they were first named."""
        return tuple(self._parts.values())

    async def keep_noticing(self) -> None:
        """Until cancelled: what has gone silent says nothing by itself, and the log has to."""
        while True:
            await self._clock.sleep(_NOTICE_SECONDS)
            if self.phase is Phase.RUNNING:
                for part in self._parts.values():
                    part.notice()
