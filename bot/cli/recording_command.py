"""`mintcast clip --ago`, `--from` and `--source recording`: cuts what was out of the site's own
recording."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot import texts
from bot.app import RecordingClients, open_recordings
from bot.cli.clip_arguments import (
    FARTHEST_BACK,
    ClipArguments,
    asked_window,
    parse_length,
    parse_limit,
)
from bot.cli.clip_command import (
    check_target,
    choose_target,
    name_in_time,
    pumpfun_sentence,
    stop_signals,
    tell_clip,
)
from bot.cli.common import Exit
from bot.cli.live_command import ask_name, exit_of, read_mint
from bot.cli.outcome import Refusal, read_settings
from bot.cli.screen import ClipAbout, Named, Screen, not_on_air
from bot.clips import Survey
from bot.errors import PumpfunError, RecordingError
from bot.kit.processes.own_process import release_collector
from bot.kit.tasks import background
from bot.kit.timing.clock import SystemClock
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipRequest,
    ClipResult,
    Live,
    Observation,
    Offline,
    Recording,
    SourceName,
    StreamSnapshot,
    Unknown,
    Window,
)

_GONE = (403, 404, 410)


async def cut_recording(asked: ClipArguments) -> Exit:
    """Cut what was asked for, and say what came of it. Raises Refusal."""
    now = SystemClock().now()  # what is meant is counted from when it was typed
    mint, settings = read_mint(asked.mint), read_settings(asked.options)
    seconds = parse_length(asked.duration, settings)
    limit = parse_limit(asked.max_bytes, seconds)
    window = asked_window(asked, seconds, now)
    if not settings.recording.enabled:
        raise Refusal(Exit.USAGE, texts.clip_results.RECORDING_OFF)
    if asked.out is not None:
        check_target(asked.out)
    with _temporary_folder() as folder:
        async with (
            open_recordings(settings, folder) as clients,
            Screen(seconds) as screen,
            background(ask_name(clients.pumpfun, mint), "name") as naming,
        ):
            stream = await _stream(await clients.pumpfun.livestream(mint), mint, naming)
            recording = _recording_of(stream, now)
            refuse_nothing(await _survey(clients, recording, window), window, now)
            clients.known.append(recording)
            path = await choose_target(asked.out, mint, naming)
            request = ClipRequest(mint, seconds, path, limit, settings.clips.max_height, window)
            release_collector()
            result = await _cut(clients, request, screen)
    about = ClipAbout(mint, stream.site_id, seconds, SourceName.RECORDING, window)
    return tell_clip(result, about, as_json=asked.as_json)


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    """For parts of the recording: nobody else can look into it, and it goes with what is in it."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="mintcast-")
    except OSError:
        raise Refusal(Exit.LOCAL_FAULT, texts.clip_results.NO_TEMPORARY_FOLDER) from None
    with folder as path:
        yield Path(path)


async def _stream(
    observation: Observation, mint: str, naming: asyncio.Task[Named]
) -> StreamSnapshot:
    """The one that is on. Raises Refusal."""
    if not isinstance(observation, Offline | Unknown):
        if not isinstance(observation, Live) or observation.stream.playlist is None:
            raise Refusal(Exit.NO_MEDIA, texts.clip_results.NO_RECORDING)
        return observation.stream
    named = await name_in_time(naming)
    sentence = not_on_air(mint, observation, named)
    if isinstance(observation, Offline) and not named.is_none:
        sentence = texts.clip_results.offline_recording(sentence)
    raise Refusal(exit_of(observation), sentence)


def _recording_of(stream: StreamSnapshot, now: datetime) -> Recording:
    """The directory that the stream is recorded in now, which is all that pump.fun names. It may
    have begun whenever: its list says since when it has something."""
    assert stream.playlist is not None
    since = now - timedelta(seconds=2 * FARTHEST_BACK)
    return Recording(1, 1, stream.site_id, stream.playlist, stream.playlist, since, now)


async def _survey(clients: RecordingClients, recording: Recording, window: Window) -> Survey:
    try:
        return await clients.source.survey(recording, window)
    except RecordingError as error:
        raise Refusal(Exit.NOT_ASKED, texts.health.recording_refused(error.fault)) from None
    except PumpfunError as error:
        if error.status in _GONE:
            raise Refusal(Exit.NO_MEDIA, texts.clip_results.RECORDING_GONE) from None
        if error.is_outage:
            sentence = texts.clip_results.clip_failed(ClipFailure.RECORDING_UNREACHABLE)
            raise Refusal(Exit.NOT_ASKED, sentence) from None
        raise Refusal(Exit.NOT_ASKED, pumpfun_sentence(error)) from None


def refuse_nothing(found: Survey, window: Window, now: datetime) -> None:
    """Say why, where too little of the window is there to make a clip of. Raises Refusal."""
    if found.part is not None:
        return
    if found.whole is None:
        raise Refusal(Exit.NO_MEDIA, texts.clip_results.NO_RECORDING)
    if window.begins_at < found.whole.begins_at:
        sentence = texts.clip_results.recording_begins(found.whole.begins_at, now)
    elif window.ends_at > found.whole.ends_at:
        sentence = texts.clip_results.recording_reaches(found.whole.ends_at, now)
    else:
        sentence = texts.clips.hole_in_recording()
    raise Refusal(Exit.NO_MEDIA, sentence)


async def _cut(clients: RecordingClients, request: ClipRequest, screen: Screen) -> ClipResult:
    with stop_signals(screen) as finish:
        result = await clients.source.cut(request, screen.show, finish)
    return _as_stopped(result) if finish.is_set() else result


def _as_stopped(result: ClipResult) -> ClipResult:
    """Whoever did not wait for the rest knows why it is not there."""
    if result.failure in (ClipFailure.NOT_AT_HAND, ClipFailure.RECORDING_UNREACHABLE):
        return replace(result, failure=ClipFailure.STOPPED, detail="")
    if result.end is CaptureEnd.RECORDING_BEHIND:
        return replace(result, end=CaptureEnd.STOPPED)
    return result
