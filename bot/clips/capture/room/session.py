"""One LiveKit room, from join to leave: subscribes to what `selection` chooses, and follows it.

One picture is shown at a time, and all sounds are heard. One that is muted stays subscribed, so
that it is there again at once, but is not read.

Facts that shape this (livekit 1.2.1 against LiveKit 1.13.5):

* `auto_subscribe=False`, and every change of what is published leads to the same `_reconcile`:
  objects are new after a full reconnect, so participants are found by identity each time.
* A subscription asked for while the room reconnects is lost without a word: all are asked for
  again on `reconnected`, and whatever does not answer within `ASK_AGAIN` seconds once more.
* The highest simulcast layer, but where it is too large: lower ones have fewer frames (19 and 13 a
  second of 30).
* What a room sends is data: whatever fails with one event or one track is contained there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Protocol

from livekit import rtc

from bot.clips.capture.error_boundary import ErrorBoundary
from bot.clips.capture.liveness import Presence
from bot.clips.capture.room.feed import Feed
from bot.clips.capture.room.join import join
from bot.clips.capture.room.publications import (
    ask_layer,
    is_picture,
    publications_in,
    published_of,
    subscribe,
)
from bot.clips.capture.room.selection import Choice, Published, choose, format_fault
from bot.clips.capture.room.track_faults import Reopenings, TrackFaults
from bot.clips.encoding.canvas import LARGE_PIXELS, MOST_PIXELS, Size, layer_for
from bot.clips.encoding.scaler import RawFrame
from bot.kit.tasks import Tasks
from bot.model import CaptureEnd, VideoFault

ASK_AGAIN = 3.0
SILENT_SECONDS = 3.0
"""How long a picture in a format that we cannot decode may take to come in another: a publisher may
have a second one ready for viewers like us."""

LAYER_SECONDS = 2.0
"""How long a lower layer may take to come."""

MUTED_SECONDS = 3.0
"""How long a muted sound is still read, for whoever mutes between two sentences."""

_LEAVE_SECONDS = 2.0
_FINAL = {
    rtc.DisconnectReason.DUPLICATE_IDENTITY: CaptureEnd.REPLACED,
    rtc.DisconnectReason.PARTICIPANT_REMOVED: CaptureEnd.REMOVED,
    rtc.DisconnectReason.ROOM_DELETED: CaptureEnd.ROOM_CLOSED,
    rtc.DisconnectReason.ROOM_CLOSED: CaptureEnd.ROOM_CLOSED,
}
_OF_TRACKS = "track_published", "track_unpublished", "track_muted", "track_unmuted"
_OF_PARTICIPANTS = (
    "participant_connected", "participant_disconnected", "participant_metadata_changed",
)  # fmt: skip


class Sink(Protocol):
    """Who is told what happens in the room. Calls come from the event loop and return at once."""

    def picture(self, frame: RawFrame, timestamp: int, announced: Size) -> None: ...
    def sound_comes(self, name: str) -> None: ...
    def sound(self, name: str, data: Any, samples: int) -> None: ...
    def sound_goes(self, name: str) -> None: ...
    def network(self, connected: bool) -> None: ...


class Session:
    """Made for one `join`; after `leave`, or once `ended` is set, make a new one.

    `ended` resolves to why the server let us go for good, or None where another join may help.
    """

    def __init__(self, sink: Sink) -> None:
        self.ended: asyncio.Future[CaptureEnd | None] = asyncio.get_running_loop().create_future()
        self._sink = sink
        self._room = rtc.Room()
        self._contained = ErrorBoundary()
        self._asked: dict[str, float] = {}
        self._first_asked: dict[str, float] = {}
        self._faults = TrackFaults()
        self._layers: dict[str, tuple[int, float]] = {}
        self._reopenings = Reopenings()
        self._feeds: dict[str, Feed] = {}
        self._muted_since: dict[str, float] = {}
        self._shown: Feed | None = None
        self._choice = Choice()
        self._identity: str | None = None
        self._closing = Tasks()
        self._listen()

    async def join(self, url: str, token: str) -> None:
        """Enter the room by this entrance. Raises JoinFailed, within a few seconds."""
        await join(self._room, url, token)
        self._reconcile()

    async def leave(self) -> None:
        """Close every feed and the connection; bounded in time."""
        for sid in list(self._feeds):
            self._close(sid)
        try:
            with self._contained("leaving"), contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE_SECONDS):
                    await self._closing.ended()
                    await self._room.disconnect()
        finally:
            await self._closing.stop()

    @property
    def presence(self) -> Presence:
        """Who and what is there, as the server told us last."""
        picture, sounds = self._choice.picture, self._choice.sounds
        return Presence(
            publisher=self._choice.publisher,
            picture=picture is not None,
            picture_muted=picture is not None and picture.muted,
            sound=bool(sounds),
            sound_muted=bool(sounds) and all(sound.muted for sound in sounds),
            sounds_left_out=self._choice.left_out,
            fault=picture.fault if picture is not None else None,
        )

    @property
    def video(self) -> Feed | None:
        """The feed whose pictures are shown."""
        return self._shown

    @property
    def audio(self) -> Feed | None:
        """Of the sounds that are heard, the one that the picture is to be in step with: that of
        whoever is shown, else the most important one."""
        whose = self._shown.published.identity if self._shown is not None else None
        feeds = (self._feeds.get(sound.sid) for sound in self._choice.sounds)
        heard = [feed for feed in feeds if feed is not None and feed.frames]
        return min(heard, key=lambda feed: feed.published.identity != whose, default=None)

    @property
    def pictures(self) -> list[Feed]:
        """All feeds of pictures, the one that waits to be shown among them."""
        return [feed for feed in self._feeds.values() if feed.published.source.is_picture]

    def ask_again(self) -> None:
        """Repeat what was asked for and did not come. Call it now and then."""
        now = _now()
        for sid, asked in list(self._asked.items()):
            if sid not in self._feeds and now - asked > ASK_AGAIN:
                del self._asked[sid]
        for publication, _ in publications_in(self._room):
            with self._contained("a look at a silent track"):
                self._judge_silence(publication, now)
        self._reconcile()

    def refuse(self, sid: str, fault: VideoFault) -> None:
        """Take no more of this track for a while; another picture takes its place, if there is
        one."""
        self._faults.hold(sid, fault, _now())
        self._first_asked.pop(sid, None)
        asked = self._asked.pop(sid, None)
        self._close(sid)
        for publication, _ in publications_in(self._room):
            if publication.sid == sid and asked is not None:
                publication.set_subscribed(False)
        self._reconcile()

    def _listen(self) -> None:
        for change in _OF_TRACKS:
            self._on(change, lambda *_: self._reconcile())
        for change in _OF_PARTICIPANTS:
            self._on(change, lambda participant, *_: self._reconcile_with(participant))
        self._on("track_subscribed", self._open)
        self._on("track_unsubscribed", lambda _, publication, __: self._close(publication.sid))
        self._on("track_subscription_failed", self._subscription_failed)
        self._on("participant_permissions_changed", lambda *_: self._forgive())
        self._on("reconnecting", lambda: self._sink.network(False))
        self._on("reconnected", self._back)
        self._on("disconnected", self._finish)

    def _on(self, event: Any, handle: Callable[..., None]) -> None:
        self._room.on(event, self._contained.handler(event, handle))

    def _reconcile_with(self, participant: Any) -> None:
        """Whoever has no track changes nothing: of thousands of viewers somebody comes and goes all
        the time, and a look goes over all of them (2.6 ms of 5,000, measured 2026-12-01). One who
        goes still has the tracks that the SDK has not told to be gone before."""
        if participant.track_publications:
            self._reconcile()

    def _subscription_failed(self, _: Any, sid: str, __: Any) -> None:
        self.refuse(sid, VideoFault.NOT_RECEIVED)

    def _forgive(self) -> None:
        """What was not given to us before may be now."""
        self._faults.forgive(VideoFault.NOT_RECEIVED)
        self._reconcile()

    def _judge_silence(self, publication: Any, now: float) -> None:
        sid, fault = publication.sid, format_fault(publication.mime_type)
        if fault is None or not is_picture(publication) or self._faults.of(sid, now):
            return
        feed, asked = self._feeds.get(sid), self._first_asked.get(sid, now)
        if now - asked > SILENT_SECONDS and (feed is None or feed.frames == 0):
            self.refuse(sid, fault)

    def _back(self) -> None:
        self._asked.clear()
        self._first_asked.clear()
        self._sink.network(True)
        self._forgive()

    def _finish(self, reason: Any) -> None:
        if not self.ended.done():
            self.ended.set_result(_FINAL.get(reason))

    def _published(self) -> list[Published]:
        published = []
        denied = None if self._may_subscribe() else VideoFault.NOT_RECEIVED
        for publication, participant in publications_in(self._room):
            with self._contained("a look at a track"):
                fault = self._faults.of(publication.sid, _now()) or denied
                published.append(published_of(publication, participant, fault))
        return published

    def _may_subscribe(self) -> bool:
        """Whether the server lets us receive at all; it says so to nobody who asks for a track."""
        with self._contained("a look at our permissions"):
            return bool(self._room.local_participant.permissions.can_subscribe)
        return True

    def _reconcile(self) -> None:
        """Subscribe to what is chosen now, and to nothing that has been replaced."""
        published = self._published()
        for sid in self._feeds.keys() - {p.sid for p in published}:
            self._close(sid)  # the SDK says nothing of tracks whose participant has gone before
        self._choice = choose(published, self._identity, self._feeds.keys())
        wanted = self._choice.sids
        keep = wanted | ({self._shown.published.sid} if self._shown is not None else set())
        for publication, _ in publications_in(self._room):
            with self._contained("a subscription"):
                self._follow(publication, wanted, keep)
        self._listen_to_sounds()

    def _follow(self, publication: Any, wanted: set[str], keep: set[str]) -> None:
        sid = publication.sid
        if sid in wanted and sid not in self._asked:
            self._asked[sid] = _now()
            self._first_asked.setdefault(sid, self._asked[sid])
            subscribe(publication)
        elif sid not in keep and self._asked.pop(sid, None) is not None:
            publication.set_subscribed(False)

    def _open(self, track: Any, publication: Any, participant: Any) -> None:
        published = published_of(publication, participant, None)
        if published.sid in self._feeds:
            self._close(published.sid)
        on_frame = self._on_picture if published.source.is_picture else self._on_sound
        feed = Feed(track, published, on_frame, self._contained)
        feed.on_end = lambda: self._ended(feed, track, publication, participant)
        self._feeds[published.sid] = feed
        if published.source.is_picture:
            feed.open()
        else:
            self._listen_to_sounds()

    def _listen_to_sounds(self) -> None:
        """Read the sounds that are on, and no longer those that have been muted for a while."""
        now, heard = _now(), self._choice.heard
        for sid, feed in self._feeds.items():
            if feed.published.source.is_picture:
                continue
            if sid in heard:
                self._muted_since.pop(sid, None)
                if not feed.is_open:
                    self._sink.sound_comes(sid)
                    feed.open()
            elif feed.is_open and now - self._muted_since.setdefault(sid, now) > MUTED_SECONDS:
                self._stop_reading(feed)

    def _stop_reading(self, feed: Feed) -> None:
        if feed.is_open and not feed.published.source.is_picture:
            self._sink.sound_goes(feed.published.sid)
        self._closing.start(feed.close(), "feed-close")

    def _ended(self, feed: Feed, track: Any, publication: Any, participant: Any) -> None:
        """A feed of which nothing more comes, though nobody closed it: open it anew."""
        if self._is_closed(feed):
            return
        sid = feed.published.sid
        with self._contained("the reopening of a track"):
            if self._reopenings.is_one_more_allowed(sid, _now()):
                self._open(track, publication, participant)
            else:
                self.refuse(sid, VideoFault.NOT_RECEIVED)

    def _close(self, sid: str) -> None:
        feed = self._feeds.pop(sid, None)
        self._asked.pop(sid, None)
        if feed is None:
            return
        self._muted_since.pop(sid, None)
        if feed is self._shown:
            self._shown = None
        self._stop_reading(feed)

    def _is_too_large(self, feed: Feed, size: Size) -> bool:
        """Whether a picture cannot be taken. Where one is large, a lower layer is asked for."""
        if size.pixels <= LARGE_PIXELS:
            return False
        sid, now = feed.published.sid, _now()
        layer, asked = self._layers.setdefault(sid, (layer_for(feed.published.size), now))
        if now - asked < LAYER_SECONDS and layer:
            return size.pixels > MOST_PIXELS
        self._layers[sid] = (layer + 1, now)
        publication = next((p for p, _ in publications_in(self._room) if p.sid == sid), None)
        is_asked = publication is not None and ask_layer(publication, layer + 1)
        if not is_asked and size.pixels > MOST_PIXELS:
            self.refuse(sid, VideoFault.TOO_LARGE)
        return size.pixels > MOST_PIXELS

    def _is_closed(self, feed: Feed) -> bool:
        """Frames that were under way still come of it. Taken, they would make it the one that is
        shown, which nobody would end any more."""
        return self._feeds.get(feed.published.sid) is not feed or not feed.is_open

    def _on_picture(self, feed: Feed, frame: RawFrame, timestamp: int) -> None:
        if self._is_closed(feed) or self._is_too_large(feed, frame.size):
            return
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
        if not self._is_closed(feed):
            self._sink.sound(feed.published.sid, data, samples)


def _now() -> float:
    return asyncio.get_running_loop().time()
