"""`mintcast backup`, `restore` and `move-store`: the database, whole."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from bot import texts
from bot.app.context import address_named, database_address
from bot.cli.common import Exit
from bot.cli.outcome import Options, Refusal, read_secrets, read_settings
from bot.config import Settings
from bot.errors import CopyRefused, SettingsError, StoreError
from bot.kit.files import is_folder
from bot.kit.log import set_up_log
from bot.kit.processes.own_process import on_ending
from bot.kit.terminal import can_redraw, fitted
from bot.store import (
    MoveProgress,
    PostgresAddress,
    move_store,
    name_of,
    new_copy_name,
    restore_database,
    save_database,
)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WIPE = "\r\x1b[2K"


async def back_up(file: Path | None, options: Options) -> Exit:
    """Copy the database into a file. Raises Refusal."""
    _, address = _named(options)
    file = _file_of(file, new_copy_name(address))
    with _refusals():
        await save_database(address, file)
    typer.echo(texts.checks.backup_made(str(file), os.stat(file).st_size))
    return Exit.DONE


async def restore(file: Path, options: Options) -> Exit:
    """Put a copy back. Once it has begun no signal stops it, so what is said is what became of it.
    Raises Refusal."""
    settings, address = _named(options)
    on_ending(_go_on, _go_on)
    with _refusals():
        kept = await restore_database(address, file, Path(settings.storage.backups))
    named = str(kept) if kept is not None else None
    typer.echo(texts.checks.restored(name_of(address), str(file), named))
    return Exit.DONE


async def move(source: str, target: str, options: Options) -> Exit:
    """Everything from one database into another. Raises Refusal."""
    set_up_log("debug" if options.verbose else "error", "text")
    os.umask(_OTHERS)
    secrets = read_secrets(options)
    try:
        old, new = address_named(source, secrets), address_named(target, secrets)
    except SettingsError as error:
        raise Refusal(Exit.USAGE, texts.common.settings_refused(error.problems)) from None
    with _refusals(), _Screen() as screen:
        moved = await move_store(old, new, screen.show)
    total = sum(moved.rows.values())
    typer.echo(texts.checks.moved(total, name_of(old), name_of(new), moved.cleaned))
    return Exit.DONE


def _go_on() -> None:
    typer.echo(texts.checks.restore_goes_on(), err=True)


def _file_of(named: Path | None, name: str) -> Path:
    return (named or Path()) / name if named is None or is_folder(named) else named


def _named(options: Options) -> tuple[Settings, Path | PostgresAddress]:
    """The settings, read once because they may be a pipe, and the database that they name. What is
    made of it is for its own user alone."""
    settings, secrets = read_settings(options), read_secrets(options)
    set_up_log("debug" if options.verbose else "error", settings.log.format)
    os.umask(_OTHERS)
    return settings, database_address(settings, secrets)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        code = Exit.USAGE if isinstance(error, CopyRefused) else Exit.LOCAL_FAULT
        raise Refusal(code, texts.service.database_refused(error, os.getuid())) from None


class _Screen:
    """How far it is, on stderr: one line that changes in a terminal, else one for each table."""

    def __init__(self) -> None:
        self._draws = can_redraw(sys.stderr)

    def __enter__(self) -> _Screen:
        return self

    def __exit__(self, *_: object) -> None:
        if self._draws:
            _write(_WIPE)

    def show(self, now: MoveProgress) -> None:
        """Show it, if there is something new to show."""
        words = texts.checks.moving(now.table, now.done, now.total, verifies=now.verifies)
        if self._draws:
            _write(f"{_WIPE}{fitted(f'{words} …', sys.stderr)}")
        elif now.done == now.total:
            _write(f"{words}\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
