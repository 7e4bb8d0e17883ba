"""Every error that Mintcast raises on purpose.

MintcastError
├── UsageError             what was typed cannot be meant; carries which rule it broke
│   ├── MintError          not a mint, nor a link to one
│   ├── DurationError      not a duration, or one out of bounds
│   ├── InstantError       not a time of day, nor an instant
│   └── ByteSizeError      not a number of bytes, or too few for a clip
├── SettingsError          every problem of the settings at once
├── PumpfunError           pump.fun could not be asked, or answered what cannot be used
│   └── RecordingError     its recording of a stream cannot be used; carries what is wrong with it
├── StoreError             the database cannot be used; carries its file
│   ├── DatabaseInUse      another service holds it
│   ├── DatabaseNewer      a newer Mintcast wrote it; carries the backup to go back to
│   ├── DatabaseDamaged    it is not a database, or a broken one
│   ├── DatabaseReadOnly   it, or its folder, cannot be written
│   ├── DatabaseFull       its disk has no room left
│   ├── DatabaseBusy       it stayed locked for longer than we wait
│   ├── DriverMissing      the package that speaks to PostgreSQL isn't installed
│   ├── DatabaseUnreachable its server doesn't answer, or refuses us
│   ├── DatabaseGone       its file was deleted or replaced under the service
│   ├── LeaseLost          another node may do this now; carries the name of the lease
│   ├── ToolMissing        a program of PostgreSQL's that copies it is missing or too old
│   ├── CopyRefused        it can't be copied as it was asked; carries why
│   └── CopyFailed         copying it broke off, and nothing was changed
├── FilesUnreachable       the store of files that nodes share doesn't answer; an OSError, too
├── HttpError              the HTTP port cannot be served; carries host and port
│   ├── PortInUse          another program listens there
│   └── PasswordMissing    an address that others reach, and no password
├── TokenRefused           a chat platform does not take its token; carries the platform
├── ChatFault              a chat platform's connection met a defect; carries the platform
├── SendError              a chat platform did not do what was asked (`bot.alerts.ports`)
├── Refused                a command cannot be done as it was asked; carries the sentence
├── PageError              the local page did not do what it promises (told by the demo)
└── ChildError             a child process could not be started or spoken to

Errors carry data; the sentences that a person reads are made of it in `bot.texts`. What an
error prints by itself is for logs, and holds no token.
"""

from __future__ import annotations

import errno

from bot.model import CopyFault, MintFault, Reason, RecordingFault, SettingsProblem


class MintcastError(Exception):
    """The root: catching it catches what Mintcast foresaw, and nothing else."""


class UsageError(MintcastError):
    """What was typed cannot be meant. `text` is what was typed, shortened by whoever shows it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class MintError(UsageError):
    """`text` names no mint; `fault` says which rule it broke."""

    def __init__(self, text: str, fault: MintFault) -> None:
        super().__init__(text)
        self.fault = fault

    def __str__(self) -> str:
        return f"not a mint ({self.fault.value}): {self.text!r}"


class DurationError(UsageError):
    """`text` is no duration of more than 0 s and at most `longest` seconds."""

    def __init__(self, text: str, longest: float, *, seconds: float | None = None) -> None:
        super().__init__(text)
        self.longest = longest
        self.seconds = seconds


class InstantError(UsageError):
    """`text` is no instant; `lacks_zone`: it would be one if it said in which time zone."""

    def __init__(self, text: str, *, lacks_zone: bool = False) -> None:
        super().__init__(text)
        self.lacks_zone = lacks_zone


class ByteSizeError(UsageError):
    """`text` is no number of bytes (`count` is None), or is below `least`, the fewest to be had."""

    def __init__(self, text: str, least: int, count: int | None = None) -> None:
        super().__init__(text)
        self.least = least
        self.count = count


class SettingsError(MintcastError):
    """The settings do not hold; `problems` lists all that is wrong with them."""

    def __init__(self, problems: tuple[SettingsProblem, ...]) -> None:
        super().__init__("; ".join(f"{p.key}: {p.message}" for p in problems))
        self.problems = problems


class PumpfunError(MintcastError):
    """pump.fun could not be asked, or its answer cannot be used.

    `status` is the HTTP status if there was an answer; `retry_after` (seconds) is what
    pump.fun asked us to wait, if it did; `detail` names what was odd, for the log.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(reason, status, detail)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.detail = detail

    def __str__(self) -> str:
        status = f" ({self.status})" if self.status is not None else ""
        return f"pump.fun: {self.reason.value}{status}{': ' if self.detail else ''}{self.detail}"

    @property
    def stated_wait(self) -> float:
        """For so many seconds pump.fun is left alone by whoever asks again by itself."""
        return min(self.retry_after or 0.0, LONGEST_STATED)

    @property
    def is_of_host(self) -> bool:
        """It says something of the host or of us, and nothing of what was asked for."""
        return self.reason in _OF_HOST

    @property
    def is_outage(self) -> bool:
        """Nothing was learnt of what was asked for: a later try may find it."""
        return self.reason in _OUTAGES


LONGEST_STATED = 300.0
"""Seconds: a wait that pump.fun states is kept so far."""

_OF_HOST = frozenset({Reason.TIMEOUT, Reason.UNREACHABLE, Reason.RATE_LIMITED})
_OUTAGES = _OF_HOST | {Reason.SERVER_ERROR}


