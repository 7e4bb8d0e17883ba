"""What a capture process may take, of memory and of the processor."""

from __future__ import annotations

import os

from bot.clips.capture import OpenCapture
from bot.kit.processes.resource_limits import Limits

_OWN_BYTES = 432 << 20
_BYTES_PER_CORE = 16 << 20
_BYTES_PER_PIXEL = 32
_PIXELS_720P = 1280 * 720

_CORES = 4
_CPU_SECONDS = 120
_MOST_CPU_SECONDS = 7 * 24 * 3600
"""A process that has taken so much is ended in any case: three weeks of 720p30."""


def limits_of(order: OpenCapture) -> Limits:
    """What one capture may take (docs/architecture.md says what it does take).

    Memory: its ring, the SDK's threads, of which there are more where there are more cores, and
    larger pictures where the settings ask for them. The processor: see `CpuAllowance`.
    """
    height = order.rate.height
    more_pixels = max(0, height * height * 16 // 9 - _PIXELS_720P)
    cores = os.cpu_count() or 1
    own = _OWN_BYTES + _BYTES_PER_CORE * cores + _BYTES_PER_PIXEL * more_pixels
    cpu = _CPU_SECONDS + round(_CORES * order.span)
    return Limits(own + order.max_bytes, cpu, _MOST_CPU_SECONDS)


class CpuAllowance:
    """How much processor time a capture that goes on for hours may have taken by now.

    Four cores in the long run, and what `limits_of` gave it at first as a reserve. What it does not
    use is not saved up: a thread that has gone wild is ended as soon after hours as after seconds.
    """

    def __init__(self, limits: Limits, now: float) -> None:
        self._reserve = limits.cpu
        self._granted = float(limits.cpu)
        self._renewed = now

    def renew(self, used: float, now: float) -> int:
        """The seconds that it may take in all, when it has used so many until now."""
        grown = self._granted + _CORES * (now - self._renewed)
        self._granted = max(self._granted, min(grown, used + self._reserve))
        self._renewed = now
        return round(self._granted)
