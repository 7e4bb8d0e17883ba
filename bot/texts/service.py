"""What the service says of itself: why it cannot start or save, and what to do next."""

from __future__ import annotations

from bot.errors import (
    CopyFailed,
    CopyRefused,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseGone,
    DatabaseInUse,
    DatabaseNewer,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DriverMissing,
    LeaseLost,
    StoreError,
    ToolMissing,
)
from bot.model import CopyFault


def database_refused(error: StoreError, user: int) -> str:
    """Why the database cannot be used, and what to do next. `user` is the id that we run as."""
    if isinstance(error, CopyRefused | CopyFailed | ToolMissing):
        return _not_copied(error, user)
    if isinstance(error, LeaseLost):
        return (
            f"Another node of the cluster does {error.path} now, and this one stands by. Check"
            " which one it is with mintcast status."
        )
    if error.path.startswith("postgresql://"):
        return _server_refused(error)
    return _file_refused(error, user)


def _file_refused(error: StoreError, user: int) -> str:
    path = error.path
    match error:
        case DatabaseInUse():
            return (
                f"Another Mintcast is using the database {path}. Stop that one, or give this one a"
                " database of its own ([storage] database)."
            )
        case DatabaseNewer(backup=None):
            return (
                f"A newer Mintcast wrote the database {path}, and there's no backup beside it that"
                " this one can read. Run the newer Mintcast."
            )
        case DatabaseNewer(backup=backup):
            return (
                f"A newer Mintcast wrote the database {path}. Run the newer one, or go back with"
                f" mintcast restore {backup}."
            )
        case DatabaseDamaged():
            return (
                f"{path} is damaged, or isn't a Mintcast database. Put the newest backup in its"
                " place (mintcast restore; the .bak files beside it are some), or move it away to"
                " start fresh."
            )
        case DatabaseReadOnly():
            return (
                f"User {user} can't write the database {path} ({error.detail}). Run this as its"
                " owner, or put it ([storage] database) into a folder of that user's own, made with"
                f" sudo install -d -o {user} FOLDER (for a container, on its host)."
            )
        case DatabaseFull():
            return (
                f"There's no room left for the database {path}. Free some space on its disk."
                " Nothing that was saved is lost."
            )
        case DatabaseBusy():
            return (
                f"Another program has the database {path} locked. Close what has it open, such as a"
                " database browser or a backup, and try again."
            )
        case DatabaseGone():
            return (
                f"The file {path} was deleted or replaced while Mintcast was running. Put it back"
                " and start Mintcast again."
            )
    return (
        f"The database {path} can't be used ({error.detail or 'no reason given'}). Check its disk,"
        " then try again."
    )


def _server_refused(error: StoreError) -> str:
    """The same of one on a server."""
    path, why = error.path, error.detail or "no reason given"
    match error:
        case DatabaseInUse():
            return (
                f"Another Mintcast is using the database {path}. Stop that one, or give this one a"
                " database of its own ([storage] database). One that has just lost its machine is"
                " forgotten within 15 s."
            )
        case DatabaseNewer(backup=backup):
            anew = f", or name a new, empty one, and mintcast restore {backup}" if backup else ""
            return f"A newer Mintcast wrote the database {path}. Run the newer Mintcast{anew}."
        case DriverMissing():
            return (
                f"The driver for {path} isn't installed. Install it, in Mintcast's folder, with"
                " .venv/bin/pip install --editable '.[postgres]', then try again."
            )
        case DatabaseUnreachable():
            return (
                f"The database {path} can't be reached ({why}). Check that PostgreSQL is running,"
                " [storage] database and DATABASE_PASSWORD, then try again."
            )
        case DatabaseReadOnly():
            return (
                f"The database {path} can't be written ({why}). Give the user in [storage] database"
                " the right to create tables in it, or name the server that takes writes."
            )
        case DatabaseFull():
            return (
                f"There's no room left for the database {path}. Free some space on its server."
                " Nothing that was saved is lost."
            )
        case DatabaseBusy():
            return f"The database {path} is busy ({why}). Try again in a minute."
    return (
        f"The database {path} can't be used ({why}). Mintcast needs an empty database of its own,"
        " or one that it made."
    )


