"""The clients of pump.fun and of capture processes, built by the settings."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import stamina

from bot.config import Settings, load_network
from bot.kit.log import set_up_log
from bot.kit.pictures.decoder import Decoder
from bot.kit.secrets import keep_secret
from bot.model.network import DIRECT, Network
from bot.pumpfun import ClipDownloads, PumpfunClient

if TYPE_CHECKING:
    from bot.clips import (
        CapturePool,
        Captures,
        DelayMeter,
        RecordingLists,
        RecordingsOfCoin,
        RecordingSource,
    )
    from bot.kit.health import Part
    from bot.kit.timing.clock import Clock
    from bot.model import Recording
    from bot.pumpfun.recording.media import Media


@dataclass(frozen=True, slots=True)
class Clients:
    """What one question or one clip takes, without the service."""

    pumpfun: PumpfunClient
    capture_pool: CapturePool


@dataclass(frozen=True, slots=True)
class RecordingClients:
    """What one clip of a recording takes. `source` cuts of those that are `known`, which whoever
    asks pump.fun fills in: there is no database."""

    pumpfun: PumpfunClient
    source: RecordingSource
    known: list[Recording] = field(default_factory=list)


@contextlib.asynccontextmanager
async def open_pumpfun(settings: Settings) -> AsyncIterator[PumpfunClient]:
    """For a command that asks one thing and ends: little is logged."""
    async with build_pumpfun(settings, _prepare(settings)) as pumpfun:
        yield pumpfun


@contextlib.asynccontextmanager
async def open_clients(settings: Settings) -> AsyncIterator[Clients]:
    """For a command that makes one clip and ends: no spare worker is kept, little is logged."""
    network = _prepare(settings)
    async with (
        build_pumpfun(settings, network) as pumpfun,
        build_capture_pool(settings, network, pumpfun, keep_spare=False) as capture_pool,
    ):
        yield Clients(pumpfun=pumpfun, capture_pool=capture_pool)


@contextlib.asynccontextmanager
async def open_recordings(settings: Settings, folder: Path) -> AsyncIterator[RecordingClients]:
    """For a command that cuts one clip of a recording and ends; what it fetches lies in `folder`
    meanwhile, which is its own."""
    from bot.kit.health import Health
    from bot.kit.timing.clock import SystemClock

    network, clock = _prepare(settings), SystemClock()
    known: list[Recording] = []

    async def recordings(_: str) -> Sequence[Recording]:
        return known

    async with (
        build_pumpfun(settings, network) as pumpfun,
        build_media(settings, network, clock, folder) as media,
    ):
        lists = build_recording_lists(settings, media, pumpfun, clock)
        part = Health(clock).part("recording")
        source = build_recording_source(settings, recordings, media, lists, clock, part)
        yield RecordingClients(pumpfun, source, known)


def _prepare(settings: Settings) -> Network:
    set_up_log("debug" if settings.log.level == "debug" else "warning", settings.log.format)
    network = load_network(settings).network
    keep_secret(network.secrets)
    return network


def build_capture_pool(
    settings: Settings, network: Network, pumpfun: PumpfunClient, *, keep_spare: bool = True
) -> CapturePool:
    """Its workers find their way to LiveKit as we would."""
    from bot.clips import CapturePool  # which a look at pump.fun need not wait for

    environment = network.environment(settings.pumpfun.livekit_url)
    return CapturePool(pumpfun, keep_spare=keep_spare, environment=environment)


def build_captures(settings: Settings, capture_pool: CapturePool, clock: Clock) -> Captures:
    """What the service records, and has at hand where the settings want that."""
    from bot.clips import Captures, ring_order

    replay, clips = settings.replay, settings.clips
    lengths = replay.seconds, clips.default_seconds, clips.max_seconds
    ring = ring_order(*lengths, clips.max_height) if replay.enabled else None
    return Captures(capture_pool, clock=clock, ring=ring, longest=clips.max_seconds)


def build_media(
    settings: Settings, network: Network, clock: Clock, folder: Path | None = None
) -> Media:
    """What fetches recordings; what it fetched lies in `folder` for a while, else among the
    clips."""
    from bot.clips import longest_padded
    from bot.pumpfun.recording.media import Media
    from bot.pumpfun.recording.segment_cache import SegmentCache, folder_of

    most = min(settings.recording.cache_bytes, settings.clips.max_bytes // 4)
    own = folder or folder_of(Path(settings.storage.clips), settings.cluster.node)
    cache = SegmentCache(own, most)
    hosts = settings.pumpfun.media_hosts
    longest = longest_padded(settings.clips.max_seconds)
    return Media(hosts=hosts, cache=cache, longest=longest, network=network, clock=clock)


def build_recording_lists(
    settings: Settings, media: Media, pumpfun: PumpfunClient, clock: Clock
) -> RecordingLists:
    """What reads the lists of recordings, placed by the delay of the settings."""
    from bot.clips import RecordingLists

    return RecordingLists(
        media,
        clock,
        delay=settings.recording.delay_seconds,
        site_time=lambda: pumpfun.site_time,
    )


def build_recording_source(
    settings: Settings,
    recordings: RecordingsOfCoin,
    media: Media,
    lists: RecordingLists,
    clock: Clock,
    part: Part,
    meter: DelayMeter | None = None,
    finished: RecordingsOfCoin | None = None,
) -> RecordingSource:
    """What cuts clips of `recordings`, else of what is `finished`; `part` tells whether that works,
    `meter` measures how late their stamps are."""
    from bot.clips import RecordingSource

    return RecordingSource(
        recordings,
        media=media,
        lists=lists,
        clock=clock,
        part=part,
        max_height=settings.clips.max_height,
        longest_wait=settings.recording.wait_seconds,
        meter=meter,
        finished=finished,
    )


def build_pumpfun(settings: Settings, network: Network = DIRECT) -> PumpfunClient:
    """The client for the addresses and the budget of the settings."""
    # By default every retry is printed or logged; ours are logged at the edge.
    stamina.instrumentation.set_on_retry_hooks([])
    return PumpfunClient(
        livestream_url=settings.pumpfun.livestream_url,
        frontend_url=settings.pumpfun.frontend_url,
        livekit_url=settings.pumpfun.livekit_url,
        regions_url=settings.pumpfun.regions_url,
        media_hosts=settings.pumpfun.media_hosts,
        decoder=Decoder(),
        requests_per_second=settings.pumpfun.requests_per_second,
        timeout=5.0,
        network=network,
    )


def build_downloads(settings: Settings, network: Network = DIRECT) -> ClipDownloads:
    """What fetches the site's own clips, from the hosts of the settings."""
    return ClipDownloads(hosts=settings.pumpfun.media_hosts, network=network)
