"""The texts of the look-alike's playlists. Pure; nothing here is parsed back.

The master names a list that grows for ever (measured 2026-08-25). That `_N_live` lists hold the
last five segments is inferred from LiveKit's egress, whose names these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from bot.demo.recording.options import Rung

KEPT_LIVE = 5
"""Segments in a `_N_live` list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One segment in a list. `broken` marks a discontinuity before it."""

    name: str
    seconds: float
    dated: datetime
    broken: bool = False


def master(stamp: str, rungs: Sequence[tuple[Rung, int, int, int]]) -> str:
    """The master playlist; rungs come with their width, height and frames a second."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:4"]
    for rung, width, height, fps in sorted(rungs, key=lambda row: -row[0].number):
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rung.rate + 128_000},RESOLUTION={width}x{height},"
            f'FRAME-RATE={fps}.000,CODECS="avc1.42c01f,mp4a.40.2"'
        )
        lines.append(list_name(stamp, rung.number))
    return "\n".join(lines) + "\n"


def media(entries: Sequence[Entry], *, first: int = 0, ended: bool = False) -> str:
    """A media playlist whose first entry has the number `first`."""
    longest = max((ceil(entry.seconds) for entry in entries), default=2)
    lines = ["#EXTM3U", "#EXT-X-VERSION:4"]
    lines += [] if first else ["#EXT-X-PLAYLIST-TYPE:EVENT"]
    lines += [f"#EXT-X-TARGETDURATION:{longest}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    for entry in entries:
        lines += ["#EXT-X-DISCONTINUITY"] if entry.broken else []
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_iso(entry.dated)}")
        lines += [f"#EXTINF:{entry.seconds:.3f},", entry.name]
    return "\n".join(lines + (["#EXT-X-ENDLIST"] if ended else [])) + "\n"


def master_name(stamp: str) -> str:
    """Measured 2026-08-26."""
    return f"master_playlist_{stamp}.m3u8"


def list_name(stamp: str, rung: int, *, live: bool = False) -> str:
    """Measured 2026-08-26: `_N_live` while it is live; without it for what was."""
    return f"playlist_{stamp}_{rung}{'_live' if live else ''}.m3u8"


def segment_name(stamp: str, rung: int, index: int) -> str:
    """Our assumption: nobody wrote down what segments are called."""
    return f"playlist_{stamp}_{rung}_{index:05}.ts"


def clip_segment(index: int) -> str:
    """Of a COMPLETE clip; our assumption as well."""
    return f"segment_{index:05}.ts"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
