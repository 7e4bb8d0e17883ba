"""`mintcast clip`: which source is meant, and what does not go together. What does the work is
imported only where it is wanted."""

from __future__ import annotations

from bot import texts
from bot.cli.clip_arguments import ClipArguments
from bot.cli.common import Exit, Source
from bot.cli.outcome import Refusal


async def clip(asked: ClipArguments) -> Exit:
    """Make it of the source that is meant. Raises Refusal."""
    match choose_source(asked):
        case Source.RING:
            from bot.cli.watch_command import watch

            return await watch(asked)
        case Source.RECORDING:
            from bot.cli.recording_command import cut_recording

            return await cut_recording(asked)
        case _:
            from bot.cli.clip_command import clip_room

            return await clip_room(asked)


def choose_source(asked: ClipArguments) -> Source:
    """The one that is meant, never `AUTO`. Raises Refusal where what was asked contradicts
    itself."""
    if asked.ago is not None and asked.begins is not None:
        raise Refusal(Exit.USAGE, texts.clip_results.AGO_AND_FROM)
    looks_back = asked.ago is not None or asked.begins is not None
    if asked.watch:
        return _of_watch(asked, looks_back)
    if asked.source is Source.RING:
        raise Refusal(Exit.USAGE, texts.clip_results.RING_WITHOUT_WATCH)
    if looks_back and asked.source is Source.ROOM:
        raise Refusal(Exit.USAGE, texts.clip_results.ROOM_OF_THE_PAST)
    if asked.source is Source.AUTO:
        return Source.RECORDING if looks_back else Source.ROOM
    return asked.source


def _of_watch(asked: ClipArguments, looks_back: bool) -> Source:
    if looks_back:
        raise Refusal(Exit.USAGE, texts.clip_results.WATCH_AND_AGO)
    if asked.source not in (Source.AUTO, Source.RING):
        raise Refusal(Exit.USAGE, texts.clip_results.WATCH_AND_SOURCE)
    return Source.RING
