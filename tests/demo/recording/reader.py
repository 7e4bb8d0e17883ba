"""A plain reader of HLS, for tests: what a list says, and what is in its segments."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import av
import httpx
import numpy as np

from bot.demo.broadcast.frame_marks import read_strip


@dataclass(slots=True)
class Listed:
    """A media playlist as it was read."""

    url: str
    text: str
    first: int = 0
    ended: bool = False
    segments: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    dates: list[datetime] = field(default_factory=list)


@dataclass(slots=True)
class Seen:
    """What is in some segments that follow one another."""

    numbers: list[int | None] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    keyframes: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    sizes: set[tuple[int, int]] = field(default_factory=set)


def read_list(url: str, text: str) -> Listed:
    """A media playlist."""
    listed = Listed(url, text)
    for line in text.splitlines():
        name, _, value = line.partition(":")
        match name:
            case "#EXT-X-MEDIA-SEQUENCE":
                listed.first = int(value)
            case "#EXT-X-PROGRAM-DATE-TIME":
                listed.dates.append(datetime.fromisoformat(value))
            case "#EXTINF":
                listed.seconds.append(float(value.rstrip(",")))
            case "#EXT-X-ENDLIST":
                listed.ended = True
            case _ if line and not line.startswith("#"):
                listed.segments.append(urljoin(url, line))
    return listed


async def list_at(web: httpx.AsyncClient, url: str) -> Listed:
    """The media playlist at `url`."""
    answer = await web.get(url)
    assert answer.status_code == 200, answer.text
    return read_list(str(answer.url), answer.text)


async def variants(web: httpx.AsyncClient, master: str) -> list[str]:
    """The lists that a master names, the best one first."""
    answer = await web.get(master)
    assert answer.status_code == 200, answer.text
    lines = answer.text.splitlines()
    return [urljoin(str(answer.url), line) for line in lines if not line.startswith("#")]


async def bytes_of(web: httpx.AsyncClient, urls: list[str]) -> bytes:
    """Segments joined."""
    return b"".join([(await web.get(url)).content for url in urls])


def look(body: bytes) -> Seen:
    """What a plain demuxer and decoder make of joined segments."""
    seen = Seen()
    container: Any
    with av.open(io.BytesIO(body), format="mpegts") as container:
        for packet in container.demux():
            if packet.size and packet.stream.type == "audio":
                seen.heard.append(float(packet.pts * packet.time_base))
            elif packet.size and packet.is_keyframe:
                seen.keyframes.append(float(packet.pts * packet.time_base))
    with av.open(io.BytesIO(body), format="mpegts") as container:
        for frame in container.decode(video=0):
            seen.times.append(float(frame.time))
            seen.sizes.add((frame.width, frame.height))
            luma = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
            luma = luma.reshape(-1, frame.planes[0].line_size)[: frame.height, : frame.width]
            seen.numbers.append(read_strip(luma))
    return seen