class RecordingError(PumpfunError):
    """A playlist or a segment of the site's own recording is none that we take."""

    def __init__(self, fault: RecordingFault, detail: str = "") -> None:
        super().__init__(_REASONS.get(fault, Reason.WRONG_SHAPE), detail=detail)
        self.fault = fault


_REASONS = {
    RecordingFault.FOREIGN: Reason.NOT_ALLOWED,
    RecordingFault.PLAYLIST_TOO_LARGE: Reason.TOO_LARGE,
    RecordingFault.TOO_MANY_ENTRIES: Reason.TOO_LARGE,
    RecordingFault.TOO_MANY_SEGMENTS: Reason.TOO_LARGE,
    RecordingFault.SEGMENT_TOO_LARGE: Reason.TOO_LARGE,
    RecordingFault.TOO_MANY_BYTES: Reason.TOO_LARGE,
}


class ChildError(MintcastError):
    """A child process could not be started, ended early or does not answer."""


class StoreError(MintcastError):
    """The database `path` cannot be used; `detail` is what it said itself, for the log.

    `in_doubt`: it failed while it was saved, so that it may be saved all the same.
    """

    clause = "the database can't be used"

    def __init__(self, path: str, detail: str = "", *, in_doubt: bool = False) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail
        self.in_doubt = in_doubt

    def __str__(self) -> str:
        return f"{self.clause} ({self.detail})" if self.detail else self.clause


class DatabaseInUse(StoreError):
    """Another service holds it."""

    clause = "another Mintcast uses the database"


class DatabaseNewer(StoreError):
    """A newer Mintcast wrote it. `backup` is the newest copy from before, if there is one."""

    clause = "a newer Mintcast wrote the database"

    def __init__(self, path: str, backup: str | None) -> None:
        super().__init__(path)
        self.backup = backup


class DatabaseDamaged(StoreError):
    """It is not a database, or a broken one."""

    clause = "the database is damaged"


class DatabaseReadOnly(StoreError):
    """It, or its folder, cannot be written."""

    clause = "the database can't be written"


class DatabaseFull(StoreError):
    """Its disk has no room left."""

    clause = "the disk of the database is full"


class DatabaseBusy(StoreError):
    """It stayed locked for longer than we wait."""

    clause = "the database is busy"


class DriverMissing(StoreError):
    """The package that speaks to PostgreSQL is not installed."""

    clause = "PostgreSQL's driver isn't installed"


class DatabaseUnreachable(StoreError):
    """Its server does not answer, or refuses us."""

    clause = "the database's server can't be reached"


class DatabaseGone(StoreError):
    """Its file was deleted or replaced under the service: what is saved now outlives no stop."""

    clause = "the file of the database was deleted or replaced"


class LeaseLost(StoreError):
    """The term of the lease `path` is over, or nearly: another node may do what it allows, so it is
    not done here."""

    clause = "another node has taken over"


class ToolMissing(StoreError):
    """`tool`, a program of PostgreSQL's, isn't installed (`found` is None), or its major version
    `found` is below `needed`; None: nobody knows which is needed, only a newer one."""

    clause = "a program of PostgreSQL's is missing"

    def __init__(
        self, path: str, tool: str, *, needed: int | None = None, found: int | None = None
    ) -> None:
        super().__init__(path, tool)
        self.tool = tool
        self.needed = needed
        self.found = found


class CopyRefused(StoreError):
    """The database or file `path` can't be copied, or nothing be copied there; `fault` says why."""

    clause = "it can't be copied"

    def __init__(self, path: str, fault: CopyFault, detail: str = "") -> None:
        super().__init__(path, detail or fault.value)
        self.fault = fault


class CopyFailed(StoreError):
    """Copying it broke off, or the copy isn't the same: nothing was changed."""

    clause = "copying the database failed"


class FilesUnreachable(MintcastError, OSError):
    """The store of files that several nodes share does not answer, or the folder that they do: what
    is asked of it may be there later. Whoever does without a file where the disk fails does without
    it here."""

    def __init__(self, detail: str) -> None:
        super().__init__(errno.EIO, detail)

    def __str__(self) -> str:
        return f"files can't be reached ({self.strerror})"


class Refused(MintcastError):
    """A command cannot be done as it was asked; `sentence` says why and what to do next."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class PageError(MintcastError):
    """The local page did not do what it promises; says what in one sentence."""


class HttpError(MintcastError):
    """Nothing can be served at `host` and `port`; `detail` is the system's word for it."""

    def __init__(self, host: str, port: int, detail: str = "") -> None:
        super().__init__(host, port, detail)
        self.host = host
        self.port = port
        self.detail = detail


class PortInUse(HttpError):
    """Another program listens there."""


class PasswordMissing(HttpError):
    """The address can be reached by others, and no password guards it."""


class TokenRefused(MintcastError):
    """`platform` (its name, such as `discord`) does not take the token that it was given."""

    def __init__(self, platform: str, detail: str = "") -> None:
        super().__init__(platform, detail)
        self.platform = platform
        self.detail = detail

    def __str__(self) -> str:
        return f"the token of {self.platform} was refused{': ' if self.detail else ''}{self.detail}"


class ChatFault(MintcastError):
    """The connection to `platform` ended by a defect, which the log has."""

    def __init__(self, platform: str) -> None:
        super().__init__(platform)
        self.platform = platform

    def __str__(self) -> str:
        return "something went wrong in Mintcast (see its log); it keeps trying"
