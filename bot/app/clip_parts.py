"""What makes clips and keeps them, built by the settings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot import texts
from bot.app.clients import build_recording_lists, build_recording_source
from bot.app.context import ServiceContext
from bot.clips import (
    Captures,
    ClipRetention,
    ClipService,
    ClipShrinker,
    ClipSources,
    LiveStills,
    RecordingLists,
    RecordingSource,
    RecordingStills,
    RingKeeper,
    RingSource,
    RoomSource,
    Rules,
    SiteSource,
    StockKeeper,
    StockSource,
    Trimmer,
    places_for,
)
from bot.model import Recording
from bot.pumpfun import ClipDownloads, PumpfunClient
from bot.pumpfun.media import Media


@dataclass(frozen=True, slots=True)
class ClipParts:
    """`ring_keeper` is None where the settings want no rings."""

    sources: ClipSources
    retention: ClipRetention
    service: ClipService
    shrinker: ClipShrinker
    trimmer: Trimmer
    ring_keeper: RingKeeper | None
    stills: LiveStills


def build_clip_parts(
    context: ServiceContext,
    pumpfun: PumpfunClient,
    downloads: ClipDownloads,
    captures: Captures,
    media: Media,
) -> ClipParts:
    """All that turns requests into files."""
    context.metrics.capture_cpu.set_function(lambda: captures.cpu)
    retention = _build_retention(context, pumpfun, media)
    trimmer = Trimmer(context.clock)
    lists = build_recording_lists(context.settings, media, pumpfun, context.clock)
    sources = ClipSources(
        [RingSource(captures)],
        RoomSource(captures, context.clock),
        captures.at_hand,
        around=[StockSource(context.store, context.files, trimmer)],
        far=_build_recording(context, media, lists),
        site=SiteSource(downloads),
    )
    stocks = StockKeeper(
        store=context.store,
        files=context.files,
        clip_retention=retention,
        rings=captures,
        clock=context.clock,
    )
    service = ClipService(
        store=context.store,
        sources=sources,
        site=pumpfun,
        files=context.files,
        clip_retention=retention,
        stocks=stocks,
        clock=context.clock,
        notifier=context.notifier,
        health=context.health,
        metrics=context.metrics,
        worker_id=context.worker_id,
        concurrent=context.settings.clips.concurrent,
        max_height=context.settings.clips.max_height,
    )
    return ClipParts(
        sources=sources,
        retention=retention,
        service=service,
        shrinker=ClipShrinker(store=context.store, files=context.files, clip_retention=retention),
        trimmer=trimmer,
        ring_keeper=_build_ring_keeper(context, captures, stocks),
        stills=_build_stills(context, pumpfun, captures, media, lists),
    )


def _build_stills(
    context: ServiceContext,
    pumpfun: PumpfunClient,
    captures: Captures,
    media: Media,
    lists: RecordingLists,
) -> LiveStills:
    part = context.health.part("recording")
    recorded = RecordingStills(media=media, lists=lists, clock=context.clock, part=part)

    async def recordings(stream_id: int) -> Sequence[Recording]:
        async with context.store.read() as unit:
            return await unit.recordings.of_stream(stream_id)

    return LiveStills(
        recordings,
        recorded=recorded if context.settings.recording.enabled else None,
        captures=captures,
        files=context.files,
        safe_jpeg=pumpfun.safe_jpeg,
        clock=context.clock,
    )


def _build_recording(
    context: ServiceContext, media: Media, lists: RecordingLists
) -> RecordingSource | None:
    part = context.health.part("recording")
    if not context.settings.recording.enabled:
        part.off(texts.health.RECORDING_OFF)
        return None

    async def recordings(mint: str) -> Sequence[Recording]:
        async with context.store.read() as unit:
            return await unit.recordings.of_mint(mint)

    return build_recording_source(context.settings, recordings, media, lists, context.clock, part)


def _build_retention(
    context: ServiceContext, pumpfun: PumpfunClient, media: Media
) -> ClipRetention:
    clips = context.settings.clips
    return ClipRetention(
        store=context.store,
        files=context.files,
        clock=context.clock,
        notifier=context.notifier,
        site_time=lambda: pumpfun.site_time,
        health=context.health,
        rules=Rules(
            keep=timedelta(hours=clips.keep_hours),
            most_bytes=clips.max_bytes,
            least_free=clips.min_free_bytes,
        ),
        beside=media.cache,
    )


def _build_ring_keeper(
    context: ServiceContext, captures: Captures, stocks: StockKeeper
) -> RingKeeper | None:
    replay = context.settings.replay
    if not replay.enabled:
        context.health.part("replay").off(texts.health.rings_off())
        return None
    return RingKeeper(
        store=context.store,
        captures=captures,
        clock=context.clock,
        notifier=context.notifier,
        health=context.health,
        metrics=context.metrics,
        places=places_for(replay.streams, _cores()),
        is_strict=replay.streams > 0,
        seconds=replay.seconds,
        on_unwanted=stocks.finish,
    )


def _cores() -> int:
    """Those that we may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
