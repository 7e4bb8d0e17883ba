"""Tokens and the password: from the environment, from files named there, or from a `.env`.

`DISCORD_TOKEN`, `TELEGRAM_TOKEN`, `HTTP_PASSWORD`, `DATABASE_PASSWORD`; each may be given as
`…_FILE`, a file that holds it (Docker's secrets). A `.env` beside the settings gives what the
environment does not.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from bot.config.setting_types import expand
from bot.config.settings import settings_file
from bot.config.text_files import UnreadableError, is_folder, read_text
from bot.errors import SettingsError
from bot.model import SettingsProblem

NAMES = ("DISCORD_TOKEN", "TELEGRAM_TOKEN", "HTTP_PASSWORD", "DATABASE_PASSWORD")
_CHOSEN = ("HTTP_PASSWORD", "DATABASE_PASSWORD")
"""People choose these: any letters will do."""

_COPIED_ALONG = " \t\r\n\"'`“”\u2018’\ufeff\u200b\u200e\u200f\u2060\xa0"
"""No token begins or ends with one of these."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Each is None where it was not given. None shows in `repr`."""

    discord_token: str | None = field(default=None, repr=False)
    telegram_token: str | None = field(default=None, repr=False)
    http_password: str | None = field(default=None, repr=False)
    database_password: str | None = field(default=None, repr=False)


def load_secrets(file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Secrets:
    """The secrets; `file` is the settings' file, if one was named.

    Raises SettingsError with every problem at once; no problem shows a secret.
    """
    dotenv = settings_file(file, environment).parent / ".env"
    given = {**_read_dotenv(dotenv), **environment}
    problems: list[SettingsProblem] = []
    found = {name.lower(): _secret(name, given, problems) for name in NAMES}
    if problems:
        raise SettingsError(tuple(problems))
    return Secrets(**{name: text or None for name, text in found.items()})


def _read_dotenv(file: Path) -> dict[str, str]:
    if is_folder(file):  # some keep a virtual environment of that name
        return {}
    try:
        # A password may have `${` in it. Docker's Compose leaves it alone in single quotes, too.
        values = dotenv_values(stream=io.StringIO(read_text(file)), interpolate=False)
    except FileNotFoundError:
        return {}
    except UnreadableError as error:
        problem = SettingsProblem(str(file), f"cannot be read: {error}")
        raise SettingsError((problem,)) from None
    return {key: value for key, value in values.items() if value is not None}


def _secret(name: str, given: Mapping[str, str], problems: list[SettingsProblem]) -> str:
    text, named = given.get(name, "").strip(), given.get(f"{name}_FILE", "").strip()
    if text and named:
        problems.append(SettingsProblem(name, f"is set, and so is {name}_FILE; keep only one"))
    elif named:
        text = _read_secret(name, named, problems)
    if name not in _CHOSEN:
        return _token(name, text, problems)
    try:
        text.encode()
    except UnicodeEncodeError:
        problem = "contains bytes that aren't UTF-8; set it in a terminal or an editor that uses it"
        problems.append(SettingsProblem(name, problem))
    return text


def _read_secret(name: str, named: str, problems: list[SettingsProblem]) -> str:
    try:
        text = read_text(Path(expand(named))).strip()
        why = "" if text else f"{named} is empty"
    except FileNotFoundError:
        text, why = "", f"{named} cannot be read: there is no such file"
    except UnreadableError as error:
        text, why = "", f"{named} cannot be read: {error}"
    except ValueError as error:
        text, why = "", str(error)
    if why:
        problems.append(SettingsProblem(f"{name}_FILE", why))
    return text


def _token(name: str, text: str, problems: list[SettingsProblem]) -> str:
    """Without what was copied along: quotes, and marks that nobody sees."""
    bare = text.strip(_COPIED_ALONG)
    if any(not 0x20 < ord(char) < 0x7F for char in bare):
        problem = "contains a space, a line break or a letter that no token has; copy it again"
        problems.append(SettingsProblem(name, problem))
    return bare
