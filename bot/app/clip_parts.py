"""What makes clips and keeps them, built by the settings."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta

from bot import texts
from bot.app.clients import build_recording_lists
from bot.app.context import ServiceContext
from bot.app.recording_parts import build_live_pictures, build_recording
from bot.app.second_clock import SecondClock
from bot.clips import (
    AllOurs,
    Captures,
    ClipRetention,
    ClipService,
    ClipShrinker,
    ClipSources,
    DelayMeter,
    LivePictures,
    PaddedClipKeeper,
    PaddedClipSource,
    RingClaims,
    RingKeeper,
    RingSource,
    RoomSource,
    Rules,
    SharedRings,
    SiteSource,
    Trimmer,
    places_for,
)
from bot.config import Role, Settings
from bot.pumpfun import ClipDownloads, PumpfunClient
from bot.pumpfun.recording.media import Media


@dataclass(frozen=True, slots=True)
class ClipParts:
    """`ring_keeper` is None where the settings want no rings, `rings_elsewhere` where no other node
    can have any, `delay_meter` where they want no recordings."""

    sources: ClipSources
    retention: ClipRetention
    service: ClipService
    shrinker: ClipShrinker
    trimmer: Trimmer
    delay_meter: DelayMeter | None
    ring_keeper: RingKeeper | None
    rings_elsewhere: SharedRings | None
    live_pictures: LivePictures

    async def close(self) -> None:
        """End what they do beside the clips that are asked for."""
        if self.delay_meter is not None:
            await self.delay_meter.close()
        await self.trimmer.close()


def build_clip_parts(
    context: ServiceContext,
    pumpfun: PumpfunClient,
    second_clock: SecondClock,
    downloads: ClipDownloads,
    captures: Captures,
    media: Media,
) -> ClipParts:
    """All that turns requests into files."""
    context.metrics.capture_cpu.set_function(lambda: captures.cpu)
    retention = _build_retention(context, second_clock, media)
    trimmer = Trimmer(context.clock)
    lists = build_recording_lists(context.settings, media, pumpfun, context.clock)
    shared = _shared_rings(context)
    claims = shared or AllOurs()
    ring = RingSource(captures, claims.at_hand)
    recording = build_recording(context, pumpfun, media, lists, ring)
    sources = ClipSources(
        [ring],
        RoomSource(captures, context.clock),
        lambda mint: captures.at_hand(mint) or claims.at_hand(mint),
        around=[PaddedClipSource(context.store, context.files, trimmer)],
        far=recording.source if recording is not None else None,
        site=SiteSource(downloads),
    )
    padded_clips = PaddedClipKeeper(
        store=context.store,
        files=context.files,
        clip_retention=retention,
        rings=captures,
        clock=context.clock,
        recording=recording.source if recording is not None else None,
    )
    return ClipParts(
        sources=sources,
        retention=retention,
        service=_build_service(context, sources, pumpfun, retention, padded_clips),
        shrinker=ClipShrinker(store=context.store, files=context.files, clip_retention=retention),
        trimmer=trimmer,
        delay_meter=recording.meter if recording is not None else None,
        ring_keeper=_build_ring_keeper(context, captures, padded_clips, claims),
        rings_elsewhere=shared,
        live_pictures=build_live_pictures(context, pumpfun, captures, media, lists),
    )


def _build_service(
    context: ServiceContext,
    sources: ClipSources,
    pumpfun: PumpfunClient,
    retention: ClipRetention,
    padded_clips: PaddedClipKeeper,
) -> ClipService:
    return ClipService(
        store=context.store,
        sources=sources,
        site=pumpfun,
        files=context.files,
        clip_retention=retention,
        padded_clips=padded_clips,
        clock=context.clock,
        notifier=context.notifier,
        health=context.health,
        metrics=context.metrics,
        worker_id=context.worker_id,
        concurrent=context.settings.clips.concurrent,
        max_height=context.settings.clips.max_height,
        is_steady=lambda: context.leadership.is_steady,
    )


def _build_retention(
    context: ServiceContext, second_clock: SecondClock, media: Media
) -> ClipRetention:
    clips = context.settings.clips
    return ClipRetention(
        store=context.store,
        files=context.files,
        clock=context.clock,
        notifier=context.notifier,
        site_time=second_clock.now,
        health=context.health,
        rules=Rules(
            keep=timedelta(hours=clips.keep_hours),
            most_bytes=clips.max_bytes,
            least_free=clips.min_free_bytes,
        ),
        cache=media.cache,
        is_node=context.is_node,
    )


def _build_ring_keeper(
    context: ServiceContext,
    captures: Captures,
    padded_clips: PaddedClipKeeper,
    claims: RingClaims,
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
        places=ring_places(context.settings),
        is_strict=replay.streams > 0,
        seconds=replay.seconds,
        on_unwanted=padded_clips.finish,
        claims=claims,
    )


def _shared_rings(context: ServiceContext) -> SharedRings | None:
    """Whose rings are, by the lease of each; None: all are ours."""
    if not context.is_node:
        return None
    seconds = context.settings.cluster.lease_seconds
    return SharedRings(
        context.store,
        context.clock,
        context.worker_id,
        seconds,
        is_steady=lambda: context.leadership.is_steady,
    )


def ring_places(settings: Settings) -> int:
    """How many rings this service can hold."""
    replay = settings.replay
    wanted = replay.enabled and Role.CLIPS in settings.cluster.roles
    return places_for(replay.streams, _cores()) if wanted else 0


def _cores() -> int:
    """Those that we may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