def _not_copied(error: CopyRefused | CopyFailed | ToolMissing, user: int) -> str:
    """The same where it was to be copied, restored or moved."""
    match error:
        case ToolMissing(found=None):
            needed = f", version {error.needed} or newer" if error.needed else ""
            return (
                f"{error.tool} isn't installed, and copying {error.path} takes it. Install"
                f" PostgreSQL's client programs{needed} (Debian: postgresql-client)."
            )
        case ToolMissing():
            server = f", and its server is version {error.needed}" if error.needed else ""
            return (
                f"{error.tool} is version {error.found}, which is too old for {error.path}{server}."
                " Install a newer one (Debian: postgresql-client)."
            )
        case CopyRefused():
            detail = f" ({error.detail})" if error.detail != error.fault.value else ""
            return _COPY_REFUSED[error.fault].format(path=error.path, detail=detail, user=user)
    return (
        f"Copying {error.path} failed, and nothing was changed: {error.detail}. Check that, then"
        " try again."
    )


_COPY_REFUSED = {
    CopyFault.EXISTS: "{path} exists already, and no file is overwritten. Choose another name.",
    CopyFault.MISSING: "{path} can't be read{detail}. Check its name.",
    CopyFault.OF_SOMEBODY_ELSE: (
        "User {user} can't read {path}. Give it that file (chown {user} {path}), then try again."
    ),
    CopyFault.NO_DATABASE: "There's no Mintcast database at {path}. Check its name.",
    CopyFault.NOT_A_BACKUP: (
        "{path} isn't a whole backup of Mintcast's{detail}. Choose another one; nothing was"
        " changed."
    ),
    CopyFault.OTHER_KIND: (
        "{path} is a backup of the other kind of database. Restore it where it's from, then use"
        " mintcast move-store."
    ),
    CopyFault.NEWER: "A newer Mintcast made {path}. Run the newer one; nothing was changed.",
    CopyFault.OLDER: (
        "An older Mintcast wrote the database {path}. Start this one with it once, which updates"
        " it, then try again."
    ),
    CopyFault.SAME: "Both are {path}. Name two databases.",
    CopyFault.NOT_EMPTY: (
        "The database {path} isn't empty. Name a new or an empty one; nothing was changed."
    ),
    CopyFault.OTHER_TABLES: (
        "The database {path} has tables that the backup lacks{detail}. Restore into a new, empty"
        " one; nothing was changed."
    ),
}


def stays_readable(path: str, why: str) -> str:
    """A file of ours that cannot be shut against the machine's other users."""
    return f"{path} stays readable for other users of this machine: {why}"


def store_failed(error: StoreError, *, has_saved: bool = False) -> str:
    """Why it was not done, and what to do next. `has_saved`: a part of it was saved before."""
    if error.in_doubt:
        return (
            "The database failed while saving. This may or may not be done: check before you try"
            " again."
        )
    why, next_step = _said(error)
    done = " Part of this is done: check before you try again." if has_saved else ""
    return f"{why}{done or f' {next_step}'}"


def _said(error: StoreError) -> tuple[str, str]:
    if isinstance(error, DatabaseBusy):
        return "The database is busy.", "Try again in a minute."
    if isinstance(error, DatabaseFull):
        return "The disk is full, so nothing can be saved.", "Tell the bot's operator."
    return "The database can't be used.", "Try again in a minute, then tell the bot's operator."


def begins(version: str, settings: str | None, database: str, *, is_new: bool) -> str:
    """The first line of a start."""
    new = " (new)" if is_new else ""
    return (
        f"Mintcast {version}, settings {settings or 'defaults (no config.toml)'},"
        f" database {database}{new}"
    )


def stays() -> str:
    """`run --stay` could not start; what is wrong was said before."""
    return "Nothing runs until that is fixed and Mintcast is started again."


def clips_not_a_folder(path: str) -> str:
    """Something else is where clips are to be kept."""
    return (
        f"Clips can't be kept: {path} isn't a folder. Move it away, or name another folder"
        " ([storage] clips)."
    )


def runs_already(origin: str) -> str:
    """Another Mintcast has the port that this one was to have."""
    return (
        f"Mintcast is running already, at {origin}. Stop it first, or choose another port under"
        " [http], such as port = 8081."
    )


def demo_port_taken(host: str, port: int) -> str:
    """The page of the demo cannot be there."""
    return f"Another program uses {host}:{port}. Choose another port, or leave out --port."


def demo_broke_off(why: str) -> str:
    """The story of the demo did not happen; `why` is a clause without a full stop."""
    return f"The demo broke off: {why}."


def interrupted() -> str:
    """A command was stopped before it could say anything."""
    return "Stopped."
