"""What the service says of itself: why it cannot start or save, and what to do next."""

from __future__ import annotations

from pathlib import PurePath

from bot.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseGone,
    DatabaseInUse,
    DatabaseNewer,
    DatabaseReadOnly,
    StoreError,
)


def database_refused(error: StoreError, user: int) -> str:
    """Why the database cannot be used, and what to do next. `user` is the id that we run as."""
    path = error.path
    match error:
        case DatabaseInUse():
            return (
                f"Another Mintcast already uses the database {path}; stop that one first,"
                " or give this one a database of its own ([storage] database)."
            )
        case DatabaseNewer(backup=None):
            return (
                f"The database {path} was written by a newer Mintcast, and there is no backup"
                " beside it that this one can read; please run the newer Mintcast again."
            )
        case DatabaseNewer(backup=backup):
            return (
                f"The database {path} was written by a newer Mintcast; please run the newer one"
                f" again, or go back to the backup {backup} by putting it in the database’s place."
            )
        case DatabaseDamaged():
            return (
                f"{path} is damaged, or is no database of Mintcast; please put the newest backup"
                " in its place (the .bak files beside it), or move it away to start afresh."
            )
        case DatabaseReadOnly():
            return (
                f"The database {path} cannot be written by user {user} ({error.detail}); please"
                f" give that user its folder (chown -R {user} {PurePath(path).parent}; for a"
                " container, the folder of the host that is mounted there), or name another one"
                " ([storage] database)."
            )
        case DatabaseFull():
            return (
                f"There is no room left for the database {path}; please free some space on its"
                " disk. Nothing that was written is lost."
            )
        case DatabaseBusy():
            return (
                f"Another program keeps the database {path} locked; please close whatever has it"
                " open, such as a database browser or a backup, and try again."
            )
        case DatabaseGone():
            return (
                f"The file {path} was deleted or replaced while Mintcast ran; please put it back,"
                " and start Mintcast again."
            )
    return (
        f"The database {path} could not be used ({error.detail or 'no reason given'}); please"
        " check its disk, then try again."
    )


def stays_readable(path: str, why: str) -> str:
    """A file of ours that cannot be shut against the machine's other users."""
    return f"{path} stays open to other users of this machine: {why}"


def store_failed(error: StoreError, *, has_saved: bool = False) -> str:
    """Why it was not done, and what to do next. `has_saved`: a part of it was saved before."""
    if error.in_doubt:
        return (
            "The database failed while it was saving. This may be done or not:"
            " check before you try again."
        )
    why, next_step = _said(error)
    done = " A part of this is done: check before you try again." if has_saved else ""
    return f"{why}{done or f' {next_step}'}"


def _said(error: StoreError) -> tuple[str, str]:
    if isinstance(error, DatabaseBusy):
        return "The database is busy.", "Try again in a minute."
    if isinstance(error, DatabaseFull):
        return "The disk is full, so nothing can be saved.", "Tell the bot's operator."
    return "The database cannot be used.", "Try again in a minute, then tell the bot's operator."
