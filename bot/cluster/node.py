"""Whether this service is alone, or a node of a cluster; and where the files of all are."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from bot import __version__
from bot.cluster.lease_keeper import LeaseKeeper
from bot.cluster.relay import Relay
from bot.cluster.s3_files import S3FileStore
from bot.config import DATABASE, Role, Settings, is_bucket
from bot.kit.files import FileStore
from bot.kit.health import Health
from bot.kit.leadership import Leadership, SoleNode
from bot.kit.notifier import Notifier
from bot.kit.timing.clock import Clock
from bot.store import DatabaseFileStore, NodeReport, Store

_NEEDED = tuple(map(str, (Role.WATCH, Role.ALERTS, Role.CLIPS)))
"""One node at least has to have them: the others are about what nobody may want."""


@contextlib.asynccontextmanager
async def notifier_of(
    settings: Settings, store: Store, clock: Clock, health: Health, worker_id: str
) -> AsyncIterator[Notifier]:
    """Who says what is worth a look: of a node, what the others do, too."""
    notifier = Notifier()
    if not settings.cluster.node:
        yield notifier
        return
    part = health.part("notifications")
    async with Relay(store=store, clock=clock, notifier=notifier, worker_id=worker_id, part=part):
        yield notifier


@contextlib.asynccontextmanager
async def leadership_of(
    settings: Settings,
    store: Store,
    clock: Clock,
    notifier: Notifier,
    health: Health,
    worker_id: str,
    ring_places: int,
) -> AsyncIterator[Leadership]:
    """Who says what is ours to do. Raises StoreError."""
    cluster = settings.cluster
    if not cluster.node:
        async with store.write() as unit:  # we have it alone: whoever was there is gone, at once
            await unit.nodes.forget_all()
            await unit.captures.forget_all()
        yield SoleNode()
        return

    def report() -> NodeReport:
        roles = tuple(map(str, cluster.roles))
        return NodeReport(worker_id, cluster.node, __version__, roles, ring_places)

    async with LeaseKeeper(
        store=store,
        clock=clock,
        notifier=notifier,
        report=report,
        seconds=cluster.lease_seconds,
        part=health.part("cluster"),
        needed=_NEEDED,
    ) as keeper:
        yield keeper


def shared_files(settings: Settings, store: Store, clock: Clock) -> FileStore | None:
    """None: the folder of clips is all there is, or all nodes have the same one. Raises
    SettingsError."""
    if is_bucket(settings.clip_files):
        return S3FileStore(settings.clip_files, clock)
    return DatabaseFileStore(store) if settings.clip_files == DATABASE else None
