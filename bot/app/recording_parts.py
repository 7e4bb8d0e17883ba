"""What makes clips and pictures of the site's own recordings, built by the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import texts
from bot.app.clients import build_recording_source
from bot.app.context import ServiceContext
from bot.clips import (
    Captures,
    ClipSource,
    DelayMeter,
    LivePictures,
    RecordingLists,
    RecordingMoving,
    RecordingSource,
    RecordingStills,
    finished_recordings,
)
from bot.kit.bounded_dict import ExpiringDict
from bot.model import Recording, SiteClip, SiteClipKind
from bot.pumpfun import PumpfunClient
from bot.pumpfun.recording.media import Media

_MOST_WHOLE_STREAMS = 20
"""Of a coin, the newest."""
_MOST_KNOWN, _KNOWN_SECONDS = 100, 15.0
"""A clip asks for them when it is wanted, where it is refused, and when it is made."""


@dataclass(frozen=True, slots=True)
class RecordingParts:
    """`meter` has work of its own, which ends when it is closed."""

    source: RecordingSource
    meter: DelayMeter


def build_recording(
    context: ServiceContext,
    pumpfun: PumpfunClient,
    media: Media,
    lists: RecordingLists,
    ring: ClipSource,
) -> RecordingParts | None:
    """None where the settings want none. `ring` is what recordings are measured by."""
    part = context.health.part("recording")
    if not context.settings.recording.enabled:
        part.off(texts.health.RECORDING_OFF)
        return None
    store = context.store

    async def known(mint: str) -> Sequence[Recording]:
        async with store.read() as unit:
            return await unit.recordings.of_mint(mint)

    async def note(recording: Recording, late: float | None) -> None:
        async with store.write() as unit:
            await unit.recordings.note_delay(recording.id, late)

    whole_streams: ExpiringDict[str, tuple[SiteClip, ...]] = ExpiringDict(
        context.clock, _MOST_KNOWN
    )

    async def finished(mint: str) -> Sequence[Recording]:
        found = whole_streams.get(mint)
        if found is None:
            found = await pumpfun.clips(mint, SiteClipKind.COMPLETE, _MOST_WHOLE_STREAMS)
            whole_streams.put(mint, found, _KNOWN_SECONDS)
        return finished_recordings(found, await known(mint))

    meter = DelayMeter(ring, media, lists, context.clock, note)
    source = build_recording_source(
        context.settings, known, media, lists, context.clock, part, meter, finished
    )
    return RecordingParts(source, meter)


def build_live_pictures(
    context: ServiceContext,
    pumpfun: PumpfunClient,
    captures: Captures,
    media: Media,
    lists: RecordingLists,
) -> LivePictures:
    """What shows a stream as it is now."""
    part = context.health.part("recording")
    is_wanted = context.settings.recording.enabled
    moving = RecordingMoving(media=media, lists=lists, part=part)
    recorded = RecordingStills(media=media, lists=lists, clock=context.clock, part=part)

    async def recordings(stream_id: int) -> Sequence[Recording]:
        async with context.store.read() as unit:
            return await unit.recordings.of_stream(stream_id)

    return LivePictures(
        recordings,
        recorded=recorded if is_wanted else None,
        moving=moving if is_wanted else None,
        captures=captures,
        files=context.files,
        safe_jpeg=pumpfun.safe_jpeg,
        clock=context.clock,
    )
