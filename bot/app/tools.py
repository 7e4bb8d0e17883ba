"""What one question or one clip takes, without the service."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import stamina

from bot.clips import Recorder
from bot.config import Settings
from bot.kit.log import set_up_log
from bot.pumpfun import PumpfunClient


@dataclass(frozen=True, slots=True)
class Tools:
    """What one question or one clip takes."""

    pumpfun: PumpfunClient
    recorder: Recorder


@contextlib.asynccontextmanager
async def open_tools(settings: Settings) -> AsyncIterator[Tools]:
    """For a command that does one thing and ends: no spare worker is kept, little is logged."""
    set_up_log("debug" if settings.log.level == "debug" else "warning", settings.log.format)
    async with (
        build_pumpfun(settings) as pumpfun,
        Recorder(pumpfun, keep_spare=False) as recorder,
    ):
        yield Tools(pumpfun=pumpfun, recorder=recorder)


def build_pumpfun(settings: Settings) -> PumpfunClient:
    """The client for the addresses and the budget of the settings."""
    # By default every retry is printed or logged; ours are logged at the edge.
    stamina.instrumentation.set_on_retry_hooks([])
    return PumpfunClient(
        livestream_url=settings.pumpfun.livestream_url,
        frontend_url=settings.pumpfun.frontend_url,
        livekit_url=settings.pumpfun.livekit_url,
        regions_url=settings.pumpfun.regions_url,
        media_hosts=settings.pumpfun.media_hosts,
        requests_per_second=settings.pumpfun.requests_per_second,
        timeout=5.0,
    )
