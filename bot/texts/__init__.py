"""Every sentence that a person reads, as typed functions. Errors carry data, these make words.

A module for each part of the program, used by its name: `texts.clips.queue_full(3)`. What several
parts say alike is in `common`.
"""

from bot.texts import (
    alerts,
    checks,
    clips,
    commands,
    common,
    discord,
    health,
    page,
    preferences,
    recording,
    service,
    settings,
    subscriptions,
    telegram,
    undo,
    units,
)

__all__ = [
    "alerts",
    "checks",
    "clips",
    "commands",
    "common",
    "discord",
    "health",
    "page",
    "preferences",
    "recording",
    "service",
    "settings",
    "subscriptions",
    "telegram",
    "undo",
    "units",
]
