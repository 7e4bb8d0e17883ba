"""`mintcast run` and `mintcast check`: loads the whole program."""

from __future__ import annotations

import asyncio
import os
from dataclasses import astuple
from pathlib import Path

import typer

from bot import texts
from bot.app.checking import check as look_at_everything
from bot.cli.outcome import Exit, Refusal, read_settings
from bot.config import Secrets, load_secrets
from bot.errors import HttpError, PasswordMissing, SettingsError, StoreError, TokenRefused
from bot.kit.log import set_up_log
from bot.kit.processes.own_process import on_ending
from bot.kit.secrets import keep_secret


async def run(config: Path | None) -> Exit:
    """Run the service until it is asked to end; a second signal ends it at once. Raises Refusal."""
    from bot.app.service import run_service

    settings, secrets = read_settings(config), _read_secrets(config)
    set_up_log(settings.log.level, settings.log.format)
    try:
        await run_service(settings, secrets, _stop_signal())
    except StoreError as error:
        raise Refusal(
            Exit.LOCAL_FAULT, texts.service.database_refused(error, os.getuid())
        ) from None
    except PasswordMissing as error:
        raise Refusal(Exit.SETTINGS, texts.page.http_not_served(error)) from None
    except TokenRefused as error:
        raise Refusal(Exit.SETTINGS, texts.checks.token_refused(error)) from None
    except HttpError as error:
        raise Refusal(Exit.LOCAL_FAULT, texts.page.http_not_served(error)) from None
    return Exit.DONE


async def check(config: Path | None) -> Exit:
    """Print a line for everything that the service needs. Raises Refusal for bad settings."""
    settings, secrets = read_settings(config), _read_secrets(config)
    set_up_log("error", settings.log.format)
    all_is_well = True
    async for finding in look_at_everything(settings, secrets):
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.sentence}")
        all_is_well &= finding.ok
    return Exit.DONE if all_is_well else Exit.LOCAL_FAULT


def _read_secrets(config: Path | None) -> Secrets:
    try:
        secrets = load_secrets(config)
    except SettingsError as error:
        raise Refusal(Exit.SETTINGS, texts.common.settings_refused(error.problems)) from None
    keep_secret(astuple(secrets))
    return secrets


def _stop_signal() -> asyncio.Event:
    """Set by the first signal. A second SIGTERM or SIGINT ends the process: its children follow."""
    stop = asyncio.Event()
    on_ending(stop.set, lambda: os._exit(Exit.INTERRUPTED))
    return stop
