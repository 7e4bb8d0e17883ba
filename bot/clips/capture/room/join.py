"""Entering a LiveKit room, and why it did not let us in.

Facts that shape this (livekit 1.2.1 against LiveKit 1.13.5): a silent host blocks `connect` for
32 s, so each try is bounded from outside; `ConnectError` carries the token, so nothing of its text
leaves this file but a status number.
"""

from __future__ import annotations

import asyncio
import re

from livekit import rtc

CONNECT_SECONDS = 6.0


class JoinFailed(Exception):
    """This entrance did not let us in. `status` is the HTTP status, if it gave one.

    `abandoned`: it was silent, and the SDK, which cannot be told to stop, goes on trying.
    """

    def __init__(self, status: int | None, *, abandoned: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.abandoned = abandoned

    @property
    def refused(self) -> bool:
        """Whether it was the token that was not accepted."""
        return self.status in (401, 403)


async def join(room: rtc.Room, url: str, token: str) -> None:
    """Connect, and subscribe to nothing yet. Raises JoinFailed within `CONNECT_SECONDS`."""
    options = rtc.RoomOptions(auto_subscribe=False, dynacast=False, connect_timeout=2.0)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await room.connect(url, token, options)
    except TimeoutError:
        raise JoinFailed(None, abandoned=True) from None
    except rtc.ConnectError as error:
        raise _failure_of(error) from None


def _failure_of(error: rtc.ConnectError) -> JoinFailed:
    status = re.search(r"(?:client|server) error: (\d{3})\b", error.message)
    return JoinFailed(int(status[1]) if status else None)
