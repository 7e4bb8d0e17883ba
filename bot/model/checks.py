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
class TokenAnswer:
    """What a chat platform says of a token. `sentence`: the bot's name and where to meet or invite
    it; or why not, and what to do."""

    ok: bool
    sentence: str
