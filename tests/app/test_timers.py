"""What a timer runs and hangs is found out by its age, whatever it is."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.app.timers import timers_of, watch
from bot.kit.health import Health
from bot.kit.leadership import HeldLease, Lease, note_reach, under
from bot.kit.tasks import background
from tests.fakes.clock import FakeClock, settle

HOUR = 3600.0


def everything(clock: FakeClock, free: asyncio.Event, *, is_node: bool) -> tuple[Any, Any]:
    """A service whose every timer runs what hangs until it is `free`."""

    async def hangs() -> None:
        await free.wait()

    context = SimpleNamespace(
        health=Health(clock),
        is_node=is_node,
        settings=SimpleNamespace(pumpfun=SimpleNamespace(poll_seconds=2.0)),
        store=SimpleNamespace(probe=hangs),
        leadership=SimpleNamespace(is_steady=True),
        may=lambda _: True,
    )
    parts = SimpleNamespace(
        commands=SimpleNamespace(resume_cards=lambda *_, is_node, by_term: hangs()),
        watcher=SimpleNamespace(tick=hangs, rest=lambda: None),
        whole_stream_finder=SimpleNamespace(look=hangs),
        delivery_service=SimpleNamespace(refresh=hangs, sender=None),
        clips=SimpleNamespace(
            retention=SimpleNamespace(tidy=hangs),
            service=SimpleNamespace(recover_lost=lambda *, by_term: hangs()),
        ),
    )
    return context, parts


@pytest.mark.parametrize("is_node", [False, True])
async def test_whatever_hangs_in_a_timer_is_told(*, is_node: bool) -> None:
    clock, free = FakeClock(), asyncio.Event()
    context, parts = everything(clock, free, is_node=is_node)
    async with background(watch(context, parts), "watch"), timers_of(context, parts):
        await settle()
        names = {part.name for part in context.health.parts()}
        await clock.advance(HOUR)
        bad = {part.name for part in context.health.parts() if not part.ok}
        free.set()
    assert {"watcher", "whole streams", "database", "updates", "tidying"} <= names
    assert bad == names - {"pump.fun", "pump.fun board"}  # who tells of these is not here


async def test_a_watcher_that_reaches_nobody_says_so_when_another_node_gets_it() -> None:
    """What its timer runs is done by the lease, too."""
    clock, ticked = FakeClock(), asyncio.Event()
    context, parts = everything(clock, asyncio.Event(), is_node=True)
    held = HeldLease(Lease("watch", "us", 1), float("inf"), clock)

    async def fails() -> None:
        for _ in range(3):
            note_reach(answered=False)
            await clock.sleep(20.0)
        ticked.set()

    parts.watcher.tick = fails
    with under(held):
        async with background(watch(context, parts), "watch"):
            while not ticked.is_set():
                await asyncio.sleep(0.05)  # the timer's own time is real
                await clock.advance(20)
            assert held.reach.failing_for == 40.0
            held.is_handed_over = True
    says = {part.detail for part in context.health.parts()}
    assert says == {"pump.fun couldn't be reached from here, so it's left to another node"}
