"""The composition root: everything is built here, of the settings, and handed down.

This front is what a command that does one thing takes; `service` and `checking` load the whole
program, so that whoever needs them imports them by name, when it needs them.
"""

from bot.app.clients import (
    Clients,
    RecordingClients,
    build_pumpfun,
    open_clients,
    open_pumpfun,
    open_recordings,
)

__all__ = [
    "Clients",
    "RecordingClients",
    "build_pumpfun",
    "open_clients",
    "open_pumpfun",
    "open_recordings",
]
