"""`mintcast clip`: joins the room and writes an MP4."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import typer

from bot import texts
from bot.app import Clients, open_clients
from bot.cli.clip_arguments import ClipArguments, default_name, parse_length, parse_limit
from bot.cli.common import Exit
from bot.cli.live_command import ask_name, exit_of, read_mint
from bot.cli.outcome import Refusal, read_settings
from bot.cli.screen import (
    ClipAbout,
    Named,
    Screen,
    clip_report,
    not_on_air,
    print_clip,
)
from bot.errors import PumpfunError
from bot.kit.error_text import is_disk_full
from bot.kit.files import is_folder
from bot.kit.processes.own_process import KILLED, on_ending, release_collector
from bot.kit.tasks import background
from bot.model import (
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    Offline,
    Phase,
    SourceName,
    Unknown,
)

_NAME_SECONDS = 1.0
"""A coin's name is a nicety: nothing waits longer for it."""


_FAILURES = {
    ClipFailure.NO_PUBLISHER: Exit.NO_MEDIA,
    ClipFailure.NO_MEDIA: Exit.NO_MEDIA,
    ClipFailure.ROOM_CLOSED: Exit.NO_MEDIA,
    ClipFailure.CANNOT_JOIN: Exit.NOT_ASKED,
    ClipFailure.TOKEN_REFUSED: Exit.NOT_ASKED,
    ClipFailure.TOKEN_NOT_GIVEN: Exit.NOT_ASKED,
    ClipFailure.REMOVED: Exit.NOT_ASKED,
    ClipFailure.REPLACED: Exit.NOT_ASKED,
    ClipFailure.FILE_EXISTS: Exit.USAGE,
    ClipFailure.TOO_FEW_BYTES: Exit.USAGE,
    ClipFailure.NOT_AT_HAND: Exit.NO_MEDIA,
    ClipFailure.RECORDING_UNREACHABLE: Exit.NOT_ASKED,
    ClipFailure.STOPPED: Exit.INTERRUPTED,
}


async def clip_room(asked: ClipArguments) -> Exit:
    """Record from now on, and say what came of it. Raises Refusal."""
    asked_at = time.monotonic()
    mint, settings = read_mint(asked.mint), read_settings(asked.options)
    seconds = parse_length(asked.duration, settings)
    limit = parse_limit(asked.max_bytes, seconds)
    if asked.out is not None:
        check_target(asked.out)
    async with (
        open_clients(settings) as clients,
        Screen(seconds) as screen,
        background(ask_name(clients.pumpfun, mint), "name") as naming,
    ):
        clients.capture_pool.prepare()  # it imports while pump.fun is asked
        observation = await clients.pumpfun.livestream(mint)
        if isinstance(observation, Offline | Unknown):
            named = await name_in_time(naming)
            raise Refusal(exit_of(observation), not_on_air(mint, observation, named))
        path = await choose_target(asked.out, mint, naming)
        request = ClipRequest(mint, seconds, path, limit, settings.clips.max_height)
        release_collector()
        result = await _record(clients, request, screen, asked_at)
    about = ClipAbout(mint, observation.stream.site_id, seconds, SourceName.ROOM)
    return tell_clip(result, about, as_json=asked.as_json)


def tell_clip(result: ClipResult, about: ClipAbout, *, as_json: bool) -> Exit:
    """What came of it, on stdout. Raises Refusal where that is no clip."""
    if result.failure is not None:
        raise refusal_of(result.failure, result.detail)
    if as_json:
        typer.echo(json.dumps(clip_report(result, about)))
    else:
        print_clip(result, about.seconds)
    return Exit.DONE if result.status is ClipStatus.COMPLETE else Exit.PARTIAL


def refusal_of(failure: ClipFailure, detail: str = "") -> Refusal:
    """How a command ends of which there is no clip."""
    code = _FAILURES.get(failure, Exit.LOCAL_FAULT)
    return Refusal(code, texts.clip_results.clip_failed(failure, detail))


async def _record(
    clients: Clients, request: ClipRequest, screen: Screen, asked_at: float
) -> ClipResult:
    with stop_signals(screen) as finish:
        try:
            return await clients.capture_pool.record(request, screen.show, finish, asked_at)
        except PumpfunError as error:
            raise Refusal(Exit.NOT_ASKED, pumpfun_sentence(error)) from None


@contextlib.contextmanager
def stop_signals(screen: Screen) -> Iterator[asyncio.Event]:
    """The first signal sets the event; a second Ctrl-C or SIGTERM, or one too early, ends us."""
    loop, finish, task = asyncio.get_running_loop(), asyncio.Event(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if screen.phase is Phase.ASKING:
            task.cancel()
        finish.set()

    on_ending(stop, task.cancel)
    try:
        yield finish
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        on_ending(task.cancel, task.cancel, KILLED)


async def name_in_time(naming: asyncio.Task[Named]) -> Named:
    """The coin's name, if it comes soon."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(asyncio.shield(naming), _NAME_SECONDS)
    return Named()


async def choose_target(out: Path | None, mint: str, naming: asyncio.Task[Named]) -> Path:
    """The file to write. Raises Refusal."""
    if out is not None and not is_folder(out):
        return out
    named = await name_in_time(naming)
    path = (out or Path()) / default_name(mint, named.coin)
    check_target(path)
    return path


def check_target(path: Path) -> None:
    """Better told now than after half a minute of recording; a folder gets a file of its own."""
    if is_folder(path):
        return
    probe = path.with_name(f".{path.name}.probe")
    try:
        if os.path.lexists(path):
            sentence = texts.clip_results.clip_failed(ClipFailure.FILE_EXISTS)
            raise Refusal(Exit.USAGE, f"{path}: {sentence}")
        probe.touch()
        probe.unlink()
    except OSError as error:
        is_full = is_disk_full(error)
        failure = ClipFailure.DISK_FULL if is_full else ClipFailure.NOT_WRITABLE
        sentence = texts.clip_results.clip_failed(failure)
        raise Refusal(Exit.LOCAL_FAULT, f"{path}: {sentence}") from None


def pumpfun_sentence(error: PumpfunError) -> str:
    """Why pump.fun let nobody in."""
    return texts.common.pumpfun_failed(error.reason, error.status, error.retry_after)
