"""`mintcast clip --watch`: follows one stream, and saves its last seconds at each Enter."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from bot import texts
from bot.app import Clients, open_clients
from bot.cli.clip_arguments import ClipArguments, default_name, parse_length, parse_limit
from bot.cli.clip_command import (
    check_target,
    name_in_time,
    pumpfun_sentence,
    refusal_of,
)
from bot.cli.common import Exit
from bot.cli.live_command import ask_name, exit_of, read_mint
from bot.cli.outcome import Refusal, read_settings
from bot.cli.presses import Presses
from bot.cli.screen import ClipAbout, clip_report, not_on_air, print_clip
from bot.clips import Captures, Hold, ring_order
from bot.errors import PumpfunError
from bot.kit.files import is_folder
from bot.kit.processes.own_process import KILLED, on_ending, release_collector
from bot.kit.tasks import Tasks, background
from bot.kit.terminal import can_redraw, fitted
from bot.kit.timing.clock import SystemClock
from bot.model import (
    SHORTEST_CLIP_SECONDS,
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    Coin,
    Offline,
    SourceName,
    Unknown,
    Window,
)

_LOOK_SECONDS = 1.0
_ASK_SECONDS = 10.0
"""How often pump.fun is asked whether a stream of which nothing comes is over."""

_SILENT_SECONDS = 5.0
_LAST_SECONDS = 10.0
"""How long clips that are being saved are waited for at the end."""

_PATIENCE_SECONDS = 15.0
"""For so long nothing may come before it is said why: `mintcast clip` gives up then."""

_FOR_GOOD = (ClipFailure.VIDEO_H265, ClipFailure.VIDEO_FORMAT, ClipFailure.VIDEO_TOO_LARGE)
"""What no further try changes, where nothing has come so far."""

_WIPE = "\r\x1b[2K"


async def watch(typed: ClipArguments) -> Exit:
    """Until the stream is over, or somebody ends it. Raises Refusal."""
    mint, settings = read_mint(typed.mint), read_settings(typed.options)
    seconds = parse_length(typed.duration, settings)
    limit, folder = parse_limit(typed.max_bytes, seconds), typed.out
    if folder is not None and not is_folder(folder):
        raise Refusal(Exit.USAGE, texts.clip_results.watch_folder_refused(str(folder)))
    check_target((folder or Path()) / default_name(mint, None))
    ring = ring_order(seconds, seconds, seconds, settings.clips.max_height, limit)
    async with (
        open_clients(settings) as clients,
        background(ask_name(clients.pumpfun, mint), "name") as naming,
        Captures(clients.capture_pool, clock=SystemClock(), ring=ring, longest=seconds) as captures,
    ):
        clients.capture_pool.prepare()
        observation = await clients.pumpfun.livestream(mint)
        named = await name_in_time(naming)
        if isinstance(observation, Offline | Unknown):
            raise Refusal(exit_of(observation), not_on_air(mint, observation, named))
        release_collector()
        asked = ClipRequest(mint, seconds, folder or Path(), limit, settings.clips.max_height)
        about = ClipAbout(mint, observation.stream.site_id, seconds, SourceName.RING)
        report = Report(about, typed.as_json)
        return await WatchedRing(captures, clients, asked, named.coin, report).run()


class WatchedRing:
    """One stream's last seconds. `asked.path` is the folder that clips go to."""

    def __init__(
        self,
        captures: Captures,
        clients: Clients,
        asked: ClipRequest,
        coin: Coin | None,
        report: Report,
    ) -> None:
        self._captures = captures
        self._clients = clients
        self._asked = asked
        self._coin = coin
        self._report = report
        self._clock = SystemClock()
        self._saving = Tasks()
        self._ended = asyncio.Event()
        self._status = StatusLine()
        self._has_had = False
        self._lacks_since = self._clock.monotonic()
        self._why = ""
        """Why nothing comes, once that was said."""
        self._is_over = False

    async def run(self) -> Exit:
        """Keep it, and save at each call, until it is over."""
        self._captures.hold(self._asked.mint, Hold.HELD)
        with _ended_by(self._ended.set), Presses(self._save) as presses:
            async with background(self._ask_for_its_end(), "is-it-over"):
                while not self._ended.is_set():
                    self._show(by_enter=presses.hears_enter)
                    self._explain()
                    presses.look()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._ended.wait(), _LOOK_SECONDS)
        if self._is_over:
            self._status.say(texts.clip_results.STREAM_OVER)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._saving.ended(), _LAST_SECONDS)
        await self._saving.stop()
        self._status.clear()
        return Exit.DONE

    @property
    def _at_hand(self) -> Window | None:
        """What can be saved, if it is enough for a clip."""
        at_hand = self._captures.at_hand(self._asked.mint)
        return at_hand if at_hand and at_hand.seconds >= SHORTEST_CLIP_SECONDS else None

    def _show(self, *, by_enter: bool) -> None:
        at_hand, seconds = self._at_hand, self._asked.seconds
        if at_hand is None:
            self._status.show(texts.clip_results.CONNECTING, once=texts.clip_results.CONNECTING)
        else:
            line, once = (
                texts.clip_results.watching(so_far, seconds, by_enter=by_enter)
                for so_far in (at_hand.seconds, None)
            )
            self._status.show(line, once=once)

    def _explain(self) -> None:
        """Where nothing comes for long, say why. Raises Refusal where nothing ever will."""
        now = self._clock.monotonic()
        if self._at_hand is not None:
            self._has_had, self._lacks_since, self._why = True, now, ""
            return
        lacks = self._captures.lacks(self._asked.mint)
        if lacks is None or now - self._lacks_since < _PATIENCE_SECONDS:
            return
        if not self._has_had and lacks in _FOR_GOOD:
            self._status.clear()
            raise refusal_of(lacks)
        why = texts.clip_results.keeps_trying(_sentence(lacks))
        if why != self._why:
            self._why = why
            self._status.say(why)

    async def _ask_for_its_end(self) -> None:
        """It is over where nothing new comes and pump.fun says so as well, whose answer may take
        long: nothing waits for that."""
        clock, asked_at = self._clock, self._clock.monotonic()
        while not self._is_over:
            await clock.sleep(_LOOK_SECONDS)
            if self._is_silent and clock.monotonic() >= asked_at + _ASK_SECONDS:
                asked_at = clock.monotonic()
                observation = await self._clients.pumpfun.livestream(self._asked.mint)
                self._is_over = isinstance(observation, Offline)
        self._ended.set()

    @property
    def _is_silent(self) -> bool:
        at_hand = self._at_hand
        if at_hand is None:
            return True
        return self._clock.age(at_hand.ends_at).least.total_seconds() >= _SILENT_SECONDS

    def _save(self) -> None:
        at_hand = self._at_hand
        if at_hand is None:
            self._refuse(self._why or texts.clip_results.NOTHING_YET)
            return
        window = Window.before(at_hand.ends_at, self._asked.seconds)
        self._saving.start(self._cut(window), name="save-clip")

    async def _cut(self, window: Window) -> None:
        asked = self._asked
        path = asked.path / default_name(asked.mint, self._coin)
        request = ClipRequest(
            asked.mint, asked.seconds, path, asked.max_bytes, asked.max_height, window
        )
        try:
            self._tell(await self._captures.clip(request), window)
        except PumpfunError as error:
            self._refuse(pumpfun_sentence(error))

    def _tell(self, result: ClipResult, window: Window) -> None:
        self._status.clear()
        if result.failure is None:
            self._report.show(result, window)
        else:
            self._refuse(texts.clip_results.clip_failed(result.failure, result.detail))

    def _refuse(self, sentence: str) -> None:
        if self._report.as_json:
            self._report.print({"status": ClipStatus.FAILED.value, "reason": sentence})
        else:
            self._status.say(sentence)


