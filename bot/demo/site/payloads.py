"""The JSON of pump.fun's rows, rendered from a scripted coin. Pure; nothing here is parsed back.

Shapes as observed between 2025-09 and 2026-10; the site has no documented interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.demo.recording.media_directory import MediaDirectory
from bot.demo.site.coins import DemoCoin, Highlight, Media

Row = dict[str, Any]

IN_ROSTER = {
    "title": "livestream_title",
    "thumbnail": "thumbnail",
    "thumbnailUpdatedAt": "thumbnail_updated_at",
    "numParticipants": "num_participants",
}
"""What the optional fields of `/livestream` are called in a roster row."""


def epoch_ms(at: datetime) -> int:
    """The site's timestamps: epoch milliseconds."""
    return round(at.timestamp() * 1000)


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d_%H%M%S")


def folder_url(origin: str, mint: str, media: Media) -> str:
    """Measured 2026-08: `<origin>/<mint>/<streamId>_<YYYYMMDD>_<HHMMSS>`."""
    return f"{origin}/{mint}/{media.folder}"


def livestream(coin: DemoCoin, origin: str) -> Row:
    """`GET /livestream` of a coin on air (shape of 2026-08 with the counters of 2025-11-20)."""
    broadcast = coin.broadcast
    if broadcast is None:
        return off_air(coin.mint)
    row: Row = {
        "id": broadcast.stream_id,
        "supabaseId": broadcast.stream_id,
        "mintId": coin.mint,
        "creatorAddress": coin.creator,
        "streamStartTimestamp": epoch_ms(broadcast.started_at),
        "numParticipants": broadcast.viewers,
        "maxParticipants": 0,
        "isLive": True,
        "title": broadcast.title,
        "downrankScore": 0,
        "mode": broadcast.mode,
    }
    if coin.media:
        row["thumbnail"] = f"{folder_url(origin, coin.mint, coin.media)}/thumb.jpg"
        row["thumbnailUpdatedAt"] = epoch_ms(coin.media.updated_at)
    return {key: value for key, value in row.items() if key not in coin.forgotten}


def off_air(mint: str) -> Row:
    """The `isLive: false` that older clients code for; nobody recorded a whole row of it."""
    return {"mintId": mint, "isLive": False, "numParticipants": 0}


def coin_record(coin: DemoCoin, origin: str) -> Row:
    """The metadata of `/coins-v3`, `/coins-v2` and their batch (measured 2026-09-12).

    Asking for `includeLiveStreamInfo` was seen to add no key.
    """
    hosted = f"{origin}/images/{coin.mint}.jpg" if isinstance(coin.image, bytes) else coin.image
    return {
        "mint": coin.mint,
        "name": coin.name,
        "symbol": coin.symbol,
        "description": "",
        "image_uri": hosted,
        "creator": {"address": coin.creator} if coin.creator_as_object else coin.creator,
        "created_timestamp": 1_760_216_813_134,
        "is_currently_live": coin.is_live,
        "nsfw": coin.nsfw,
        "is_banned": coin.is_banned,
        "livestream_ban_expiry": epoch_ms(banned) if (banned := coin.streams_banned_until) else 0,
        "usd_market_cap": 11190.6,
        "twitter": None,
        "telegram": None,
        "website": None,
    }


def roster_row(coin: DemoCoin, origin: str, rank: int) -> Row:
    """A row of the roster (seen 2025-10-11; with playlists, measured 2026-09-12)."""
    row = coin_record(coin, origin) | {
        "num_participants": coin.broadcast.viewers if coin.broadcast else 0,
        "livestream_title": coin.broadcast.title if coin.broadcast else "",
        "livestream_downrank_score": 0,
        "recommendation_id": f"demo-{coin.mint[:8]}",
        "recommendation_rank": rank,
    }
    if coin.broadcast and coin.media:
        row |= _playlists(coin, folder_url(origin, coin.mint, coin.media), coin.media)
    left_out = {IN_ROSTER[name] for name in coin.forgotten}
    return {key: value for key, value in row.items() if key not in left_out}


