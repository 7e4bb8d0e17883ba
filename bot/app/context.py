"""What every part of the service shares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.config import Secrets, Settings, is_server
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import Clock
from bot.model.network import Network
from bot.store import PostgresAddress, Store


def database_address(settings: Settings, secrets: Secrets) -> Path | PostgresAddress:
    """Of the database that the settings name."""
    storage = settings.storage
    if not is_server(storage.database):
        return Path(storage.database)
    return PostgresAddress(
        storage.database,
        secrets.database_password,
        backups=Path(storage.backups) if storage.backup_before_migrating else None,
    )


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """One of each, for all. `worker_id` names this start of the service."""

    settings: Settings
    store: Store
    files: Files
    clock: Clock
    notifier: Notifier
    health: Health
    metrics: Metrics
    network: Network
    worker_id: str
