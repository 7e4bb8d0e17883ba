"""A connection that is followed by nobody any more is over, and not silent for ever."""

from __future__ import annotations

import asyncio

import pytest

from bot.clips.capture.liveness import Presence
from bot.clips.capture.protocol import RoomAccess
from bot.clips.capture.room import room_connection
from bot.clips.capture.room.room_connection import RoomConnection
from bot.kit.tasks import BrokenOffError, Tasks
from tests.fakes.clock import until

ACCESS = RoomAccess(("ws://room.example",), "token")


class Room:
    """A session of a room that lets everybody in, and goes at once; `leaving` is raised then."""

    presence = Presence()
    leaving: BaseException | None = None

    def __init__(self, _: object) -> None:
        self.ended = asyncio.get_running_loop().create_future()

    async def join(self, url: str, token: str) -> None:
        self.ended.set_result(None)

    async def leave(self) -> None:
        if self.leaving is not None:
            raise self.leaving


class Sink:
    """Hears nothing but whether there is a network."""

    def network(self, connected: bool) -> None:
        """Nobody looks."""


@pytest.mark.parametrize(
    ("leaving", "told"),
    [(ValueError("a defect"), ValueError), (asyncio.CancelledError(), BrokenOffError)],
    ids=["a defect", "cancelled by the SDK"],
)
async def test_what_ends_whoever_follows_the_room_is_told_to_the_process(
    leaving: BaseException, told: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Room, "leaving", leaving)
    monkeypatch.setattr(room_connection, "Session", Room)
    failed: list[BaseException] = []
    tasks = Tasks(on_failure=lambda _, error: failed.append(error))

    async def ask_access() -> RoomAccess | None:
        return ACCESS

    connection = RoomConnection(Sink(), ask_access, lambda *_, **__: None, tasks)  # type: ignore[arg-type]
    await connection.enter(ACCESS)
    await until(lambda: bool(failed))
    assert [type(error) for error in failed] == [told]
