"""`mintcast run`, `check`, `status` and `demo`: load the whole program."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot import __version__, texts
from bot.cli.common import Exit
from bot.cli.outcome import Options, Refusal, read_secrets, read_settings
from bot.config import Secrets, Settings, existing_settings_file
from bot.errors import (
    HttpError,
    PageError,
    PasswordMissing,
    PortInUse,
    SettingsError,
    StoreError,
    TokenRefused,
)
from bot.kit.files import is_folder, is_there, nearest_existing
from bot.kit.log import set_up_log
from bot.kit.processes.own_process import on_ending
from bot.kit.terminal import GREEN, RED, shows_colour, styled
from bot.ops import ask_health

if TYPE_CHECKING:
    from bot.app.checking import Finding, Status

_log = logging.getLogger(__name__)


async def run(options: Options, *, stay: bool) -> Exit:
    """Run the service until it is asked to end; a second signal ends it at once. Raises Refusal;
    but with `stay`, where nothing but a change helps, it says so and waits to be asked."""
    stop = _stop_signal()
    try:
        await _run(options, stop)
    except Refusal as refusal:
        if not (stay and refusal.code is Exit.SETTINGS):
            raise
        typer.echo(f"{refusal.sentence}\n{texts.service.stays()}", err=True)
        await stop.wait()
        return refusal.code
    return Exit.DONE


async def check(options: Options) -> Exit:
    """Print a line for everything that the service needs. Raises Refusal for bad settings."""
    from bot.app.checking import check as look_at_everything

    settings, secrets = read_settings(options), read_secrets(options)
    set_up_log("debug" if options.verbose else "error", settings.log.format)
    all_is_well = True
    async for finding in look_at_everything(settings, secrets):
        typer.echo(_line(finding))
        all_is_well &= finding.ok
    return Exit.DONE if all_is_well else Exit.LOCAL_FAULT


async def status(options: Options, *, as_json: bool) -> Exit:
    """Print how the service and its database are. Raises Refusal for bad settings."""
    from bot.app.checking import status as look

    settings, secrets = read_settings(options), read_secrets(options)
    set_up_log("debug" if options.verbose else "error", settings.log.format)
    seen = await look(settings, secrets)
    if as_json:
        typer.echo(json.dumps(_status_report(seen)))
    else:
        for finding in seen.findings:
            typer.echo(_line(finding))
    if seen.service is None:
        return Exit.OFFLINE
    is_well = all(finding.ok for finding in seen.findings)
    return Exit.DONE if is_well else Exit.LOCAL_FAULT


def _status_report(seen: Status) -> dict[str, Any]:
    """The JSON of `status`."""
    service = seen.service
    return {
        "status": service.status if service else "stopped",
        "version": (service.version or None) if service else None,
        "origin": service.origin if service else None,
        "database": asdict(seen.database) if seen.database else None,
        "nodes": [asdict(node) for node in seen.nodes],
        "parts": {
            part.name: {"ok": part.ok, "detail": part.detail, "age": part.age}
            for part in (service.parts if service else ())
        },
    }


async def demo(port: int | None, *, once: bool, out: Path, verbose: bool) -> Exit:
    """Play until stopped, or tell the whole story `once`. Raises Refusal, ChildError. The packages
    of its world are an extra."""
    try:
        from bot.demo.run import run_demo, run_story
    except ModuleNotFoundError as error:
        sentence = texts.common.demo_not_installed(error.name or "")
        raise Refusal(Exit.LOCAL_FAULT, sentence) from None
    try:
        await (run_story(port, out, verbose=verbose) if once else run_demo(port, verbose=verbose))
    except PortInUse as error:
        sentence = texts.service.demo_port_taken(error.host, error.port)
        raise Refusal(Exit.LOCAL_FAULT, sentence) from None
    except PageError as error:
        raise Refusal(Exit.LOCAL_FAULT, texts.service.demo_broke_off(str(error))) from None
    except OSError as error:  # its files have no place
        why = f"{error.filename or out}: {error.strerror or error}"
        sentence = texts.service.demo_broke_off(why)
        raise Refusal(Exit.LOCAL_FAULT, sentence) from None
    return Exit.DONE


async def _run(options: Options, stop: asyncio.Event) -> None:
    settings, secrets = read_settings(options), read_secrets(options)
    set_up_log(settings.log.level, settings.log.format)
    _introduce(settings, secrets, options.config)
    _require_folder(settings)
    from bot.app.service import run_service

    try:
        await run_service(settings, secrets, stop)
    except StoreError as error:
        sentence = texts.service.database_refused(error, os.getuid())
        raise Refusal(Exit.LOCAL_FAULT, sentence) from None
    except SettingsError as error:
        raise Refusal(Exit.SETTINGS, texts.common.settings_refused(error.problems)) from None
    except PasswordMissing as error:
        raise Refusal(Exit.SETTINGS, texts.page.http_not_served(error)) from None
    except TokenRefused as error:
        raise Refusal(Exit.SETTINGS, texts.checks.token_refused(error)) from None
    except HttpError as error:
        raise Refusal(Exit.LOCAL_FAULT, await _not_served(error)) from None


def _introduce(settings: Settings, secrets: Secrets, config: Path | None) -> None:
    """Which Mintcast, with what: started in another folder, it would begin anew without a word."""
    from bot.app.context import database_address
    from bot.store import name_of

    file, database = existing_settings_file(config), database_address(settings, secrets)
    path = database.absolute() if isinstance(database, Path) else None
    _log.info(
        texts.service.begins(
            __version__,
            str(file.absolute()) if file is not None else None,
            name_of(database if path is None else path),
            is_new=path is not None and not is_there(path),
        )
    )


def _require_folder(settings: Settings) -> None:
    """A file in its place would only be noticed when the first clip is made."""
    nearest = nearest_existing(Path(settings.storage.clips))
    if not is_folder(nearest):
        raise Refusal(Exit.SETTINGS, texts.service.clips_not_a_folder(str(nearest)))


async def _not_served(error: HttpError) -> str:
    """Another Mintcast is no stranger."""
    if isinstance(error, PortInUse):
        told = await ask_health(error.host, error.port, None)
        if told is not None:
            return texts.service.runs_already(told.origin)
    return texts.page.http_not_served(error)


def _stop_signal() -> asyncio.Event:
    """Set by the first signal. A second SIGTERM or SIGINT ends the process: its children follow."""
    stop = asyncio.Event()
    on_ending(stop.set, lambda: os._exit(Exit.INTERRUPTED))
    return stop


def _line(finding: Finding) -> str:
    word = "ok  " if finding.ok else "FAIL"
    if shows_colour(sys.stdout):
        word = styled(word, GREEN if finding.ok else RED)
    return f"{word}  {finding.name}: {finding.sentence}"