def _sentence(lacks: Exception | ClipFailure) -> str:
    """What `mintcast clip` says of it."""
    if isinstance(lacks, PumpfunError):
        return pumpfun_sentence(lacks)
    if isinstance(lacks, ClipFailure):
        return texts.clip_results.clip_failed(lacks)
    return texts.clip_results.clip_failed(ClipFailure.WORKER_DIED, str(lacks))


@dataclass(frozen=True, slots=True)
class Report:
    """How each clip is told: in words, or as a JSON object a line."""

    about: ClipAbout
    as_json: bool

    def show(self, result: ClipResult, window: Window) -> None:
        """The file, and what a viewer may notice."""
        if self.as_json:
            self.print(clip_report(result, replace(self.about, window=window)))
        else:
            print_clip(result, self.about.seconds)
            sys.stdout.flush()

    def print(self, report: dict[str, Any]) -> None:
        """One object on stdout, at once: another program may read it."""
        typer.echo(json.dumps(report))
        sys.stdout.flush()


class StatusLine:
    """One line on stderr that changes; where none can, each thing is said once."""

    def __init__(self) -> None:
        self._draws = can_redraw(sys.stderr)
        self._said = ""

    def show(self, line: str, *, once: str) -> None:
        """What is so now; `once` where lines stay."""
        if self._draws:
            _write(f"{_WIPE}{fitted(line, sys.stderr)}")
        elif once != self._said:
            _write(f"{once}\n")
        self._said = once

    def say(self, sentence: str) -> None:
        """A line that stays."""
        self.clear()
        _write(f"{sentence}\n")

    def clear(self) -> None:
        """Make room for something else."""
        if self._draws:
            _write(_WIPE)


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@contextlib.contextmanager
def _ended_by(end: Callable[[], object]) -> Iterator[None]:
    """`end` at the first signal that ends us; a second one ends us at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    on_ending(end, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        on_ending(task.cancel, task.cancel, KILLED)
