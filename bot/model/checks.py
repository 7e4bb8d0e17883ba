"""What a check finds: of the settings, of the database, and of a token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """`key` is dotted (`clips.max_seconds`), or the file's path where the file is at fault."""

    key: str
    message: str


class DatabaseAge(StrEnum):
    """How a database stands to this program."""

    NONE = "none"
    CURRENT = "current"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """A database as it is now. `engine` is what keeps it, with its version; `revision` is the last
    script that was run on it, if any was; `rows` are those of each table of ours that it has."""

    name: str
    engine: str
    bytes: int
    revision: str | None
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node of a cluster as the others see it. `worker_id` names this start of it; `seen` is how
    many seconds ago it said something; `is_here`: its term is not over. `leases` are what it does
    for all, `rings` how many it holds of the `ring_places` that it has."""

    name: str
    worker_id: str
    version: str
    roles: tuple[str, ...]
    seen: float
    is_here: bool
    leases: tuple[str, ...]
    rings: int
    ring_places: int


@dataclass(frozen=True, slots=True)
class ServerReport:
    """The server of a database, and what its user may do there. `dumper` is the major version of
    `pg_dump` on this machine; None: there is none."""

    version: str
    major: int
    encoding: str
    user: str
    schema: str | None
    may_create: bool
    is_replica: bool
    dumper: int | None

    @property
    def takes_tables(self) -> bool:
        """Ours can be made there."""
        return self.may_create and not self.is_replica

    @property
    def can_be_dumped(self) -> bool:
        """By this machine's `pg_dump`, which refuses a newer server."""
        return self.dumper is not None and self.dumper >= self.major


class CopyFault(StrEnum):
    """Why something isn't copied, or isn't copied there."""

    EXISTS = "exists"
    MISSING = "missing"
    OF_SOMEBODY_ELSE = "of somebody else"
    NO_DATABASE = "no database"
    NOT_A_BACKUP = "not a backup"
    OTHER_KIND = "other kind"
    NEWER = "newer"
    OLDER = "older"
    SAME = "same"
    NOT_EMPTY = "not empty"
    OTHER_TABLES = "other tables"


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a chat platform says of a token. `sentence`: the bot's name and where to meet or invite
    it; or why not, and what to do."""

    ok: bool
    sentence: str
