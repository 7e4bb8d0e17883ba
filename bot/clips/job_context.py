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


class Site(Protocol):
    """Who says whether a coin is on air."""

    async def livestream(self, mint: str) -> Observation: ...


@dataclass(slots=True)
class Sharing:
    """Whether all nodes get what is made: `fault` is why not, until one is shared again."""

    fault: str = ""


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
