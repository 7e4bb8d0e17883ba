"""A demo that runs: a world, the service in it, and three coins."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.page_client import Page
from bot.demo.ports import free_port
from bot.demo.recording.options import RecordingOptions
from bot.demo.service import Service
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.errors import ChildError
from bot.kit.tasks import background, first_to_end

PACE = {
    "MINTCAST_PUMPFUN__POLL_SECONDS": "1",
    "MINTCAST_PUMPFUN__START_GRACE_SECONDS": "10",
    "MINTCAST_PUMPFUN__END_GRACE_SECONDS": "6",
    "MINTCAST_CLIPS__PER_PLACE_COOLDOWN_SECONDS": "1",
    "MINTCAST_CLIPS__PER_PERSON_COOLDOWN_SECONDS": "1",
    "MINTCAST_CLIPS__MIN_FREE_GIGABYTES": "0.2",
}
"""Nobody who looks at a demo waits five minutes for an end."""

_COMPLETE_AFTER = 10.0
"""The site has a clip of a whole stream so long after its end: before anybody looks for it."""

SMALL: dict[str, Any] = {"width": 960, "height": 540, "fps": 20}
"""What the coins beside the main one publish, since three at 720p30 would leave nothing for clips,
and what is published where nobody watches."""


@dataclass(frozen=True, slots=True)
class DemoCoins:
    """The main coin, one whose creator's connection comes and goes, and one who ends early."""

    main: DemoCoin
    flapping: DemoCoin
    ending: DemoCoin


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """All of it, running."""

    world: World
    service: Service
    page: Page
    coins: DemoCoins

    async def go_on_air(self, coin: DemoCoin, title: str) -> Broadcaster:
        """Put a coin on air, the main one larger than the others."""
        options = {} if coin is self.coins.main else SMALL
        return await self.world.broadcast(coin, title=title, **options)


@contextlib.asynccontextmanager
async def open_demo(
    folder: Path,
    port: int,
    on_line: Callable[[str], None],
    more: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[RunningDemo]:
    """The world and the service in it; the page answers once this is open.

    `port` 0: any. `more` is added to the service's environment. Raises ChildError, PageError.
    """
    port = port or free_port()
    # A recording takes no process and no processor time until somebody asks for a part of it.
    async with World(recordings=RecordingOptions(complete_after=_COMPLETE_AFTER)) as world:
        environment = {**world.environment, **PACE, "MINTCAST_HTTP__PORT": str(port), **more}
        async with (
            Service(folder, environment, on_line) as service,
            Page(f"http://127.0.0.1:{port}") as page,
        ):
            await _reach(page, service)
            yield RunningDemo(world, service, page, add_coins(world))


def add_coins(world: World) -> DemoCoins:
    """Three coins, all off air."""
    return DemoCoins(
        main=world.add_coin("MINTY", "Minty the coin"),
        flapping=world.add_coin("FLAP", "Wobbly line"),
        ending=world.add_coin("NAP", "Sleeping coin"),
    )


async def _reach(page: Page, service: Service) -> None:
    """Wait for the page; a service that ends meanwhile says why."""
    async with (
        background(page.reachable(), "reach-page") as reaching,
        background(service.wait(), "service-end") as ending,
    ):
        await first_to_end(reaching, ending)
        if ending.done():
            raise ChildError(f"Mintcast stopped: {service.last_line}")
        await reaching
