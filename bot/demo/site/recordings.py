"""The endpoints of the recording: playlists and segments, as `clips.pump.fun` serves them."""

from __future__ import annotations

import re

from aiohttp import web

from bot.demo.recording.recorder import Recorder
from bot.demo.site import payloads
from bot.demo.site.coins import DemoCoin
from bot.demo.site.endpoints import gone
from bot.demo.site.state import SiteState

_LIST = "application/vnd.apple.mpegurl"
_SEGMENT = "video/mp2t"
_CLIP_SEGMENT = re.compile(r"segment_(\d{5})\.ts")


class Recordings:
    """A directory that is retired, and a list that died with its stream, are gone (2026-08). No
    range is honoured: whether the site does is not known, and behind a CDN it may not."""

    def __init__(self, state: SiteState) -> None:
        self._state = state

    async def master(self, request: web.Request) -> web.Response:
        recorder, folder, name = self._asked(request)
        return _listed(recorder.master(folder, name) if recorder else None)

    async def media_list(self, request: web.Request) -> web.Response:
        recorder, folder, name = self._asked(request)
        return _listed(recorder.media_list(folder, name) if recorder else None)

    async def segment(self, request: web.Request) -> web.Response:
        recorder, folder, name = self._asked(request)
        found = await recorder.segment(folder, name) if recorder else None
        if isinstance(found, bytes):
            return web.Response(body=found, content_type=_SEGMENT)
        return gone(found or 404)

    async def clip_file(self, request: web.Request) -> web.Response:
        """What belongs to a clip of `/clips/{mint}`: a list and its segments, or an MP4."""
        coin: DemoCoin | None = self._state.coins.get(request.match_info["mint"])
        recorder = coin.recorder if coin else None
        if coin is None or recorder is None:
            return gone()
        clip, name = request.match_info["clip"], request.match_info["name"]
        if name == "clip.mp4":
            return await _highlight(coin, recorder, clip)
        found = [one for one in recorder.clipped() if payloads.clip_of(one) == clip]
        if found and name == "playlist.m3u8":
            return _listed(recorder.clip_list(found[0]))
        if found and (match := _CLIP_SEGMENT.fullmatch(name)):
            body = await recorder.clip_segment(found[0], int(match[1]))
            return web.Response(body=body, content_type=_SEGMENT)
        return gone()

    def _asked(self, request: web.Request) -> tuple[Recorder | None, str, str]:
        coin: DemoCoin | None = self._state.coins.get(request.match_info["mint"])
        recorder = coin.recorder if coin else None
        return recorder, request.match_info["folder"], request.match_info["name"]


async def _highlight(coin: DemoCoin, recorder: Recorder, clip: str) -> web.Response:
    cut = next((cut for cut in coin.highlights if payloads.highlight_of(cut) == clip), None)
    body = await recorder.highlight(cut.directory, cut.begins_at, cut.seconds) if cut else None
    return gone() if body is None else web.Response(body=body, content_type="video/mp4")


def _listed(body: bytes | None) -> web.Response:
    return gone() if body is None else web.Response(body=body, content_type=_LIST)
