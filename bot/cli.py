"""The command line: `mintcast live`, `mintcast clip`, `mintcast demo`. Exit codes are in `Exit`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import __version__, texts
from bot.app import Tools, open_tools
from bot.clips import fewest_bytes
from bot.config import Settings, load_settings
from bot.errors import (
    ByteSizeError,
    ChildError,
    DurationError,
    MintError,
    PumpfunError,
    SettingsError,
)
from bot.kit.durations import parse_bytes, parse_duration
from bot.model import (
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    Live,
    Observation,
    Offline,
    Phase,
    Starting,
    Unknown,
)
from bot.pumpfun import parse_mint
from bot.screen import (
    Named,
    Screen,
    clip_report,
    default_name,
    live_report,
    not_on_air,
    print_clip,
    print_live,
)

DEFAULT_MAX_BYTES = 10 << 20
"""What Discord takes from everybody."""

_NAME_SECONDS = 1.0
"""A coin's name is a nicety: nothing waits longer for it."""


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    LOCAL_FAULT = 1
    USAGE = 2
    OFFLINE = 3
    NO_MEDIA = 4
    NOT_ASKED = 5
    PARTIAL = 6
    SETTINGS = 78
    INTERRUPTED = 130


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
    ClipFailure.STOPPED: Exit.INTERRUPTED,
}


class Refusal(Exception):
    """The command ends here: one sentence, one exit code."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Go-live alerts and clips of pump.fun livestreams.",
)

MintArgument = Annotated[
    str, typer.Argument(metavar="MINT", help="A coin's address, or a pump.fun link to it.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object, and nothing else.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The settings, else MINTCAST_CONFIG or ./config.toml."),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mintcast {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


@app.command()
def live(mint: MintArgument, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Say whether a coin is live, since when, with how many viewers.

    Exit: 0 live, 2 usage, 3 offline, 4 starting, 5 could not ask.
    """
    _run(_live(mint, as_json, config), as_json)


