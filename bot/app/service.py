"""The service: everything that is configured, opened here, run and stopped. What it is made of is
built in `parts`, keyword by keyword.

Resources open inside one another; what runs for long are tasks of one group. The order of the
end: no more commands (which another node takes from then on), no more looks, captures finished,
rings given back, deliveries drained for a moment, then the platforms, the port, the recording
processes and the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets as randomness
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

from bot import texts
from bot.app.chats import running_chats
from bot.app.clients import (
    build_capture_pool,
    build_captures,
    build_downloads,
    build_media,
    build_pumpfun,
)
from bot.app.clip_parts import ring_places
from bot.app.context import ServiceContext, database_address
from bot.app.file_permissions import keep_private
from bot.app.parts import Parts, build_parts
from bot.app.timers import stand_by, tidy, timers_of, watch
from bot.cluster import leadership_of, notifier_of, shared_files
from bot.config import Role, Secrets, Settings, load_network
from bot.errors import StoreError
from bot.kit.files import Files
from bot.kit.health import Health, Phase
from bot.kit.metrics import Metrics
from bot.kit.processes.own_process import raise_descriptor_limit, settle
from bot.kit.secrets import keep_secret
from bot.kit.tasks import background, cancel_and_wait, failure_of, first_to_end, spawn, supervise
from bot.kit.timing.clock import SystemClock
from bot.model.network import Network
from bot.ops import HttpServer
from bot.store import Access, Store, write_timeout

_log = logging.getLogger(__name__)

_DRAIN_SECONDS, _LEAVE_SECONDS = 1.0, 2.0
"""For so long deliveries, and giving rings back, may hold up a stop."""
_PARTS_OF_ROLES = {
    Role.WATCH: ("watcher",),
    Role.ALERTS: ("dispatcher",),
    Role.CLIPS: ("clip service", "replay"),
    Role.LOCAL: ("local",),
}
"""As /healthz names them."""
_RETRY_SECONDS = 10.0
"""The longest pause before what the database has failed is tried again."""
_RINGS_SECONDS = 1.0
"""Of rings, which others take that are not renewed soon after that (`bot.cluster.steadiness`)."""


async def run_service(settings: Settings, secrets: Secrets, stop: asyncio.Event) -> None:
    """Run until `stop` is set, then end in order.

    Raises StoreError where the database cannot be used, SettingsError where the bucket for clips
    cannot, HttpError where the port cannot, TokenRefused where a platform does not take its token.
    """
    raise_descriptor_limit()
    texts.load()
    async with contextlib.AsyncExitStack() as stack:
        networking = load_network(settings)
        network = networking.network
        keep_secret(network.secrets)
        for line in texts.checks.network_sentences(network, networking.sources, networking.ignored):
            _log.info("Network: %s", line)
        await keep_private(settings)
        context = await _make_context(settings, secrets, network, stack)
        pumpfun = await stack.enter_async_context(build_pumpfun(settings, network))
        capture_pool = await stack.enter_async_context(
            build_capture_pool(settings, network, pumpfun)
        )
        captures = await stack.enter_async_context(
            build_captures(settings, capture_pool, context.clock)
        )
        downloads = await stack.enter_async_context(build_downloads(settings, network))
        media = await stack.enter_async_context(build_media(settings, network, context.clock))
        parts = build_parts(context, pumpfun, downloads, captures, media, secrets)
        stack.push_async_callback(parts.clips.close)
        page = parts.local if context.may(Role.LOCAL) else None
        server = HttpServer(
            settings.http.host,
            settings.http.port,
            password=secrets.http_password,
            health=context.health,
            metrics=context.metrics,
            routes=page.routes if page is not None else (),
            base_path=settings.http.base_path,
            trusted_proxies=settings.http.trusted_proxies,
        )
        await stack.enter_async_context(server)
        if page is not None:
            await stack.enter_async_context(page)
        _tell_roles(context)
        if not context.is_node:
            await parts.clips.service.recover()
            await parts.delivery_service.recover()
        await _announce(context, server.origin if page is not None else None)
        await stack.enter_async_context(
            running_chats(parts.chats, stop, parts.delivery_service.join)
        )
        pumpfun.prepare()  # processes only now, when nothing refuses the start any more
        if context.may(Role.CLIPS):
            capture_pool.prepare()
        settle()
        await _work(context, parts, stop)
    _log.info(texts.checks.stopped())


async def _make_context(
    settings: Settings, secrets: Secrets, network: Network, stack: contextlib.AsyncExitStack
) -> ServiceContext:
    clock = SystemClock()
    health = Health(clock)
    health.enter(Phase.STARTING, texts.health.STARTING)
    worker_id = f"{settings.cluster.node or 'local'}-{randomness.token_hex(4)}"
    access = Access.NODE if settings.cluster.node else Access.ALONE
    store = Store(database_address(settings, secrets), access=access)
    await stack.enter_async_context(store)
    notifier = await stack.enter_async_context(
        notifier_of(settings, store, clock, health, worker_id)
    )
    return ServiceContext(
        settings=settings,
        store=store,
        files=Files(Path(settings.storage.clips), shared_files(settings, store, clock)),
        clock=clock,
        notifier=notifier,
        health=health,
        metrics=Metrics(),
        network=network,
        leadership=await stack.enter_async_context(
            leadership_of(
                settings, store, clock, notifier, health, worker_id, ring_places(settings)
            )
        ),
        worker_id=worker_id,
    )


async def _announce(context: ServiceContext, page: str | None) -> None:
    async with context.store.read() as unit:
        count = await unit.subscriptions.count()
    context.metrics.subscriptions.set(count)
    _log.info(texts.checks.page_line(page))
    _log.info(texts.checks.watching(count, context.settings.pumpfun.poll_seconds))


async def _work(context: ServiceContext, parts: Parts, stop: asyncio.Event) -> None:
    """Everything that runs for long, until `stop` is set or a defect ends it."""
    async with (
        _running(context, parts) as runners,
        _leading(context, parts) as leaders,
        timers_of(context, parts),
    ):
        await _resume_cards(context, parts)
        context.health.enter(Phase.RUNNING, texts.health.TAKEN)
        await _stopped_or_failed(stop, (*runners, *leaders))
        _log.info(texts.checks.stopping())
        context.health.enter(Phase.STOPPING, texts.health.STOPPING)
        parts.watcher.stop()
        parts.retention.stop()
        if parts.local is not None:
            await parts.local.close_dispatcher()
        await asyncio.gather(*(chat.close_dispatcher() for chat in parts.chats))
        await parts.commands.stop()


async def _resume_cards(context: ServiceContext, parts: Parts) -> None:
    """Nodes go on to do so by a timer."""
    sender_of = parts.delivery_service.sender
    try:
        await parts.commands.resume_cards(
            sender_of, is_node=context.is_node, by_term=context.leadership.is_steady
        )
    except StoreError as error:
        _log.warning("cards of clips from before stay as they are: %s", error)


@contextlib.asynccontextmanager
async def _leading(
    context: ServiceContext, parts: Parts
) -> AsyncIterator[tuple[asyncio.Task[None], ...]]:
    """What one node does for all; where there is one only, it does."""
    lead = context.leadership.lead
    stand_by(context)
    tasks = [spawn(lead("tidy", partial(tidy, context, parts)), "tidy")]
    if context.may(Role.WATCH):
        watches = lead("watch", partial(watch, context, parts), role=str(Role.WATCH))
        tasks.append(spawn(watches, "watch"))
    try:
        yield tuple(tasks)
    finally:
        await cancel_and_wait(*tasks)


def _tell_roles(context: ServiceContext) -> None:
    """What others do for this node. Each chat platform says that by itself."""
    for role, names in _PARTS_OF_ROLES.items():
        if not context.may(role):
            for name in names:
                context.health.part(name).off(texts.health.NO_ROLE)


@contextlib.asynccontextmanager
async def _running(
    context: ServiceContext, parts: Parts
) -> AsyncIterator[tuple[asyncio.Task[None], ...]]:
    """What runs for long by itself; at the end clips first, so that what they owe is there while
    deliveries are still made, and then rings, which they are cut of."""
    recording: list[asyncio.Task[None]] = []
    may_record = context.may(Role.CLIPS)
    keeper = parts.clips.ring_keeper if may_record else None
    if keeper is not None:
        recording.append(_supervised(context, "replay", keeper.run, longest=_RINGS_SECONDS))
    elif (others := parts.clips.rings_elsewhere) is not None:
        recording.append(spawn(others.follow(context.notifier), "rings elsewhere"))
    if may_record:
        clips = parts.clips.service.run
        recording.append(_supervised(context, "clip service", clips, vital=True))
    sending: list[asyncio.Task[None]] = []
    if context.may(Role.ALERTS):
        deliveries = parts.delivery_service.run
        sending.append(_supervised(context, "dispatcher", deliveries, vital=True))
    try:
        async with background(context.health.keep_noticing(), "health"):
            yield (*recording, *sending)
    finally:
        for task in recording:
            await cancel_and_wait(task)
        if keeper is not None:
            with write_timeout(_LEAVE_SECONDS):
                await keeper.leave()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(parts.delivery_service.drain(), _DRAIN_SECONDS)
        await cancel_and_wait(*sending)


def _supervised(
    context: ServiceContext,
    name: str,
    run: Callable[[], Awaitable[None]],
    *,
    vital: bool = False,
    longest: float = _RETRY_SECONDS,
) -> asyncio.Task[None]:
    part = context.health.part(name, vital=vital)
    return spawn(supervise(run, part, context.clock, (StoreError,), longest), name)


async def _stopped_or_failed(stop: asyncio.Event, runners: tuple[asyncio.Task[None], ...]) -> None:
    async with background(stop.wait(), "stop") as waiting:
        await first_to_end(waiting, *runners)
    for runner in runners:
        if runner.done() and (error := failure_of(runner)) is not None:
            raise error  # a defect: it ends the service, with its traceback in the log
