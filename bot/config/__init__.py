"""The operator's settings, which stand in a file, and secrets, which never do."""

from bot.config.network import Networking, load_network
from bot.config.secrets import Secrets, load_secrets
from bot.config.setting_types import (
    DATABASE,
    Role,
    database_name,
    expand,
    is_bucket,
    is_server,
)
from bot.config.settings import (
    DEFAULT_FILE,
    FILE_VARIABLE,
    PREFIX,
    Settings,
    existing_settings_file,
    load_settings,
)

__all__ = [
    "DATABASE",
    "DEFAULT_FILE",
    "FILE_VARIABLE",
    "PREFIX",
    "Networking",
    "Role",
    "Secrets",
    "Settings",
    "database_name",
    "existing_settings_file",
    "expand",
    "is_bucket",
    "is_server",
    "load_network",
    "load_secrets",
    "load_settings",
]
