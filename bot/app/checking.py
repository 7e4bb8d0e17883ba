"""`mintcast check` looks at everything that the service will need, and tells of each thing;
`mintcast status` at a service that runs."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import texts
from bot.app.clients import build_pumpfun
from bot.app.context import database_address
from bot.clips import CapturePool
from bot.cluster import S3FileStore
from bot.config import Secrets, Settings, is_bucket, load_network
from bot.errors import (
    ChildError,
    FilesUnreachable,
    HttpError,
    PasswordMissing,
    PumpfunError,
    SettingsError,
    StoreError,
)
from bot.kit.error_text import reason
from bot.kit.files import Files, FileStore, is_folder, nearest_existing
from bot.kit.secrets import keep_secret
from bot.kit.timing.clock import SystemClock
from bot.model import DatabaseAge, DatabaseReport, NodeState, Reason, Unknown
from bot.model.network import Network
from bot.ops import Told, ask_health, is_loopback, try_to_listen
from bot.pumpfun import PumpfunClient
from bot.store import (
    Access,
    PostgresAddress,
    Store,
    inspect_database,
    name_of,
    report_database,
    report_server,
)

_log = logging.getLogger(__name__)

_PROBE = "So11111111111111111111111111111111111111112"
"""Wrapped SOL: a mint that everybody knows, and that nobody streams."""

_WORKER_SECONDS = 20.0
_BUCKET_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; where it is not well, `sentence` says what to do."""

    name: str
    ok: bool
    sentence: str


async def check(settings: Settings, secrets: Secrets) -> AsyncIterator[Finding]:
    """Everything, one after another; nothing that is not well hides the next."""
    async for finding in _database(database_address(settings, secrets)):
        yield finding
    yield await asyncio.to_thread(_clips, Path(settings.storage.clips), settings)
    if is_bucket(settings.clip_files):
        yield await _bucket(settings.clip_files)
    networking = load_network(settings)
    network = networking.network
    keep_secret(network.secrets)
    told = texts.checks.network_sentences(network, networking.sources, networking.ignored)
    yield Finding("network", True, "; ".join(told))
    async with build_pumpfun(settings, network) as pumpfun:
        yield await _worker(pumpfun)
        yield await _streams(pumpfun, settings)
        yield await _coins(pumpfun, settings)
    async for finding in service_findings(settings, secrets):
        yield finding
    yield await _surely("discord", _discord(settings, secrets.discord_token, network))
    yield await _surely("telegram", _telegram(settings, secrets.telegram_token, network))


async def _surely(name: str, look: Coroutine[Any, Any, Finding]) -> Finding:
    """Whatever one platform meets, the rest is looked at all the same."""
    try:
        return await look
    except Exception as error:  # noqa: BLE001 - it is said, and hides nothing else
        _log.debug("%s could not be looked at", name, exc_info=error)
        return Finding(name, False, texts.health.could_not_look(reason(error)))


async def service_findings(settings: Settings, secrets: Secrets) -> AsyncIterator[Finding]:
    """The parts of the service that runs where this one would; that none does is no fault."""
    told = await ask_health(settings.http.host, settings.http.port, secrets.http_password)
    if told is None:
        yield await _port(settings, secrets)
        yield Finding("service", True, texts.health.runs_not())
        return
    yield Finding("page", True, texts.health.serves(told.origin, told.version))
    for finding in _parts(told):
        yield finding


def _parts(told: Told) -> Iterator[Finding]:
    if not told.parts:
        yield Finding("service", told.status == "ok", texts.health.says_only(told.status))
    for part in told.parts:
        state = texts.health.part_state(part.name, part.detail, part.age, ok=part.ok)
        yield Finding(f"service, {part.name}", part.ok, state)


@dataclass(frozen=True, slots=True)
class Status:
    """A service and its database as they are now; None: it does not run, or cannot be read."""

    service: Told | None
    database: DatabaseReport | None
    findings: tuple[Finding, ...]
    nodes: tuple[NodeState, ...] = ()


async def status(settings: Settings, secrets: Secrets) -> Status:
    """Looks at both. Changes nothing."""
    told = await ask_health(settings.http.host, settings.http.port, secrets.http_password)
    if told is None:
        of_service = [Finding("service", False, texts.health.stopped())]
    else:
        runs = Finding("service", True, texts.health.serves(told.origin, told.version))
        of_service = [runs, *_parts(told)]
    try:
        report = await report_database(database_address(settings, secrets))
        nodes = await _nodes(settings, secrets)
    except StoreError as error:
        why = texts.service.database_refused(error, os.getuid())
        return Status(told, None, (*of_service, Finding("database", False, why)))
    of_database = (Finding("database", True, one) for one in texts.checks.database_report(report))
    of_nodes = (Finding(f"node {one.name}", one.is_here, texts.health.node(one)) for one in nodes)
    return Status(told, report, (*of_service, *of_database, *of_nodes), nodes)


async def _nodes(settings: Settings, secrets: Secrets) -> tuple[NodeState, ...]:
    """Those of the cluster that we belong to. Raises StoreError."""
    address = database_address(settings, secrets)
    if (
        not settings.cluster.node
        or await asyncio.to_thread(inspect_database, address) is not DatabaseAge.CURRENT
    ):
        return ()
    async with Store(address, access=Access.ANY) as store, store.read() as unit:
        return await unit.nodes.all()


