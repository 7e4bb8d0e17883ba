"""What the SDK tells of a room, and what is looked at because of it. Nothing is connected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from livekit import rtc

from bot.clips.capture.room import session as module
from bot.clips.capture.room.publications import publications_in
from bot.clips.capture.room.session import Session


@dataclass
class Publication:
    """A camera, as the SDK tells of it."""

    sid: str = "TR_camera"
    kind: Any = rtc.TrackKind.KIND_VIDEO
    source: Any = rtc.TrackSource.SOURCE_CAMERA
    mime_type: str = "video/h264"
    muted: bool = False
    simulcasted: bool = False
    width: int = 1280
    height: int = 720
    subscribed: list[bool] = field(default_factory=list)

    def set_subscribed(self, is_wanted: bool) -> None:
        self.subscribed.append(is_wanted)


@dataclass
class Participant:
    """Somebody in the room: a viewer has no publications."""

    identity: str = "somebody"
    metadata: str = ""
    track_publications: dict[str, Publication] = field(default_factory=dict)


class Room:
    """A session whose room the test fills. `looks`: how often all who are there were looked at."""

    def __init__(self) -> None:
        self.session = Session(cast("Any", None))  # nothing comes that it could be told of
        self.looks = 0

    @property
    def there(self) -> dict[str, Any]:
        return self.session._room._remote_participants

    def tell(self, event: Any, participant: Participant, *others: object) -> None:
        """As the SDK does: who comes is there already, and who goes no more."""
        if event == "participant_disconnected":
            del self.there[participant.identity]
        else:
            self.there[participant.identity] = participant
        self.session._room.emit(event, participant, *others)


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    room = Room()

    def counted(of: Any) -> Iterator[tuple[Any, Any]]:
        room.looks += 1
        return publications_in(of)

    monkeypatch.setattr(module, "publications_in", counted)
    return room


async def test_viewers_who_come_and_go_are_no_reason_to_look_at_all(room: Room) -> None:
    viewer = Participant()
    room.tell("participant_connected", viewer)
    room.tell("participant_metadata_changed", viewer, "", "{}")
    room.tell("participant_disconnected", viewer)
    assert room.looks == 0


async def test_whoever_publishes_is_followed_wherever_they_go(room: Room) -> None:
    camera = Publication()
    publisher = Participant(track_publications={camera.sid: camera})
    room.tell("participant_connected", publisher)
    assert room.session.presence.publisher
    assert camera.subscribed == [True]
    before = room.looks
    room.tell("participant_metadata_changed", publisher, "", "{}")
    assert room.looks > before
    room.tell("participant_disconnected", publisher)
    assert not room.session.presence.publisher
