"""What one look at pump.fun says, as values, and for whom it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class MintFault(StrEnum):
    """Why a text is no mint. Each has its own sentence in `bot.texts`."""

    EMPTY = "empty"
    NOT_BASE58 = "not-base58"
    WRONG_LENGTH = "wrong-length"
    EVM = "evm"
    FOREIGN_HOST = "foreign-host"
    WALLET_LINK = "wallet-link"
    NO_MINT_IN_LINK = "no-mint-in-link"


class Reason(StrEnum):
    """Why pump.fun could not be asked. `bot.pumpfun.failures` maps answers to these."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105
    FORBIDDEN = "forbidden"
    ROUTE_GONE = "route-gone"
    NOT_FOUND = "not-found"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    UNEXPECTED_STATUS = "unexpected-status"
    NOT_JSON = "not-json"
    EMPTY = "empty"
    WRONG_SHAPE = "wrong-shape"
    TOO_LARGE = "too-large"
    NOT_ALLOWED = "not-allowed"
    NOT_A_PICTURE = "not-a-picture"
    NOT_A_VIDEO = "not-a-video"


class RecordingFault(StrEnum):
    """What is wrong with a playlist or a segment. The words are in `bot.texts.health`."""

    NOT_A_PLAYLIST = "not-a-playlist"
    PLAYLIST_TOO_LARGE = "playlist-too-large"
    LINE_TOO_LONG = "line-too-long"
    TOO_MANY_ENTRIES = "too-many-entries"
    NESTED = "nested"
    BAD_LENGTH = "bad-length"
    BAD_NUMBER = "bad-number"
    BAD_TIME = "bad-time"
    BAD_TIMES = "bad-times"
    ENCRYPTED = "encrypted"
    FRAGMENTED_MP4 = "fragmented-mp4"
    BYTE_RANGES = "byte-ranges"
    UNKNOWN_FEATURE = "unknown-feature"
    FOREIGN = "foreign"
    TOO_MANY_SEGMENTS = "too-many-segments"
    SEGMENT_TOO_LARGE = "segment-too-large"
    TOO_MANY_BYTES = "too-many-bytes"
    NOT_A_SEGMENT = "not-a-segment"
    BROKEN_SEGMENT = "broken-segment"


@dataclass(frozen=True, slots=True)
class CoinMarks:
    """What pump.fun's moderators say of a coin; what is not known counts as not said.

    `nsfw`: not for everybody's eyes. `is_banned`: the coin itself is. `streams_banned_until`: when
    its streams may be shown again, which may be over.
    """

    nsfw: bool = False
    is_banned: bool = False
    streams_banned_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coin:
    """What a mint names. Every text in it is chosen by whoever made the coin: an attacker's."""

    mint: str
    symbol: str = ""
    name: str = ""
    image: str | None = None
    creator: str | None = None
    marks: CoinMarks = CoinMarks()
    unsaid: frozenset[str] = field(default=frozenset(), compare=False)
    """The marks, by name, of which its record says neither yes nor no."""

    def marks_after(self, known: CoinMarks) -> CoinMarks:
        """Its marks, where they were `known` before: what its record does not say stays so."""
        return replace(self.marks, **{mark: getattr(known, mark) for mark in self.unsaid})


@dataclass(frozen=True, slots=True)
class WatchFindings:
    """What whoever watches knows of the site beside the rows. `live`: the coins on its list of live
    ones, as last read, the most watched first; `rotation_seconds`: how long a coin that the list
    leaves out may stay unseen."""

    live: tuple[Coin, ...]
    rotation_seconds: float


@dataclass(frozen=True, slots=True)
class StreamSnapshot:
    """What pump.fun shows of a broadcast at one moment.

    `site_id` is the site's id; a creator who reconnects gets a new one. `viewers` counts the
    participants of the room, ourselves included. `thumbnail` is a URL, `playlist` one of HLS.
    """

    mint: str
    site_id: int
    started_at: datetime | None = None
    title: str = ""
    viewers: int | None = None
    thumbnail: str | None = None
    thumbnail_updated_at: datetime | None = None
    playlist: str | None = None
    creator: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """On air: the site says so and shows media (a thumbnail or a playlist)."""

    stream: StreamSnapshot
    kind: str = field(default="live", init=False)


@dataclass(frozen=True, slots=True)
class Starting:
    """The creator's ingress is connected; the site shows no media of it (yet)."""

    stream: StreamSnapshot
    kind: str = field(default="starting", init=False)


@dataclass(frozen=True, slots=True)
class Offline:
    """The site says that nothing is streamed."""

    kind: str = field(default="offline", init=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """We could not find out. It changes nothing of what is known."""

    reason: Reason
    status: int | None = None
    retry_after: float | None = None
    kind: str = field(default="unknown", init=False)


Observation = Live | Starting | Offline | Unknown


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row of the roster of live coins."""

    coin: Coin
    observation: Live | Starting | None
    """None where the row itself says nothing about a broadcast that can be used."""
    viewers: int | None = None
    title: str = ""


class SiteClipKind(StrEnum):
    """What the site's own clips are: a whole stream, or a short part that a viewer chose."""

    COMPLETE = "COMPLETE"
    HIGHLIGHT = "HIGHLIGHT"


@dataclass(frozen=True, slots=True)
class SiteClip:
    """A clip that pump.fun itself has of a coin's streams: a highlight, or a whole stream.

    `stream_id` is the site's id of the stream that it shows, where its name tells. `video` is
    the URL of an MP4, which a highlight has; `playlist` one of HLS, which a whole stream has;
    `thumbnail` one of a picture. `bytes` is how large the MP4 is said to be.
    """

    id: str
    kind: SiteClipKind
    begins_at: datetime
    seconds: float
    stream_id: int | None = None
    video: str | None = None
    playlist: str | None = None
    thumbnail: str | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class JoinToken:
    """The right to join a LiveKit room as a viewer. Ask for a new one before each join.

    `secret` never shows in `repr`; hand it only to the capture process, by stdin.
    """

    secret: str = field(repr=False)
    room: str
    expires_at: datetime | None
    role: str


@dataclass(frozen=True, slots=True)
class Region:
    """One entrance to LiveKit: a `ws://` or `wss://` URL, and how far it is (in no stated unit)."""

    name: str
    url: str
    distance: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """An image made safe: decoded, bounded and encoded anew by us. `data` is JPEG."""

    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Still:
    """A picture of a stream, and the instant that it shows, as far as that is known."""

    picture: Picture
    shows_at: datetime


@dataclass(frozen=True, slots=True)
class MovingPicture:
    """A few seconds of a stream without their sound, from the instant `shows_at` on. `data` is an
    MP4 of ours, `seconds` long, its sides in pixels."""

    data: bytes = field(repr=False)
    seconds: float
    width: int
    height: int
    shows_at: datetime


class AskerKind(StrEnum):
    """Each kind is sure of a share of every budget."""

    POLL = "poll"
    """The watcher: nobody waits for the answer, and it will ask again."""
    ALERT = "alert"
    """What belongs to an alert: its picture."""
    SERVICE = "service"
    """What was accepted before: a clip's way into its room."""
    PERSON = "person"
    """Somebody waits for the answer to a command."""
    LATER = "later"
    """What nobody waits for, and what can as well be asked in an hour."""


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom pump.fun is asked: whoever shares its budget with others.

    `name` tells persons apart, over all their places.
    """

    kind: AskerKind
    name: str = ""


POLLER = Asker(AskerKind.POLL)
ALERTS = Asker(AskerKind.ALERT)
SERVICE = Asker(AskerKind.SERVICE)
LATER = Asker(AskerKind.LATER)
