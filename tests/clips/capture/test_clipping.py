"""Where a clip ends, on a recording that is told what came and how much of it is encoded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.clips.capture.clipping import Clipping
from bot.clips.capture.session import Presence
from bot.clips.capture.timeline import SECOND
from bot.model import CaptureEnd


@dataclass
class Encoded:
    """A recording of which `lag` microseconds are not encoded yet; each look takes 50 ms."""

    lag: int
    at: int = SECOND
    catches_up: bool = True
    error: str | None = None
    disconnected_since: int | None = None

    @property
    def now(self) -> int:
        return self.at

    @property
    def last_picture(self) -> int:
        return self.at

    @property
    def covered(self) -> int:
        self.at += SECOND // 20
        if self.catches_up:
            self.lag -= SECOND // 10
        return max(0, self.at - max(0, self.lag))

    def covers(self, time: int) -> bool:
        return False


async def stopped(recording: Encoded) -> tuple[int, CaptureEnd | None]:
    """Where a clip of 20 s ends that is stopped after its first second."""
    presence = cast(Presence, SimpleNamespace(publisher="al", picture=True, picture_muted=False))
    ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    stay = cast(Any, SimpleNamespace(presence=presence, ended=ended))
    clipping = Clipping(cast(Any, recording), stay, lambda *_: None)
    clipping.stop()
    window = await clipping._ending(0, 20 * SECOND)
    return window.end, window.early


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.clips.capture.clipping._POLL", 0)


async def test_who_stops_gets_what_a_busy_machine_had_still_to_encode() -> None:
    end, early = await stopped(Encoded(lag=SECOND))
    assert early is CaptureEnd.STOPPED
    assert end >= SECOND // 2


async def test_who_stops_in_time_waits_for_nothing() -> None:
    recording = Encoded(lag=0)
    assert await stopped(recording) == (recording.at, CaptureEnd.STOPPED)
    assert recording.at <= SECOND + 2 * SECOND // 20


async def test_an_encoder_that_stands_still_is_not_waited_for_long() -> None:
    recording = Encoded(lag=1 << 40, catches_up=False)
    assert await stopped(recording) == (0, CaptureEnd.STOPPED)
    assert recording.at < 4 * SECOND
