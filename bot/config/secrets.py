"""Tokens and the password: from the environment, from files named there, or from a `.env`.

`DISCORD_TOKEN`, `TELEGRAM_TOKEN`, `HTTP_PASSWORD`; each may be given as `…_FILE`, a file that holds
it (Docker's secrets). A `.env` beside the settings gives what the environment does not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from bot.config.settings import settings_file
from bot.errors import SettingsError
from bot.model import SettingsProblem

NAMES = ("DISCORD_TOKEN", "TELEGRAM_TOKEN", "HTTP_PASSWORD")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Each is None where it was not given. None shows in `repr`."""

    discord_token: str | None = field(default=None, repr=False)
    telegram_token: str | None = field(default=None, repr=False)
    http_password: str | None = field(default=None, repr=False)


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
    return Secrets(**found)


def _read_dotenv(file: Path) -> dict[str, str]:
    try:
        return {key: value for key, value in dotenv_values(file).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError((SettingsProblem(str(file), f"cannot be read: {why}"),)) from None


def _secret(name: str, given: Mapping[str, str], problems: list[SettingsProblem]) -> str | None:
    text, named = given.get(name, "").strip(), given.get(f"{name}_FILE", "").strip()
    if text and named:
        problems.append(SettingsProblem(name, f"is given twice, as {name}_FILE too; keep one"))
    elif named:
        text = _read_secret(name, Path(named), problems)
    if any(char.isspace() for char in text) and name != "HTTP_PASSWORD":
        problems.append(SettingsProblem(name, "has a space or a line break in it; copy it again"))
    return text or None


def _read_secret(name: str, file: Path, problems: list[SettingsProblem]) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problems.append(SettingsProblem(f"{name}_FILE", f"{file} cannot be read: {why}"))
        return ""
    if not text:
        problems.append(SettingsProblem(f"{name}_FILE", f"{file} is empty"))
    return text
