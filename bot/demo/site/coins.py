"""A coin whose livestream follows a script: go live, flap, rotate its media, change title, end."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.demo.livekit.tokens import DAY, TokenFault
from bot.demo.recording.recorder import Recorder

WALLET = "3WaTBYsTsD5gc1poQMR4pUMbeqmJn55C5aSHWbimi86i"
"""A base58 text of 32 bytes: a wallet has the same shape as a mint."""

OPTIONAL = frozenset({"title", "thumbnail", "thumbnailUpdatedAt", "numParticipants"})
"""Fields that live rows were seen without (samples of 2025-10-11 and 2025-11-20)."""

STILL = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhb"
    "WGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAJABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAA"
    "AAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAQX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEA"
    "PwCYATH/2Q=="
)
"""A JPEG of 16x9 pixels, for a broadcast that shows media and was given no picture."""


@dataclass(slots=True)
class Media:
    """One media directory, `<streamId>_<YYYYMMDD>_<HHMMSS>` (measured 2026-08-26)."""

    stream_id: int
    opened_at: datetime
    thumbnail: bytes
    updated_at: datetime

    @property
    def stamp(self) -> str:
        return self.opened_at.astimezone(UTC).strftime("%Y%m%d_%H%M%S")

    @property
    def folder(self) -> str:
        return f"{self.stream_id}_{self.stamp}"


@dataclass(slots=True)
class Broadcast:
    """One stream of the site; a creator who reconnects gets a new id."""

    stream_id: int
    started_at: datetime
    title: str
    viewers: int
    mode: str


@dataclass(slots=True)
class Highlight:
    """A clip that a viewer cut on the site."""

    directory: str
    begins_at: datetime
    seconds: float


@dataclass(slots=True)
class DemoCoin:
    """What the site knows of one coin, and the script's hands on it. Made by `Site.add_coin`."""

    mint: str
    symbol: str
    name: str
    clock: Callable[[], datetime] = field(repr=False)
    next_id: Callable[[], int] = field(repr=False)
    image: bytes | str | None = field(default=None, repr=False)
    """JPEG bytes that the site serves; or a URI shown as it stands: creator-controlled text."""
    creator: str = WALLET
    nsfw: bool = False
    is_banned: bool = False
    streams_banned_until: datetime | None = None
    """Set by the site's moderators, as the two before."""
    hidden_from_roster: bool = False
    """It is ranked and personalised, not a census (inferred, samples 2025-10 to 2026-09)."""
    creator_as_object: bool = False
    """Some payloads give the creator as `{address}` instead of a wallet text."""
    token_ttl: float = DAY
    """Seconds; 24 h by arithmetic on a sample of 2025-11-20."""
    token_fault: TokenFault | None = None
    forgotten: set[str] = field(default_factory=set)
    broadcast: Broadcast | None = None
    media: Media | None = field(default=None, repr=False)
    highlights: list[Highlight] = field(default_factory=list)
    recorder: Recorder | None = field(default=None, repr=False)
    """What its media directories hold; None: they are named, and nothing is in them."""

    @property
    def is_live(self) -> bool:
        """The ingress is connected. Says nothing about media (measured 2026-08-27)."""
        return self.broadcast is not None

    @property
    def room(self) -> str:
        """The LiveKit room of the current broadcast, as its tokens name it (seen 2025-11)."""
        return f"livestream:{self.mint}:{self._current().stream_id}"

    def go_live(
        self,
        title: str = "",
        viewers: int = 1,
        media: bool = True,
        *,
        thumbnail: bytes | None = None,
        mode: str = "view-only",
        stream_id: int | None = None,
    ) -> Broadcast:
        """Connect the ingress; with `media`, show a thumbnail and playlists at once.

        `stream_id` names an earlier id that comes back: whether an id survives a short
        reconnect is not known, so both can be told.
        """
        identity = self.next_id() if stream_id is None else stream_id
        if not media or (self.media and self.media.stream_id != identity):
            self.media = None
        self.broadcast = Broadcast(identity, self.clock(), title, viewers, mode)
        if self.media and self.recorder and not self.recorder.is_open:
            self.rotate_media(thumbnail)  # what was recorded has ended, and is not gone on with
        elif media:
            self.show_media(thumbnail)
        return self.broadcast

    def show_media(self, thumbnail: bytes | None = None) -> None:
        """The thumbnail appears, or is refreshed under the same URL (constant since 2026-08)."""
        picture = thumbnail or (self.image if isinstance(self.image, bytes) else STILL)
        now = self.clock()
        if self.media is None:
            self.media = Media(self._current().stream_id, now, picture, now)
        else:
            self.media.thumbnail, self.media.updated_at = picture, now
        self._record()

    def rotate_media(self, thumbnail: bytes | None = None) -> None:
        """A new directory in mid-broadcast; the retired one is gone (seen twice, 2026-08)."""
        old, now = self.media, self.clock()
        if old is None:
            self.show_media(thumbnail)
            return
        opened = max(now, old.opened_at + timedelta(seconds=1))  # its name tells whole seconds
        picture = thumbnail or old.thumbnail
        self.media = Media(self._current().stream_id, opened, picture, now)
        self._record()

    def record(self, recorder: Recorder, *, past: float = 0.0) -> None:
        """From now on its directories are filled; the current one since `past` seconds ago."""
        self.recorder = recorder
        self._record(past)

    def drop(self) -> None:
        """The creator's connection is lost: off air, the pictures still served."""
        self._current()
        self.broadcast = None
        if self.recorder:
            self.recorder.close()

    def flap(self, *, same_id: bool = False) -> Broadcast:
        """Off and at once on again: all as it was, but for the id unless `same_id`."""
        was, media = self._current(), self.media
        self.drop()
        return self.go_live(
            was.title,
            was.viewers,
            media is not None,
            thumbnail=media.thumbnail if media else None,
            mode=was.mode,
            stream_id=was.stream_id if same_id else None,
        )

    def end(self) -> None:
        """Off air, and the media gone: its retention after the end is unproven."""
        self.drop()
        self.media = None

    def retitle(self, title: str) -> None:
        self._current().title = title

    def watch(self, viewers: int) -> None:
        """Set the number of participants that the site shows as viewers."""
        self._current().viewers = viewers

    def forget(self, *fields: str) -> None:
        """Leave optional fields out of every row, named as in `/livestream`; none given: all."""
        unknown = set(fields) - OPTIONAL
        if unknown:
            raise ValueError(f"not optional: {', '.join(sorted(unknown))}")
        self.forgotten |= set(fields) or OPTIONAL

    def remember(self) -> None:
        """Undo `forget`."""
        self.forgotten.clear()

    def add_highlight(self, seconds: float = 12.0) -> Highlight:
        """A viewer cut the last seconds of the current broadcast."""
        now, stream = self.clock(), self._current()
        media = self.media or Media(stream.stream_id, stream.started_at, STILL, now)
        self.highlights.append(Highlight(media.folder, now - timedelta(seconds=seconds), seconds))
        return self.highlights[-1]

    def recorded(self) -> float:
        """Seconds of the current directory that can be cut out of by now; 0: there is none."""
        directory = self.recorder.directories[-1] if self.recorder and self.media else None
        if directory is None or directory.name != (self.media.folder if self.media else None):
            return 0.0
        return max(0.0, (self.clock() - directory.began_at).total_seconds())

    def _record(self, past: float = 0.0) -> None:
        """Fill the current directory, unless that is done already."""
        if self.recorder and self.media and not self.recorder.fills(self.media.folder):
            opened = self.media.opened_at
            past = max(past, (self.clock() - opened).total_seconds())
            self.recorder.open(self.media.stream_id, self.media.stamp, opened, past=past)

    def _current(self) -> Broadcast:
        if self.broadcast is None:
            raise RuntimeError(f"{self.symbol} is off air")
        return self.broadcast
