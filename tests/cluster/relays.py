"""Nodes that tell one another what they notify, each by a clock that stands still: so what one
hears was told, and is not the look that comes every five seconds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from bot.cluster import Relay
from bot.kit.health import Health, Part
from bot.kit.notifier import Notifier
from bot.store import Store
from tests.fakes.clock import FakeClock
from tests.patience import PATIENCE

_WAKER = 1
"""Of a relay's two tasks, the one that always sleeps."""


@dataclass
class RelayingNode:
    """`part` tells of its link."""

    name: str
    clock: FakeClock = field(default_factory=FakeClock)
    notifier: Notifier = field(default_factory=Notifier)

    def __post_init__(self) -> None:
        self.part: Part = Health(self.clock).part("notifications")

    @property
    def is_linked(self) -> bool:
        return self.part.ok and self.part.age is not None

    @property
    def is_waiting(self) -> bool:
        """For its clock, and not for its server."""
        return self.clock.sleeping > _WAKER

    async def passes(self, condition: Callable[[], bool], step: float = 0.5) -> None:
        """Time passes here until that is so: none while the relay waits for its server, which
        needs longer to answer on a busy machine."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                if self.is_waiting:
                    await self.clock.advance(step)
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def relaying(store: Store, name: str) -> AsyncIterator[RelayingNode]:
    """It need not be linked yet."""
    node = RelayingNode(name)
    async with Relay(
        store=store,
        clock=node.clock,
        notifier=node.notifier,
        worker_id=name,
        part=node.part,
    ):
        yield node


@contextlib.asynccontextmanager
async def linked(store: Store, name: str) -> AsyncIterator[RelayingNode]:
    """It is, and nothing is under way."""
    async with relaying(store, name) as node:
        await node.passes(lambda: node.is_linked, step=0.0)
        yield node
