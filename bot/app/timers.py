"""What is done again and again: by every node, and by the one of a cluster whose turn it is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial

from bot import texts
from bot.app.context import ServiceContext
from bot.app.parts import Parts
from bot.config import Role
from bot.kit.health import Health
from bot.kit.leadership import is_handed_over
from bot.kit.timing.schedule import Schedule
from bot.watch import Watcher, late_after

_TIDY_SECONDS = 300.0
_PROBE_SECONDS = 5.0
_REFRESH_SECONDS = 60.0
_RETAIN_SECONDS = 15.0
_WHOLE_STREAM_SECONDS = 10.0
_RECOVER_SECONDS = 1.0
_GONE_SECONDS = 86_400.0
"""So long it is told of a node that it is gone."""
_SITE = "pump.fun"
_WATCHED = ("watcher", "whole streams", _SITE, "pump.fun board")
_TIDIED = ("retention", "clip retention")
_LATE = 3
"""A timer that has missed so many of its turns is late."""
_RECOVER_LATE_SECONDS, _WHOLE_STREAM_LATE_SECONDS = 60.0, 900.0
"""The first may wait for the database; the other for pump.fun, where all others go first."""


@contextlib.asynccontextmanager
async def timers_of(context: ServiceContext, parts: Parts) -> AsyncIterator[None]:
    """Those of every node."""
    _expect(context.health, "database", _LATE * _PROBE_SECONDS, vital=True)
    _expect(context.health, "updates", _LATE * _REFRESH_SECONDS)
    _expect(context.health, "tidying", _LATE * _TIDY_SECONDS)
    async with Schedule(context.health) as schedule:
        schedule.every(_PROBE_SECONDS, "database", context.store.probe)
        schedule.every(_REFRESH_SECONDS, "updates", parts.delivery_service.refresh)
        schedule.every(_TIDY_SECONDS, "tidying", parts.clips.retention.tidy)
        if context.is_node:
            recover = partial(_recover, context, parts)
            _expect(context.health, "clip recovery", _RECOVER_LATE_SECONDS)
            schedule.every(_RECOVER_SECONDS, "clip recovery", recover)
        yield


async def watch(context: ServiceContext, parts: Parts) -> None:
    """Until cancelled: who is live, and what the site keeps of what is over."""
    poll = context.settings.pumpfun.poll_seconds
    with _standing_by_then(context, _WATCHED), _resting_then(parts.watcher):
        _expect(context.health, "watcher", late_after(poll), vital=True)
        _expect(context.health, "whole streams", _WHOLE_STREAM_LATE_SECONDS)
        async with Schedule(context.health) as schedule:
            schedule.every(poll, "watcher", parts.watcher.tick, jitter=0.1 * poll)
            schedule.every(_WHOLE_STREAM_SECONDS, "whole streams", parts.whole_stream_finder.look)
            await asyncio.get_running_loop().create_future()


async def tidy(context: ServiceContext, parts: Parts) -> None:
    """Until cancelled: what nobody needs any more goes, of the database and of what all have."""
    clips = parts.clips.retention
    with _standing_by_then(context, _TIDIED):
        _expect(context.health, "retention", _LATE * _RETAIN_SECONDS)
        if clips.is_for_all:
            _expect(context.health, "clip retention", _LATE * _TIDY_SECONDS)
        async with Schedule(context.health) as schedule:
            schedule.every(_RETAIN_SECONDS, "retention", partial(_retain, parts))
            if clips.is_for_all:
                schedule.every(
                    _TIDY_SECONDS, "clip retention", partial(_tidy_for_all, context, parts)
                )
            await asyncio.get_running_loop().create_future()


def stand_by(context: ServiceContext) -> None:
    """What of this a node may do, another one may be doing: that is said until it is ours."""
    names = (*_TIDIED, *(_WATCHED if context.may(Role.WATCH) else ()))
    for name in names if context.is_node else ():
        context.health.part(name).rest(texts.health.STANDBY)


async def _retain(parts: Parts) -> None:
    """What can no longer be undone, how interactions could be answered that are over, and old
    rows."""
    await parts.second_clock.look()
    await parts.commands.sweep_undos()
    await parts.reply_tokens.run()
    await parts.retention.run()


def _expect(health: Health, name: str, within: float, *, vital: bool = False) -> None:
    """How old the last success of what a timer runs may become. What is left undone by those that
    are not vital costs no alert."""
    health.part(name, vital=vital).expect(within, texts.health.silent(name))


@contextlib.contextmanager
def _standing_by_then(context: ServiceContext, names: Iterable[str]) -> Iterator[None]:
    """Within it they are ours to do; then it is another node's turn."""
    parts = [context.health.part(name) for name in names if context.is_node]
    for part in parts:
        part.rest(texts.health.TAKING_OVER)
    try:
        yield
    finally:
        why = texts.health.standby(_SITE, handed_over=is_handed_over())
        for part in parts:
            part.rest(why)


@contextlib.contextmanager
def _resting_then(watcher: Watcher) -> Iterator[None]:
    try:
        yield
    finally:
        watcher.rest()


async def _tidy_for_all(context: ServiceContext, parts: Parts) -> None:
    """What nodes left that are gone, and clips that have had their time."""
    if context.is_node:
        async with context.store.write() as unit:
            await unit.nodes.forget_gone(_GONE_SECONDS)
            await unit.captures.forget_gone(_GONE_SECONDS)
    await parts.second_clock.look()
    await parts.clips.retention.tidy_for_all()


async def _recover(context: ServiceContext, parts: Parts) -> None:
    """What another node was recording, or showed of it, that is gone."""
    if context.may(Role.CLIPS):
        await parts.clips.service.recover_lost()
    await parts.commands.resume_cards(
        parts.delivery_service.sender, is_node=True, by_term=context.leadership.is_steady
    )
