"""What every clip job is run with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.clips.padding import PaddedClipKeeper
    from bot.clips.retention import ClipRetention
    from bot.clips.sources import ClipSources
    from bot.kit.files import Files
    from bot.kit.health import Part
    from bot.kit.metrics import Metrics
    from bot.kit.notifier import Notifier
    from bot.kit.timing.clock import Clock
    from bot.model import Observation
    from bot.store import Store

_SAID_SECONDS = 600.0


class Site(Protocol):
    """Who says whether a coin is on air."""

    async def livestream(self, mint: str) -> Observation: ...


@dataclass(slots=True)
class Sharing:
    """Whether all nodes get the clips that are made, by the last try. Why not is said for a while,
    by the monotonic clock, since nobody may ask for the next clip."""

    _fault: str = ""
    _until: float = 0.0

    def failed(self, why: str, now: float) -> None:
        """What was made can't be had elsewhere."""
        self._fault, self._until = why, now + _SAID_SECONDS

    def worked(self) -> None:
        """All nodes have it."""
        self._fault = ""

    def fault(self, now: float) -> str:
        """Why they don't; empty where nothing is known against it."""
        return self._fault if now < self._until else ""


@dataclass(frozen=True, slots=True)
class ClipContext:
    """What every job is run with. `part` is that of the service's health."""

    store: Store
    sources: ClipSources
    site: Site
    files: Files
    clip_retention: ClipRetention
    padded_clips: PaddedClipKeeper
    clock: Clock
    notifier: Notifier
    part: Part
    metrics: Metrics
    max_height: int
    sharing: Sharing = field(default_factory=Sharing)
