"""The operator's settings, which stand in a file, and secrets, which never do."""

from bot.config.kinds import expand
from bot.config.secrets import Secrets, load_secrets
from bot.config.settings import DEFAULT_FILE, FILE_VARIABLE, PREFIX, Settings, load_settings

__all__ = [
    "DEFAULT_FILE",
    "FILE_VARIABLE",
    "PREFIX",
    "Secrets",
    "Settings",
    "expand",
    "load_secrets",
    "load_settings",
]
