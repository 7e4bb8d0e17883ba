"""What is done again and again: by every node, and by the one of a cluster whose turn it is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from functools import partial

from bot import texts
from bot.app.context import ServiceContext
from bot.app.parts import Parts
from bot.config import Role
from bot.kit.health import Health
from bot.kit.timing.schedule import Schedule

_TIDY_SECONDS = 300.0
_PROBE_SECONDS = 5.0
_REFRESH_SECONDS = 60.0
_RETAIN_SECONDS = 15.0
_WHOLE_STREAM_SECONDS = 10.0
_RECOVER_SECONDS = 2.0
_LATE = 3
"""A timer that has missed so many of its turns is late."""
_LATE_POLLS, _LATE_SECONDS = 4, 20.0
"""The watcher is late after so many polls, but no sooner: a tick may wait for a slow answer."""


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
        if context.is_node and context.may(Role.CLIPS):
            recover = parts.clips.service.recover_lost
            schedule.every(_RECOVER_SECONDS, "clip recovery", recover)
        if context.is_node:
            sender_of = parts.delivery_service.sender
            resume = partial(parts.commands.resume_cards, sender_of, is_node=True)
            schedule.every(_RECOVER_SECONDS, "clip cards", resume)
        yield


async def watch(context: ServiceContext, parts: Parts) -> None:
    """Until cancelled: who is live, and what the site keeps of what is over."""
    poll = context.settings.pumpfun.poll_seconds
    with _expected(context.health, "watcher", max(_LATE_POLLS * poll, _LATE_SECONDS), vital=True):
        async with Schedule(context.health) as schedule:
            schedule.every(poll, "watcher", parts.watcher.tick, jitter=0.1 * poll)
            schedule.every(_WHOLE_STREAM_SECONDS, "whole streams", parts.whole_stream_finder.look)
            await asyncio.get_running_loop().create_future()


async def tidy(context: ServiceContext, parts: Parts) -> None:
    """Until cancelled: what nobody needs any more goes, of the database and of what all have."""
    clips = parts.clips.retention
    with contextlib.ExitStack() as stack:
        stack.enter_context(_expected(context.health, "retention", _LATE * _RETAIN_SECONDS))
        if clips.is_for_all:
            late = _LATE * _TIDY_SECONDS
            stack.enter_context(_expected(context.health, "clip retention", late))
        async with Schedule(context.health) as schedule:
            schedule.every(_RETAIN_SECONDS, "retention", partial(_retain, parts))
            if clips.is_for_all:
                schedule.every(_TIDY_SECONDS, "clip retention", clips.tidy_for_all)
            await asyncio.get_running_loop().create_future()


async def _retain(parts: Parts) -> None:
    """What can no longer be undone, how interactions could be answered that are over, and old
    rows."""
    await parts.commands.sweep_undos()
    await parts.reply_tokens.run()
    await parts.retention.run()


def _expect(health: Health, name: str, within: float, *, vital: bool = False) -> None:
    """How old the last success of what a timer runs may become. What is left undone by those that
    are not vital costs no alert."""
    health.part(name, vital=vital).expect(within, texts.health.silent(name))


@contextlib.contextmanager
def _expected(health: Health, name: str, within: float, *, vital: bool = False) -> Iterator[None]:
    """The same for as long as it is ours to do."""
    _expect(health, name, within, vital=vital)
    try:
        yield
    finally:
        health.part(name).rest(texts.health.STANDBY)
