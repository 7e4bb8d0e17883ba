"""What every part of the service shares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.config import Role, Secrets, Settings, database_name, is_server
from bot.errors import SettingsError
from bot.kit.files import Files, behind_link
from bot.kit.health import Health
from bot.kit.leadership import Leadership
from bot.kit.metrics import Metrics
from bot.kit.notifier import Notifier
from bot.kit.secrets import scrub
from bot.kit.timing.clock import Clock
from bot.model import SettingsProblem
from bot.model.network import Network
from bot.store import PostgresAddress, Store


def database_address(settings: Settings, secrets: Secrets) -> Path | PostgresAddress:
    """Of the database that the settings name."""
    storage = settings.storage
    if not is_server(storage.database):
        return behind_link(Path(storage.database))
    return PostgresAddress(
        storage.database,
        secrets.database_password,
        backups=Path(storage.backups) if storage.backup_before_migrating else None,
    )


def address_named(text: str, secrets: Secrets) -> Path | PostgresAddress:
    """Of a database that is named as a setting would. Raises SettingsError."""
    try:
        named = database_name(text)
    except ValueError as error:
        raise SettingsError((SettingsProblem(scrub(text), str(error)),)) from None
    if is_server(named):
        return PostgresAddress(named, secrets.database_password)
    return behind_link(Path(named))


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """One of each, for all. `worker_id` names this start of the service. `leadership` says what is
    ours to do, where several nodes share the database."""

    settings: Settings
    store: Store
    files: Files
    clock: Clock
    notifier: Notifier
    health: Health
    metrics: Metrics
    network: Network
    leadership: Leadership
    worker_id: str

    @property
    def is_node(self) -> bool:
        """Whether others may share the database."""
        return bool(self.settings.cluster.node)

    def may(self, role: Role) -> bool:
        """Whether this service is to do that."""
        return role in self.settings.cluster.roles
