"""A client whose network is a function of the test's, and retries that do not pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import stamina

from bot.kit.pictures.decoder import Decoder
from bot.pumpfun import PumpfunClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _retries_without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def client_for() -> Callable[..., PumpfunClient]:
    """Builds a client; its network is `handler`, or the real one without."""

    def build(handler: Any = None, **changes: Any) -> PumpfunClient:
        settings: dict[str, Any] = {
            "livestream_url": "https://livestream-api.pump.fun",
            "frontend_url": "https://frontend-api-v3.pump.fun",
            "livekit_url": "wss://pump-prod-tg2x8veh.livekit.cloud",
            "decoder": Decoder(),
            "media_hosts": ["clips.pump.fun", "thumbnails.pump.fun"],
            "requests_per_second": 1000.0,
            "transport": httpx.MockTransport(handler) if handler else None,
        }
        return PumpfunClient(**(settings | changes))

    return build
