"""One LiveKit room, from join to leave: subscribes to what `selection` chooses, and follows it.

Facts that shape this (livekit 1.2.1 against LiveKit 1.13.5):

* `auto_subscribe=False`, and every change leads to the same `_reconcile`: objects are new after a
  full reconnect, so participants are found by identity each time.
* A subscription asked for while the room reconnects is lost without a word: all are asked for
  again on `reconnected`, and whatever does not answer within `ASK_AGAIN` seconds once more.
* The highest simulcast layer only: lower ones have fewer frames (19 and 13 a second of 30).
* A silent host blocks `connect` for 32 s: each try is bounded from outside.
* `ConnectError` carries the token: nothing of its text leaves `_failure_of`, but a status number.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any, Protocol

from livekit import rtc

from bot.clips.capture.canvas import Size
from bot.clips.capture.feed import Feed
from bot.clips.capture.scaler import RawFrame
from bot.clips.capture.selection import Choice, Published, Source, choose
from bot.model import CaptureEnd

CONNECT_SECONDS = 6.0
ASK_AGAIN = 3.0
_LEAVE_SECONDS = 2.0
_SOURCES = {
    rtc.TrackSource.SOURCE_CAMERA: Source.CAMERA,
    rtc.TrackSource.SOURCE_SCREENSHARE: Source.SCREEN,
    rtc.TrackSource.SOURCE_MICROPHONE: Source.MICROPHONE,
    rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO: Source.SCREEN_SOUND,
}
_FINAL = {
    rtc.DisconnectReason.DUPLICATE_IDENTITY: CaptureEnd.REPLACED,
    rtc.DisconnectReason.PARTICIPANT_REMOVED: CaptureEnd.REMOVED,
    rtc.DisconnectReason.ROOM_DELETED: CaptureEnd.ROOM_CLOSED,
    rtc.DisconnectReason.ROOM_CLOSED: CaptureEnd.ROOM_CLOSED,
}
_CHANGES = (
    "participant_connected", "track_published", "track_unpublished", "track_muted", "track_unmuted",
    "participant_disconnected",
)  # fmt: skip


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


class Sink(Protocol):
    """Who is told what happens in the room. Calls come from the event loop and return at once."""

    def picture(self, frame: RawFrame, timestamp: int, announced: Size) -> None: ...
    def sound(self, data: Any, samples: int) -> None: ...
    def sound_changed(self) -> None: ...
    def network(self, connected: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Presence:
    """Who and what is in the room now."""

    publisher: bool = False
    picture: bool = False
    picture_muted: bool = False
    sound: bool = False
    sound_muted: bool = False


class Session:
    """Made for one `join`; after `leave`, or once `ended` is set, make a new one.

    `ended` resolves to why the server ended our stay, or None where another join may help.
    """

    def __init__(self, sink: Sink) -> None:
        self.ended: asyncio.Future[CaptureEnd | None] = asyncio.get_running_loop().create_future()
        self._sink = sink
        self._room = rtc.Room()
        self._asked: dict[str, float] = {}
        self._feeds: dict[str, Feed] = {}
        self._shown: Feed | None = None
        self._heard: Feed | None = None
        self._choice = Choice()
        self._identity: str | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._listen()

    async def join(self, url: str, token: str) -> None:
        """Enter the room by this entrance. Raises JoinFailed within `CONNECT_SECONDS`."""
        options = rtc.RoomOptions(auto_subscribe=False, dynacast=False, connect_timeout=2.0)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._room.connect(url, token, options)
        except TimeoutError:
            raise JoinFailed(None, abandoned=True) from None
        except rtc.ConnectError as error:
            raise _failure_of(error) from None
        self._reconcile()

    async def leave(self) -> None:
        """Close every feed and the connection; bounded in time."""
        for sid in list(self._feeds):
            self._close(sid)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await asyncio.gather(*self._closing, return_exceptions=True)
                await self._room.disconnect()

    @property
    def presence(self) -> Presence:
        """Who and what is there, as the server told us last."""
        picture, sound = self._choice.picture, self._choice.sound
        return Presence(
            publisher=picture is not None or sound is not None,
            picture=picture is not None,
            picture_muted=picture is not None and picture.muted,
            sound=sound is not None,
            sound_muted=sound is not None and sound.muted,
        )

    @property
    def video(self) -> Feed | None:
        """The feed whose pictures are shown."""
        return self._shown

    @property
    def audio(self) -> Feed | None:
        """The feed whose sound is heard."""
        return self._heard

    def ask_again(self) -> None:
        """Repeat what was asked for and did not come. Call it now and then."""
        now = asyncio.get_running_loop().time()
        for sid, asked in list(self._asked.items()):
            if sid not in self._feeds and now - asked > ASK_AGAIN:
                del self._asked[sid]
        self._reconcile()

    def _listen(self) -> None:
        on: Any = self._room.on
        for change in _CHANGES:
            on(change, lambda *_: self._reconcile())
        on("track_subscribed", lambda track, publication, who: self._open(track, publication, who))
        on("track_unsubscribed", lambda _, publication, __: self._close(publication.sid))
        on("reconnecting", lambda: self._sink.network(False))
        on("reconnected", self._back)
        on("disconnected", self._finish)

    def _back(self) -> None:
        self._asked.clear()
        self._sink.network(True)
        self._reconcile()

    def _finish(self, reason: Any) -> None:
        if not self.ended.done():
            self.ended.set_result(_FINAL.get(reason))

    def _published(self) -> list[Published]:
        return [
            _published(publication, participant)
            for participant in self._room.remote_participants.values()
            for publication in participant.track_publications.values()
        ]

    def _reconcile(self) -> None:
        """Subscribe to what is chosen now, and to nothing that has been replaced."""
        published = self._published()
        for sid in self._feeds.keys() - {p.sid for p in published}:
            self._close(sid)  # the SDK says nothing of tracks whose participant has gone before
        self._choice = choose(published, self._identity)
        wanted = {p.sid for p in (self._choice.picture, self._choice.sound) if p is not None}
        keep = wanted | {feed.published.sid for feed in (self._shown, self._heard) if feed}
        now = asyncio.get_running_loop().time()
        for participant in self._room.remote_participants.values():
            for sid, publication in participant.track_publications.items():
                if sid in wanted and sid not in self._asked:
                    self._asked[sid] = now
                    _subscribe(publication)
                elif sid not in keep and self._asked.pop(sid, None) is not None:
                    publication.set_subscribed(False)

    def _open(self, track: Any, publication: Any, participant: Any) -> None:
        published = _published(publication, participant)
        if published.sid in self._feeds:
            self._close(published.sid)
        on_frame = self._on_picture if published.source.is_picture else self._on_sound
        self._feeds[published.sid] = Feed(track, published, on_frame)

    def _close(self, sid: str) -> None:
        feed = self._feeds.pop(sid, None)
        self._asked.pop(sid, None)
        if feed is None:
            return
        if feed is self._shown:
            self._shown = None
        if feed is self._heard:
            self._heard = None
        task = asyncio.create_task(feed.close(), name="feed-close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _on_picture(self, feed: Feed, frame: RawFrame, timestamp: int) -> None:
        # Make before break: the old picture is shown until the chosen one has its first frame.
        if feed is not self._shown:
            picture = self._choice.picture
            if self._shown is not None and (picture is None or picture.sid != feed.published.sid):
                return
            self._shown, replaced = feed, self._shown
            self._identity = feed.published.identity
            if replaced is not None:
                self._reconcile()
        self._sink.picture(frame, timestamp, feed.published.size)

    def _on_sound(self, feed: Feed, data: Any, samples: int) -> None:
        if feed is not self._heard:
            sound = self._choice.sound
            if self._heard is not None and (sound is None or sound.sid != feed.published.sid):
                return
            self._heard, replaced = feed, self._heard
            self._sink.sound_changed()
            if replaced is not None:
                self._reconcile()
        self._sink.sound(data, samples)


def _subscribe(publication: Any) -> None:
    publication.set_subscribed(True)
    if publication.kind == rtc.TrackKind.KIND_VIDEO and publication.simulcasted:
        publication.set_video_quality(rtc.VideoQuality.VIDEO_QUALITY_HIGH)


def _published(publication: Any, participant: Any) -> Published:
    is_video = publication.kind == rtc.TrackKind.KIND_VIDEO
    other = Source.OTHER_PICTURE if is_video else Source.OTHER_SOUND
    source = _SOURCES.get(publication.source, other)
    return Published(
        identity=participant.identity,
        sid=publication.sid,
        source=source if source.is_picture == is_video else other,
        muted=publication.muted,
        size=Size(publication.width, publication.height),
        host=_is_host(participant.metadata),
    )


def _is_host(metadata: str) -> bool:
    try:
        claims = json.loads(metadata or "{}")
    except ValueError:
        return False
    return isinstance(claims, dict) and claims.get("role") == "host"


def _failure_of(error: rtc.ConnectError) -> JoinFailed:
    status = re.search(r"(?:client|server) error: (\d{3})\b", error.message)
    return JoinFailed(int(status[1]) if status else None)
