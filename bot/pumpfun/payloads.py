"""From the bodies of pump.fun's answers to values.

Shapes as observed between 2025-09-17 and 2026-10-08; most fields are optional, and all of
them are somebody else's. A field that cannot be used is dropped; an answer whose sense cannot
be told is an `Unknown`, or a `PumpfunError` where there is no such value. Nothing else is raised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import jwt

from bot.errors import PumpfunError
from bot.kit.untrusted import parse_json
from bot.model import (
    Coin,
    CoinMarks,
    JoinToken,
    Live,
    Observation,
    Offline,
    Reason,
    RosterRow,
    Starting,
    StreamSnapshot,
    Unknown,
)
from bot.pumpfun import json_fields

_MEDIA_DIRECTORY = re.compile(
    r"/(?P<mint>[1-9A-HJ-NP-Za-km-z]{32,44})/(?P<id>[0-9]{1,18})_(?P<stamp>[0-9]{8}_[0-9]{6})/[^/]+"
)
_OLD_THUMBNAIL = re.compile(r"/(?P<id>[0-9]{1,18})/[0-9]{10,16}\.jpe?g")
_COMPACT_JWT = re.compile(r"[\w-]{1,2000}\.[\w-]{1,8000}\.[\w-]{0,2000}", re.ASCII)
_MOST_VIEWERS = 10**9
_MOST_ROWS = 2000
"""Of one page of the roster, whatever was asked for: as many as its bytes could hold would take
more than a second in which nothing else is done. The next page goes on behind them."""

_Object = dict[str, object]


def decode(body: bytes) -> object:
    """The JSON value in `body`. Raises `PumpfunError`: EMPTY or NOT_JSON."""
    if not body.strip():
        raise PumpfunError(Reason.EMPTY)
    try:
        # One NaN in a price does not cost us the page.
        return parse_json(body)
    except ValueError:
        pass
    # Outside of the handler, so that the parser's error, which holds the body, is not chained.
    raise PumpfunError(Reason.NOT_JSON)


def observation(mint: str, body: bytes) -> Observation:
    """What `GET /livestream` said of `mint`.

    An empty body is how the site says offline (measured 2026-08-27).
    """
    if not body.strip():
        return Offline()
    try:
        return observed(mint, decode(body))
    except PumpfunError as error:
        return Unknown(error.reason)


def observed(mint: str, value: object) -> Observation:
    """The same for a decoded value. Live needs media: `isLive` alone is only an ingress."""
    if not isinstance(value, dict) or value.get("mintId") != mint:
        return Unknown(Reason.WRONG_SHAPE)
    if value.get("isLive") is False:
        return Offline()
    stream = _stream(mint, value)
    if value.get("isLive") is not True or stream is None:
        return Unknown(Reason.WRONG_SHAPE)
    return Live(stream) if stream.thumbnail or stream.playlist else Starting(stream)


def _stream(mint: str, value: _Object) -> StreamSnapshot | None:
    site_id = json_fields.whole(value.get("id"))
    if site_id is None:
        return None
    thumbnail = json_fields.web_url(value.get("thumbnail"))
    return StreamSnapshot(
        mint=mint,
        site_id=site_id,
        started_at=json_fields.instant(value.get("streamStartTimestamp")),
        title=json_fields.text(value.get("title")),
        viewers=json_fields.whole(value.get("numParticipants"), _MOST_VIEWERS),
        thumbnail=thumbnail,
        thumbnail_updated_at=json_fields.instant(value.get("thumbnailUpdatedAt")),
        playlist=playlist_beside(thumbnail, mint),
        creator=json_fields.address(value.get("creatorAddress")),
        mode=json_fields.text(value.get("mode"), 40) or None,
    )


def playlist_beside(medium: str | None, mint: str) -> str | None:
    """The HLS master playlist in the directory of a thumbnail (measured 2026-08-26) or of one
    quality's playlist, if it is one.

    `/<mint>/<id>_<stamp>/thumb.jpg` has `master_playlist_<stamp>.m3u8` beside it. Older
    thumbnails lie elsewhere, without a playlist.
    """
    if medium is None:
        return None
    url = urlsplit(medium)
    match = _MEDIA_DIRECTORY.fullmatch(url.path)
    if match is None or match["mint"] != mint:
        return None
    directory = f"{mint}/{match['id']}_{match['stamp']}"
    return f"{url.scheme}://{url.netloc}/{directory}/master_playlist_{match['stamp']}.m3u8"


def coin(mint: str, value: object) -> Coin | None:
    """What `GET /coins-v3/{mint}` said; None for its `null`, no coin (measured 2026-09-12).

    Raises `PumpfunError` (WRONG_SHAPE), also if it told of another coin.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("mint") != mint:
        raise PumpfunError(Reason.WRONG_SHAPE, detail="not the coin that was asked for")
    return _coin(mint, value)


def _coin(mint: str, value: _Object) -> Coin:
    marks = _marks(value)
    return Coin(
        mint=mint,
        symbol=json_fields.text(value.get("symbol"), 40),
        name=json_fields.text(value.get("name"), 100),
        image=json_fields.web_url(value.get("image_uri")),
        creator=json_fields.address(value.get("creator")),
        marks=marks,
        unsaid=_unsaid(value, marks),
    )


_MARKS = {
    "nsfw": "nsfw",
    "is_banned": "is_banned",
    "streams_banned_until": "livestream_ban_expiry",
}
"""What they are called in a record."""


