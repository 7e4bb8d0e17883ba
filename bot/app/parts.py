"""What does the work of the service, built keyword by keyword of what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot import __version__
from bot.alerts import DeliveryService, Sender
from bot.app.chats import build_chats
from bot.app.clip_parts import ClipParts, build_clip_parts
from bot.app.context import ServiceContext
from bot.app.isolated_chat import IsolatedChat
from bot.app.reply_tokens import ReplyTokenRetention
from bot.app.retention import Retention
from bot.app.second_clock import SecondClock
from bot.app.watch_parts import build_watcher, build_whole_stream_finder
from bot.clips import Captures, load_result
from bot.commands import Commands, CommandService, Limits, Lookback
from bot.config import Role, Secrets, Settings
from bot.platforms.local import LocalPlatform
from bot.pumpfun import ClipDownloads, PumpfunClient
from bot.pumpfun.recording.media import Media
from bot.watch import Watcher, WholeStreamFinder


@dataclass(frozen=True, slots=True)
class Parts:
    """What does the work. `local` without that role only sends."""

    pumpfun: PumpfunClient
    watcher: Watcher
    whole_stream_finder: WholeStreamFinder
    clips: ClipParts
    second_clock: SecondClock
    reply_tokens: ReplyTokenRetention
    retention: Retention
    commands: CommandService
    delivery_service: DeliveryService
    local: LocalPlatform | None
    chats: tuple[IsolatedChat, ...]


def build_parts(
    context: ServiceContext,
    pumpfun: PumpfunClient,
    downloads: ClipDownloads,
    captures: Captures,
    media: Media,
    secrets: Secrets,
) -> Parts:
    """All of it."""
    watcher = build_watcher(context, pumpfun)
    second_clock = SecondClock(pumpfun, context.store if context.is_node else None)
    clips = build_clip_parts(context, pumpfun, second_clock, downloads, captures, media)
    commands = _build_commands(context, watcher, pumpfun, clips)
    wants_page = context.settings.local.enabled
    has_part = context.may(Role.LOCAL) or context.may(Role.ALERTS)
    local = _build_local(context, commands, clips.sources) if wants_page and has_part else None
    chats = build_chats(context, commands, secrets)
    platforms = [each.sender for each in (local, *chats) if each is not None]
    senders = [sender for sender in platforms if sender is not None]
    return Parts(
        pumpfun,
        watcher,
        build_whole_stream_finder(context, pumpfun, watcher),
        clips,
        second_clock,
        ReplyTokenRetention(context.store, context.clock),
        _build_retention(context, second_clock),
        commands,
        _build_delivery_service(context, senders, pumpfun, clips),
        local,
        chats,
    )


def _build_commands(
    context: ServiceContext, watcher: Watcher, pumpfun: PumpfunClient, clips: ClipParts
) -> CommandService:
    return CommandService(
        store=context.store,
        watch=watcher,
        pumpfun=pumpfun,
        lookback=clips.sources,
        clips=clips.retention,
        files=context.files,
        clock=context.clock,
        notifier=context.notifier,
        limits=_limits(context.settings),
        version=__version__,
        worker_id=context.worker_id,
        is_node=context.is_node,
    )


def _build_delivery_service(
    context: ServiceContext, senders: list[Sender], pumpfun: PumpfunClient, clips: ClipParts
) -> DeliveryService:
    return DeliveryService(
        store=context.store,
        senders={sender.name: sender for sender in senders},
        files=context.files,
        pumpfun=pumpfun,
        live=clips.live_pictures,
        clock=context.clock,
        notifier=context.notifier,
        health=context.health,
        metrics=context.metrics,
        leadership=context.leadership,
        worker_id=context.worker_id,
        read_clip=load_result,
        shrink=clips.shrinker.shrink,
        clip_seconds=context.settings.clips.default_seconds,
    )


def _build_retention(context: ServiceContext, second_clock: SecondClock) -> Retention:
    return Retention(
        store=context.store,
        clock=context.clock,
        metrics=context.metrics,
        site_time=second_clock.now,
        keep=timedelta(days=context.settings.storage.keep_days),
    )


def _build_local(context: ServiceContext, commands: Commands, lookback: Lookback) -> LocalPlatform:
    return LocalPlatform(
        store=context.store,
        files=context.files,
        clock=context.clock,
        notifier=context.notifier,
        commands=commands,
        lookback=lookback,
        health=context.health,
    )


def _limits(settings: Settings) -> Limits:
    clips = settings.clips
    return Limits(
        default_seconds=clips.default_seconds,
        max_seconds=clips.max_seconds,
        per_place_cooldown_seconds=clips.per_place_cooldown_seconds,
        per_person_cooldown_seconds=clips.per_person_cooldown_seconds,
        poll_seconds=settings.pumpfun.poll_seconds,
        keep_hours=clips.keep_hours,
        concurrent=clips.concurrent,
        most_in_place=settings.subscriptions.per_place,
    )