def _playlists(coin: DemoCoin, folder: str, media: Media) -> Row:
    """Names of the HLS lists: `_2_live` is high, `_0_live` low (measured 2026-08-26)."""
    high = max(rung.number for rung in coin.recorder.rungs) if coin.recorder else 2
    return {
        "thumbnail": f"{folder}/thumb.jpg",
        "thumbnail_updated_at": epoch_ms(media.updated_at),
        "playlist_url": f"{folder}/master_playlist_{media.stamp}.m3u8",
        "playlist_url_high": f"{folder}/playlist_{media.stamp}_{high}_live.m3u8",
        "playlist_url_low": f"{folder}/playlist_{media.stamp}_0_live.m3u8",
        "vod_playlist_url": f"{folder}/playlist_{media.stamp}_{high}.m3u8",
        "playlist_status": "ACTIVE",
        "playlist_updated_at": iso(media.updated_at),
    }


def clip(coin: DemoCoin, cut: Highlight, origin: str) -> Row:
    """One highlight of `GET /clips/{mint}` (seen 2025-09-14)."""
    ends = cut.begins_at + timedelta(seconds=cut.seconds)
    clip_id = f"{stamp(cut.begins_at)}:{cut.directory}"
    base = f"{origin}/{coin.mint}/clips"
    return {
        "roomName": coin.mint,
        "clipId": highlight_of(cut),
        "sessionId": cut.directory,
        "startTime": iso(cut.begins_at),
        "endTime": iso(ends),
        "duration": cut.seconds,
        "mp4Url": f"{base}/{highlight_of(cut)}/clip.mp4",
        "mp4SizeBytes": 1_267_218,
        "thumbnailUrl": f"{base}/{clip_id}/thumbnail.jpg",
        "playlistS3Key": "",
        "hidden": False,
        "clipType": "HIGHLIGHT",
        "createdAt": iso(ends),
        "highlightCreatorAddress": coin.creator,
    }


def complete(coin: DemoCoin, directory: MediaDirectory, origin: str) -> Row:
    """A whole stream of `GET /clips/{mint}?clipType=COMPLETE`; its keys as of a highlight, whole
    seconds as in the ids of 2026-02."""
    clip_id = clip_of(directory)
    seconds = round(((directory.ends or directory.begins) - directory.begins) / 2) * 2
    base = f"{origin}/{coin.mint}/clips/{clip_id}"
    return {
        "roomName": coin.mint,
        "clipId": clip_id,
        "sessionId": directory.name,
        "startTime": iso(directory.began_at),
        "endTime": iso(directory.began_at + timedelta(seconds=seconds)),
        "duration": seconds,
        "playlistUrl": f"{base}/playlist.m3u8",
        "mp4S3Key": "",
        "thumbnailUrl": f"{base}/thumbnail.jpg",
        "playlistS3Key": "",
        "hidden": False,
        "clipType": "COMPLETE",
        "createdAt": iso(directory.began_at + timedelta(seconds=seconds)),
    }


def clip_of(directory: MediaDirectory) -> str:
    """The id of a directory's COMPLETE clip: when its first media came, and its name."""
    return f"{stamp(directory.began_at)}:{directory.name}"


def highlight_of(cut: Highlight) -> str:
    """The id of a highlight: as of a clip, and which milliseconds."""
    return f"{stamp(cut.begins_at)}:{cut.directory}-h-0-{round(cut.seconds * 1000)}"


def region(name: str, url: str, distance: object) -> Row:
    """An entrance to LiveKit; the distance is a text of digits (seen 2025-11)."""
    return {"region": name, "url": url, "distance": str(distance)}


def nest(status: int, message: object, error: str) -> Row:
    """An error of the framework behind the site: an unrouted path says `Cannot GET …`."""
    return {"statusCode": status, "message": message, "error": error}


def cannot(method: str, path: str) -> Row:
    """The answer of a path without a route, `/coins/{mint}` among them since 2026-09-26."""
    return nest(404, f"Cannot {method} {path}", "Not Found")


WRONG: Mapping[str, Any] = {
    "livestream": {"isLive": True, "viewers": "many"},
    "join": {"token": {"jwt": None}, "role": ["viewer"]},
    "regions": {"regions": "everywhere"},
    "roster": {"coins": {"total": 0}},
    "search": {"coins": {"total": 0}},
    "coins-v2-mints": {"coins": {"total": 0}},
    "clips": [[]],
    "approved": "perhaps",
}
"""JSON of a shape that was never seen, one for each endpoint; `WRONG_ELSEWHERE` for the rest."""

WRONG_ELSEWHERE: Any = [{"mint": 7}]
