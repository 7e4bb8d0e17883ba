"""One thing that is wrong with the settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """`key` is dotted (`clips.max_seconds`), or the file's path where the file is at fault."""

    key: str
    message: str
