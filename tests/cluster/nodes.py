"""Nodes of a cluster in the tests' own process: each with a store and a keeper of its leases."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.app.chats import running_chats
from bot.app.isolated_chat import Chat, IsolatedChat
from bot.cluster import LeaseKeeper
from bot.cluster.hand_overs import REST_SECONDS, UNREACHED_SECONDS
from bot.kit.health import Health, Part
from bot.kit.leadership import HeldLease, current_lease
from bot.kit.notifier import Notifier
from bot.kit.tasks import background
from bot.kit.timing.clock import Clock, SystemClock
from bot.store import Access, NodeReport, Store
from tests.commands.harness import CommandHarness
from tests.patience import PATIENCE

TERM = 3.0
"""Seconds: the shortest that the settings allow."""


@dataclass
class Node:
    """`leads` is set while its work runs."""

    name: str
    store: Store
    keeper: LeaseKeeper
    leads: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[HeldLease] = field(default_factory=list)

    @property
    def epochs(self) -> list[int]:
        return [one.lease.epoch for one in self.held]

    async def work(self) -> None:
        held = current_lease()
        assert held is not None
        self.held.append(held)
        self.leads.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.leads.clear()
            self.ended.set()

    @contextlib.asynccontextmanager
    async def leading(self) -> AsyncIterator[asyncio.Task[None]]:
        async with background(self.keeper.lead("watch", self.work), f"{self.name}-leads") as task:
            yield task


def lease_keeper(
    store: Store,
    name: str,
    role: str,
    health: Health,
    notifier: Notifier | None,
    clock: Clock | None = None,
    *,
    unreached_seconds: float = UNREACHED_SECONDS,
    rest_seconds: float = REST_SECONDS,
) -> LeaseKeeper:
    """Of a node of that name and role. `notifier` is shared by nodes that hear of each other at
    once."""
    return LeaseKeeper(
        store=store,
        clock=clock or SystemClock(),
        notifier=notifier or Notifier(),
        report=lambda: NodeReport(name, name, "1.0", (role,)),
        seconds=TERM,
        part=health.part("cluster"),
        unreached_seconds=unreached_seconds,
        rest_seconds=rest_seconds,
    )


@contextlib.asynccontextmanager
async def node(
    path: Path,
    name: str,
    notifier: Notifier | None = None,
    clock: Clock | None = None,
    kind: type[Store] = Store,
) -> AsyncIterator[Node]:
    async with kind(path, access=Access.ANY, patience=30) as store:
        keeper = lease_keeper(store, name, "watch", Health(SystemClock()), notifier, clock)
        async with keeper:
            yield Node(name, store, keeper)


@contextlib.asynccontextmanager
async def connecting(
    name: str,
    chat: Chat,
    part: Part,
    keeper: LeaseKeeper,
    commands: CommandHarness,
    *,
    connects: bool = True,
) -> AsyncIterator[IsolatedChat]:
    """Meanwhile that chat is connected wherever it is this node's to be, as the service has it."""
    async with keeper:
        isolated = IsolatedChat(
            name, lambda: chat, part, SystemClock(), keeper, connects=connects, is_shared=True
        )
        async with running_chats((isolated,), asyncio.Event(), lambda _: None):
            yield isolated
            await isolated.close_dispatcher()
        await commands.service.stop()


async def until_set(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


async def first_of(*nodes: Node) -> Node:
    waits = {asyncio.create_task(one.leads.wait()): one for one in nodes}
    done, left = await asyncio.wait(waits, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return waits[done.pop()]
