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


class CaptureLimits:
    """What one capture may take by now (what it does take: `docs/performance.md`, "Memory of a
    capture" and "CPU for a second of 720p30").

    Memory: its ring, the SDK's threads, of which there are more where there are more cores, and
    larger pictures where the settings ask for them. The processor: four cores in the long run, and
    a reserve. What it does not use is not saved up: a thread that has gone wild is ended as soon
    after hours as after seconds.
    """

    def __init__(self, order: OpenCapture, now: float) -> None:
        self.most = Limits(_memory(order), _MOST_CPU_SECONDS)
        """What it is never given more than."""
        self._reserve = _CPU_SECONDS + round(_CORES * order.span)
        self._cpu = float(self._reserve)
        self._renewed = now

    @property
    def now(self) -> Limits:
        """What it may take."""
        return Limits(self.most.memory, min(round(self._cpu), self.most.cpu))

    def renew(self, used: float, now: float) -> None:
        """It has used so many seconds of processor time until now."""
        grown = self._cpu + _CORES * (now - self._renewed)
        self._cpu = max(self._cpu, min(grown, used + self._reserve))
        self._renewed = now


def _memory(order: OpenCapture) -> int:
    height = order.rate.height
    more_pixels = max(0, height * height * 16 // 9 - _PIXELS_720P)
    cores = os.cpu_count() or 1
    own = _OWN_BYTES + _BYTES_PER_CORE * cores + _BYTES_PER_PIXEL * more_pixels
    return own + order.max_bytes
