"""From the answer of `GET /clips/{mint}` to values.

Shapes as written down by others between 2025-09-14 and 2025-10-18. A row that cannot be used, is
hidden, or lies where we do not go, is dropped. Where no row names a clip, it is another shape.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import PumpfunError
from bot.model import Reason, SiteClip, SiteClipKind
from bot.pumpfun import json_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.pumpfun.media_hosts import MediaHosts

MOST_ROWS = 1000
"""More are not looked at, whatever was asked for."""

_ID = re.compile(r"[\w.:-]{1,120}", re.ASCII)
_SESSION = re.compile(r"(?P<stream>[0-9]{1,18})_[0-9]{8}_[0-9]{6}")
_SHORTEST = 0.1
_LONGEST = {SiteClipKind.HIGHLIGHT: 3600.0, SiteClipKind.COMPLETE: 7 * 86_400.0}
"""Seconds; highlights were seen of 10 to 60."""

_Object = dict[str, object]


def site_clips(
    mint: str, kind: SiteClipKind, value: object, hosts: MediaHosts
) -> tuple[SiteClip, ...]:
    """Those of that kind, each once, the newest first. Raises `PumpfunError` (WRONG_SHAPE)."""
    rows = value.get("clips") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        raise PumpfunError(Reason.WRONG_SHAPE, detail="no list of clips")
    rows = rows[:MOST_ROWS]
    names = [row.get("clipId") for row in rows if isinstance(row, dict)]
    if rows and not any(isinstance(name, str) for name in names):
        raise PumpfunError(Reason.WRONG_SHAPE, detail="no row of the list names a clip")
    found = {clip.id: clip for clip in _usable(mint, kind, rows, hosts)}
    return tuple(sorted(found.values(), key=lambda clip: (clip.begins_at, clip.id), reverse=True))


def _usable(
    mint: str, kind: SiteClipKind, rows: list[object], hosts: MediaHosts
) -> Iterator[SiteClip]:
    for row in rows:
        if isinstance(row, dict) and row.get("roomName", mint) == mint:
            clip = _clip(kind, row, hosts)
            if clip is not None:
                yield clip


def _clip(kind: SiteClipKind, row: _Object, hosts: MediaHosts) -> SiteClip | None:
    # Whatever stands there but a plain no is taken for a yes: somebody has hidden it.
    if row.get("hidden", False) not in (False, None) or row.get("clipType", kind) != kind:
        return None
    name, begins_at, seconds = row.get("clipId"), _instant(row.get("startTime")), _seconds(row)
    if not isinstance(name, str) or not _ID.fullmatch(name) or begins_at is None:
        return None
    if seconds is None or not _SHORTEST <= seconds <= _LONGEST[kind]:
        return None
    video = _url(row.get("mp4Url"), hosts)
    if kind is SiteClipKind.HIGHLIGHT and video is None:
        return None
    return SiteClip(
        id=name,
        kind=kind,
        begins_at=begins_at,
        seconds=seconds,
        stream_id=_stream_id(row.get("sessionId")),
        video=video,
        playlist=_url(row.get("playlistUrl"), hosts),
        thumbnail=_url(row.get("thumbnailUrl"), hosts),
        bytes=json_fields.whole(row.get("mp4SizeBytes")),
    )


def _seconds(row: _Object) -> float | None:
    """As it says itself, else from its beginning to its end."""
    if (said := json_fields.real(row.get("duration"))) is not None:
        return said
    begins_at, ends_at = _instant(row.get("startTime")), _instant(row.get("endTime"))
    if begins_at is None or ends_at is None:
        return None
    return (ends_at - begins_at).total_seconds()


def _instant(value: object) -> datetime | None:
    """ISO 8601, as it was seen, or milliseconds, as the site's other times are; in its bounds."""
    if not isinstance(value, str) or value.isdecimal():
        return json_fields.instant(value)
    try:
        at = datetime.fromisoformat(value[:40])
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return json_fields.instant(round(at.timestamp() * 1000))
    except (ValueError, OverflowError):
        return None


def _stream_id(value: object) -> int | None:
    """`<streamId>_<stamp>`."""
    match = _SESSION.fullmatch(value) if isinstance(value, str) else None
    return int(match["stream"]) if match is not None else None


def _url(value: object, hosts: MediaHosts) -> str | None:
    """An address where we go; it is judged once more before anything is fetched."""
    url = json_fields.web_url(value)
    return url if url is not None and hosts.url(url) is not None else None
