"""How a command ends: its exit code, and one sentence where it is refused."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer

from bot import texts
from bot.cli import streams
from bot.cli.common import Exit
from bot.config import Secrets, Settings, load_secrets, load_settings
from bot.errors import ChildError, SettingsError
from bot.kit.processes.name_lookups import NetworkLoop
from bot.kit.processes.own_process import KILLED, on_ending
from bot.kit.secrets import keep_secret


class Refusal(Exception):
    """The command ends here: one sentence, one exit code."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Options:
    """What every command takes: where the settings are, and whether everything is logged."""

    config: Path | None = None
    verbose: bool = False


def run(work: Coroutine[Any, Any, Exit], *, as_json: bool = False) -> NoReturn:
    """Do it, and end the process with its exit code; a refusal says its sentence."""
    try:
        with asyncio.Runner(loop_factory=NetworkLoop) as runner:
            code = runner.run(_stoppable(work))
        if why := streams.lost():
            typer.echo(texts.common.report_lost(why), err=True)
        sys.exit(int(code))
    except Refusal as refusal:
        _refuse(refusal, as_json)
    except ChildError as error:
        _refuse(Refusal(Exit.LOCAL_FAULT, texts.common.child_failed(str(error))), as_json)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _refuse(Refusal(Exit.INTERRUPTED, texts.service.interrupted()), as_json)


def _refuse(refusal: Refusal, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"status": "failed", "reason": refusal.sentence}))
    else:
        typer.echo(refusal.sentence, err=True)
    sys.exit(int(refusal.code))


async def _stoppable(work: Coroutine[Any, Any, Exit]) -> Exit:
    """SIGTERM and SIGHUP end a command as Ctrl-C does: what it has open is closed."""
    task = asyncio.current_task()
    assert task is not None
    on_ending(task.cancel, task.cancel, KILLED)
    return await work


def read_settings(options: Options) -> Settings:
    """The settings. Raises Refusal that lists all that is wrong with them."""
    try:
        settings = load_settings(options.config)
    except SettingsError as error:
        raise Refusal(Exit.SETTINGS, texts.common.settings_refused(error.problems)) from None
    return settings.with_log_level("debug") if options.verbose else settings


def read_secrets(options: Options) -> Secrets:
    """The tokens and the password, which no log shows from now on. Raises Refusal as well."""
    try:
        secrets = load_secrets(options.config)
    except SettingsError as error:
        raise Refusal(Exit.SETTINGS, texts.common.settings_refused(error.problems)) from None
    keep_secret(astuple(secrets))
    return secrets