def _marks(value: _Object) -> CoinMarks:
    """Every sample had an expiry of 0, no ban; that it is in milliseconds, as the record's other
    times, is our assumption."""
    return CoinMarks(
        nsfw=value.get(_MARKS["nsfw"]) is True,
        is_banned=value.get(_MARKS["is_banned"]) is True,
        streams_banned_until=json_fields.instant(value.get(_MARKS["streams_banned_until"])),
    )


def _unsaid(value: _Object, marks: CoinMarks) -> frozenset[str]:
    """Those that are neither there nor denied."""
    absent = (mark for mark in _MARKS if not getattr(marks, mark))
    return frozenset(mark for mark in absent if not _is_no(value.get(_MARKS[mark])))


def _is_no(value: object) -> bool:
    return value is False or json_fields.whole(value) == 0


@dataclass(frozen=True, slots=True)
class RosterPage:
    """One page of the roster. `received` counts all its rows, for the offset of the next."""

    received: int
    keys: frozenset[str]
    """Whatever stood in `mint`, also in rows that are no use to us (coins of other chains)."""
    rows: tuple[RosterRow, ...]


def roster_page(value: object) -> RosterPage:
    """One page of `GET /coins/currently-live`. Raises `PumpfunError` (WRONG_SHAPE)."""
    if not isinstance(value, list):
        raise PumpfunError(Reason.WRONG_SHAPE, detail="the board is no list")
    value = value[:_MOST_ROWS]
    objects = [row for row in value if isinstance(row, dict)]
    keys = frozenset(key for row in objects if isinstance(key := row.get("mint"), str))
    if value and not keys:
        raise PumpfunError(Reason.WRONG_SHAPE, detail="no row of the board names a coin")
    rows = tuple(row for value in objects if (row := _roster_row(value)) is not None)
    return RosterPage(len(value), keys, rows)


def _roster_row(value: _Object) -> RosterRow | None:
    mint = json_fields.address(value.get("mint"))
    if mint is None:
        return None
    return RosterRow(
        coin=_coin(mint, value),
        observation=_row_observation(mint, value),
        viewers=json_fields.whole(value.get("num_participants"), _MOST_VIEWERS),
        title=json_fields.text(value.get("livestream_title")),
    )


def _row_observation(mint: str, value: _Object) -> Live | None:
    """Live, if the row says so and names the stream. It never says offline or starting.

    A row has no id of its own: the media's directory does. It has no start either: the stamp
    of that directory is not one, because the site changes directories mid-broadcast. Its playlist
    may be one of a single quality, which is gone once the stream is over: the master is taken.
    """
    if value.get("is_currently_live") is not True or value.get("playlist_status") == "ENDED":
        return None
    thumbnail = json_fields.web_url(value.get("thumbnail"))
    playlist = json_fields.web_url(value.get("playlist_url"))
    site_id = _id_in(thumbnail, mint) or _id_in(playlist, mint)
    if site_id is None:
        return None
    return Live(
        StreamSnapshot(
            mint=mint,
            site_id=site_id,
            title=json_fields.text(value.get("livestream_title")),
            viewers=json_fields.whole(value.get("num_participants"), _MOST_VIEWERS),
            thumbnail=thumbnail,
            thumbnail_updated_at=json_fields.instant(value.get("thumbnail_updated_at")),
            playlist=playlist_beside(playlist, mint)
            or playlist
            or playlist_beside(thumbnail, mint),
            creator=json_fields.address(value.get("creator")),
        )
    )


def _id_in(media_url: str | None, mint: str) -> int | None:
    if media_url is None:
        return None
    path = urlsplit(media_url).path
    if match := _MEDIA_DIRECTORY.fullmatch(path):
        return int(match["id"]) if match["mint"] == mint else None
    old = _OLD_THUMBNAIL.fullmatch(path)
    return int(old["id"]) if old else None


def join_token(value: object) -> JoinToken:
    """The token in the answer of `POST /livestream/join`, read but not verified: we hold no key.

    Raises `PumpfunError` (WRONG_SHAPE), without a word of what was received.
    """
    secret = value.get("token") if isinstance(value, dict) else None
    # What passes here can also stand in a header: no line ends, no other alphabets.
    if not isinstance(secret, str) or not _COMPACT_JWT.fullmatch(secret):
        raise PumpfunError(Reason.WRONG_SHAPE, detail="join gave no token")
    claims = _claims(secret)
    video = claims.get("video")
    room = json_fields.text(video.get("room"), 200) if isinstance(video, dict) else ""
    if not room:
        raise PumpfunError(Reason.WRONG_SHAPE, detail="the token names no room")
    return JoinToken(secret, room, _expiry(claims), _role(value, claims))


def _claims(secret: str) -> _Object:
    try:
        claims: _Object = jwt.decode(secret, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        pass
    else:
        return claims
    raise PumpfunError(Reason.WRONG_SHAPE, detail="join gave a token that cannot be read")


def _expiry(claims: _Object) -> datetime | None:
    seconds = json_fields.real(claims.get("exp"))
    if seconds is None or seconds > 4_102_444_800:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _role(value: object, claims: _Object) -> str:
    """The answer's `role`, else the one in the token's metadata (JSON inside JSON)."""
    if isinstance(value, dict) and (role := json_fields.text(value.get("role"), 40)):
        return role
    try:
        metadata = decode(json_fields.text(claims.get("metadata"), 2000).encode())
    except PumpfunError:
        return "viewer"
    role = json_fields.text(metadata.get("role"), 40) if isinstance(metadata, dict) else ""
    return role or "viewer"
