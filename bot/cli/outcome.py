"""How a command ends: its exit code, and one sentence where it is refused."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot import texts
from bot.cli import streams
from bot.config import Settings, expand, load_settings
from bot.errors import ChildError, SettingsError
from bot.kit.processes.own_process import KILLED, on_ending
from bot.model import ClipFailure


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


class Refusal(Exception):
    """The command ends here: one sentence, one exit code."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def user_path(text: object) -> Path:
    """A path as it was typed: a shell leaves the `~` of `--out=~/a.mp4` to us."""
    try:
        return Path(expand(str(text)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


MintArgument = Annotated[
    str, typer.Argument(metavar="MINT", help="A coin's address, or a pump.fun link to it.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object, and nothing else.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        parser=user_path,
        metavar="PATH",
        help="The settings, else MINTCAST_CONFIG or ./config.toml.",
    ),
]


def run(work: Coroutine[Any, Any, Exit | None], *, as_json: bool = False) -> NoReturn:
    """Do it, and end the process with its exit code; a refusal says its sentence."""
    try:
        code = asyncio.run(_stoppable(work)) or Exit.DONE
        if why := streams.lost():
            typer.echo(texts.common.report_lost(why), err=True)
        sys.exit(int(code))
    except Refusal as refusal:
        _refuse(refusal, as_json)
    except ChildError as error:
        _refuse(Refusal(Exit.LOCAL_FAULT, texts.common.child_failed(str(error))), as_json)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _refuse(
            Refusal(Exit.INTERRUPTED, texts.recording.clip_failed(ClipFailure.STOPPED)), as_json
        )


def _refuse(refusal: Refusal, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"status": "failed", "reason": refusal.sentence}))
    else:
        typer.echo(refusal.sentence, err=True)
    sys.exit(int(refusal.code))


async def _stoppable(work: Coroutine[Any, Any, Exit | None]) -> Exit | None:
    """SIGTERM and SIGHUP end a command as Ctrl-C does: what it has open is closed."""
    task = asyncio.current_task()
    assert task is not None
    on_ending(task.cancel, task.cancel, KILLED)
    return await work


def read_settings(config: Path | None) -> Settings:
    """The settings. Raises Refusal that lists all that is wrong with them."""
    try:
        return load_settings(config)
    except SettingsError as error:
        raise Refusal(Exit.SETTINGS, texts.common.settings_refused(error.problems)) from None