@app.command(context_settings={"ignore_unknown_options": True})  # so that `-5` is a bad duration
def clip(
    mint: MintArgument,
    duration: Annotated[
        str | None,
        typer.Argument(metavar="DURATION", help="30s, 90, 1m or 1m30s; 30s unless set otherwise."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; else ./<symbol>-<UTC>.mp4.")
    ] = None,
    max_bytes: Annotated[
        str | None,
        typer.Option("--max-bytes", help="The most it may take, e.g. 10MiB (the default)."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Record a coin's livestream from now on, and write an MP4.

    Ctrl-C keeps what there is. Exit: 0 complete, 1 local fault, 2 usage, 3 offline, 4 no media,
    5 could not ask or join, 6 partial (the file is kept), 130 stopped with nothing to keep.
    """
    _run(_clip(mint, duration, out, max_bytes, as_json, config), as_json)


@app.command()
def demo(
    port: Annotated[int, typer.Option("--port", help="Where the world answers; 0: any.")] = 0,
) -> None:
    """Run a world on this machine: a pump.fun look-alike, LiveKit, and a creator who is live."""
    try:
        from bot.demo.world import run_demo  # its packages are an extra
    except ModuleNotFoundError as error:
        typer.echo(texts.demo_not_installed(error.name or ""), err=True)
        raise typer.Exit(Exit.LOCAL_FAULT) from None
    _run(run_demo(port), as_json=False)


def main() -> None:
    """The console script."""
    app(prog_name="mintcast")


def _run(work: Coroutine[Any, Any, Exit | None], as_json: bool) -> NoReturn:
    try:
        sys.exit(int(asyncio.run(_stoppable(work)) or Exit.DONE))
    except Refusal as refusal:
        _refuse(refusal, as_json)
    except ChildError as error:
        _refuse(Refusal(Exit.LOCAL_FAULT, texts.child_failed(str(error))), as_json)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _refuse(Refusal(Exit.INTERRUPTED, texts.clip_failed(ClipFailure.STOPPED)), as_json)


def _refuse(refusal: Refusal, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"status": "failed", "reason": refusal.sentence}))
    else:
        typer.echo(refusal.sentence, err=True)
    sys.exit(int(refusal.code))


async def _stoppable(work: Coroutine[Any, Any, Exit | None]) -> Exit | None:
    """SIGTERM ends a command as Ctrl-C does: what it has open is closed."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


async def _live(text: str, as_json: bool, config: Path | None) -> Exit:
    mint, settings = _parse_mint(text), _settings(config)
    async with open_tools(settings) as tools:
        observation, named = await asyncio.gather(
            tools.pumpfun.livestream(mint), _ask_name(tools, mint)
        )
    if as_json:
        typer.echo(json.dumps(live_report(mint, observation, named)))
    else:
        print_live(mint, observation, named)
    return _exit_of(observation)


async def _clip(
    text: str,
    duration: str | None,
    out: Path | None,
    max_bytes: str | None,
    as_json: bool,
    config: Path | None,
) -> Exit:
    asked_at = time.monotonic()
    mint, settings = _parse_mint(text), _settings(config)
    seconds = _parse_duration(duration, settings)
    limit = _parse_limit(max_bytes, seconds)
    if out is not None:
        _check_target(out)
    async with (
        open_tools(settings) as tools,
        Screen(seconds) as screen,
        _naming(tools, mint) as naming,
    ):
        tools.recorder.prepare()  # it imports while pump.fun is asked
        observation = await tools.pumpfun.livestream(mint)
        if isinstance(observation, Offline | Unknown):
            named = await _name_in_time(naming)
            raise Refusal(_exit_of(observation), not_on_air(mint, observation, named))
        path = await _target(out, mint, naming)
        request = ClipRequest(mint, seconds, path, limit, settings.clips.max_height)
        result = await _record(tools, request, screen, asked_at)
    if result.status is ClipStatus.FAILED:
        raise _refusal_of(result)
    if as_json:
        typer.echo(json.dumps(clip_report(mint, observation.stream.site_id, result)))
    else:
        print_clip(result, seconds)
    return Exit.DONE if result.status is ClipStatus.COMPLETE else Exit.PARTIAL


async def _record(
    tools: Tools, request: ClipRequest, screen: Screen, asked_at: float
) -> ClipResult:
    with _stop_signals(screen) as finish:
        try:
            return await tools.recorder.record(request, screen.show, finish, asked_at)
        except PumpfunError as error:
            raise Refusal(Exit.NOT_ASKED, _pumpfun_sentence(error)) from None


@contextlib.contextmanager
def _stop_signals(screen: Screen) -> Iterator[asyncio.Event]:
    """The first Ctrl-C or SIGTERM sets the event; a second one, or one too early, ends us."""
    loop, finish, task = asyncio.get_running_loop(), asyncio.Event(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if finish.is_set() or screen.phase is Phase.ASKING:
            task.cancel()
        finish.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield finish
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.add_signal_handler(signal.SIGTERM, task.cancel)


@contextlib.asynccontextmanager
async def _naming(tools: Tools, mint: str) -> AsyncIterator[asyncio.Task[Named]]:
    """Asks for the coin's name beside everything else; no clip fails for want of it."""
    task = asyncio.create_task(_ask_name(tools, mint), name="name")
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _ask_name(tools: Tools, mint: str) -> Named:
    try:
        coin = await tools.pumpfun.coin(mint)
    except PumpfunError:
        return Named()  # the state is what was asked for; it stands without the name
    return Named(coin, is_none=coin is None)


async def _name_in_time(naming: asyncio.Task[Named]) -> Named:
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(asyncio.shield(naming), _NAME_SECONDS)
    return Named()


async def _target(out: Path | None, mint: str, naming: asyncio.Task[Named]) -> Path:
    if out is not None and not _is_folder(out):
        return out
    named = await _name_in_time(naming)
    path = (out or Path()) / default_name(mint, named.coin)
    _check_target(path)
    return path


def _is_folder(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.is_dir()
    return False  # what cannot be looked at is told by `_check_target`


def _check_target(path: Path) -> None:
    """Better told now than after half a minute of recording; a folder gets a file of its own."""
    if _is_folder(path):
        return
    probe = path.with_name(f".{path.name}.probe")
    try:
        if path.exists() or path.is_symlink():
            sentence = texts.clip_failed(ClipFailure.FILE_EXISTS)
            raise Refusal(Exit.USAGE, f"{path}: {sentence}")
        probe.touch()
        probe.unlink()
    except OSError:
        sentence = texts.clip_failed(ClipFailure.NOT_WRITABLE)
        raise Refusal(Exit.LOCAL_FAULT, f"{path}: {sentence}") from None


def _parse_mint(text: str) -> str:
    try:
        return parse_mint(text)
    except MintError as error:
        raise Refusal(Exit.USAGE, texts.mint_refused(error.text, error.fault)) from None


def _settings(config: Path | None) -> Settings:
    try:
        return load_settings(config)
    except SettingsError as error:
        raise Refusal(Exit.SETTINGS, texts.settings_refused(error.problems)) from None


def _parse_duration(text: str | None, settings: Settings) -> float:
    if text is None:
        return settings.clips.default_seconds
    try:
        return parse_duration(text, settings.clips.max_seconds)
    except DurationError as error:
        sentence = texts.duration_refused(error.text, error.longest, error.seconds)
        raise Refusal(Exit.USAGE, sentence) from None


def _parse_limit(text: str | None, seconds: float) -> int:
    least = fewest_bytes(seconds)
    try:
        return parse_bytes(text or str(DEFAULT_MAX_BYTES), least)
    except ByteSizeError as error:
        if error.count is None:
            raise Refusal(Exit.USAGE, texts.not_a_size(error.text)) from None
        raise Refusal(Exit.USAGE, texts.too_few_bytes(seconds, least)) from None


def _exit_of(observation: Observation) -> Exit:
    match observation:
        case Live():
            return Exit.DONE
        case Starting():
            return Exit.NO_MEDIA
        case Offline():
            return Exit.OFFLINE
        case Unknown():
            return Exit.NOT_ASKED


def _pumpfun_sentence(error: PumpfunError) -> str:
    return texts.pumpfun_failed(error.reason, error.status, error.retry_after)


def _refusal_of(result: ClipResult) -> Refusal:
    assert result.failure is not None
    code = _FAILURES.get(result.failure, Exit.LOCAL_FAULT)
    return Refusal(code, texts.clip_failed(result.failure, result.detail))