async def _database(address: Path | PostgresAddress) -> AsyncIterator[Finding]:
    backs_up = isinstance(address, Path) or address.backups is not None
    try:
        found = await asyncio.to_thread(inspect_database, address)
        state = texts.checks.database_state(name_of(address), found, backs_up=backs_up)
        yield Finding("database", True, state)
        if isinstance(address, PostgresAddress):
            server = await report_server(address)
            what = texts.checks.server_state(server, name_of(address))
            yield Finding("database server", server.takes_tables, what)
            is_needed = backs_up and found is DatabaseAge.OLDER
            what = texts.checks.dumper_state(server, is_needed=is_needed)
            yield Finding("pg_dump", server.can_be_dumped or not is_needed, what)
    except StoreError as error:
        yield Finding("database", False, texts.service.database_refused(error, os.getuid()))


def _clips(folder: Path, settings: Settings) -> Finding:
    nearest = nearest_existing(folder)
    if not is_folder(nearest):
        return Finding("clips", False, texts.service.clips_not_a_folder(str(nearest)))
    if not os.access(nearest, os.W_OK):
        return Finding("clips", False, texts.checks.folder_not_writable(str(folder), os.getuid()))
    free = shutil.disk_usage(nearest).free
    least = settings.clips.min_free_bytes
    if free < least:
        return Finding("clips", False, texts.checks.disk_short(str(folder), free, least))
    return Finding("clips", True, texts.checks.folder_good(str(folder), free))


async def _bucket(url: str) -> Finding:
    """A file is put there, got, and deleted again: all that a node does there."""
    try:
        async with asyncio.timeout(_BUCKET_SECONDS):
            await _try_files(S3FileStore(url, SystemClock()))
    except SettingsError as error:
        return Finding("bucket", False, texts.checks.bucket_failed(url, error.problems[0].message))
    except TimeoutError:
        return Finding("bucket", False, texts.checks.bucket_failed(url))
    except FileNotFoundError:
        return Finding("bucket", False, texts.checks.bucket_missing(url))
    except FilesUnreachable as error:
        return Finding("bucket", False, texts.checks.bucket_failed(url, reason(error)))
    return Finding("bucket", True, texts.checks.bucket_good(url))


async def _try_files(store: FileStore) -> None:
    with tempfile.TemporaryDirectory(prefix="mintcast-check-") as folder:
        files = Files(Path(folder))
        key = files.new_key("check", "jpg")
        await asyncio.to_thread(files.path(key).write_bytes, b"Mintcast was here")
        await store.put(key, files.path(key))
        await store.get(key, files.path(files.new_key("check", "jpg")))
        await store.delete([key])


async def _worker(pumpfun: PumpfunClient) -> Finding:
    """A recording process that starts has every native library that it needs."""
    try:
        async with asyncio.timeout(_WORKER_SECONDS), CapturePool(pumpfun) as capture_pool:
            capture_pool.prepare()
            worker = await capture_pool.spare()
            event = await worker.next_event() if worker is not None else None
            words = worker.last_words if worker is not None else ""
    except (ChildError, TimeoutError) as error:
        return Finding("recording", False, texts.checks.worker_failed(str(error)))
    if event is None:
        return Finding("recording", False, texts.checks.worker_failed(words))
    return Finding("recording", True, texts.checks.worker_good())


async def _streams(pumpfun: PumpfunClient, settings: Settings) -> Finding:
    seen = await pumpfun.livestream(_PROBE)
    if isinstance(seen, Unknown):
        return _not_asked("pump.fun streams", seen.reason, seen.status)
    return Finding("pump.fun streams", True, texts.checks.answers(settings.pumpfun.livestream_url))


async def _coins(pumpfun: PumpfunClient, settings: Settings) -> Finding:
    try:
        await pumpfun.coin(_PROBE)
    except PumpfunError as error:
        return _not_asked("pump.fun coins", error.reason, error.status)
    return Finding("pump.fun coins", True, texts.checks.answers(settings.pumpfun.frontend_url))


def _not_asked(name: str, reason: Reason, status: int | None) -> Finding:
    return Finding(name, False, texts.common.pumpfun_failed(reason, status))


async def _port(settings: Settings, secrets: Secrets) -> Finding:
    host, port = settings.http.host, settings.http.port
    if not is_loopback(host) and secrets.http_password is None:
        return Finding("page", False, texts.page.http_not_served(PasswordMissing(host, port)))
    try:
        await try_to_listen(host, port)
    except HttpError as error:
        return Finding("page", False, texts.page.http_not_served(error))
    return Finding("page", True, texts.checks.port_free(texts.page.host_and_port(host, port)))


async def _discord(settings: Settings, token: str | None, network: Network) -> Finding:
    if token is None:
        return _off("discord")
    from bot.platforms.discord import ask_token

    answer = await ask_token(token, settings.discord.api_url, network)
    return Finding("discord", answer.ok, answer.sentence)


async def _telegram(settings: Settings, token: str | None, network: Network) -> Finding:
    if token is None:
        return _off("telegram")
    from bot.platforms.telegram import ask_token

    answer = await ask_token(token, settings.telegram.api_url, network)
    return Finding("telegram", answer.ok, answer.sentence)


def _off(platform: str) -> Finding:
    return Finding(platform, True, texts.checks.platform_off(platform).partition(": ")[2])
