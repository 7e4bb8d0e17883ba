"""A broadcaster in one LiveKit room: its connection and the tracks that it publishes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc

from bot.demo.broadcast.feeds import VideoFeed, Voice
from bot.demo.broadcast.options import Options

CONNECT_SECONDS = 20.0

VideoSource = rtc.VideoSource | rtc.EncodedVideoSource


@dataclass(slots=True)
class _Published:
    """A track of ours, and what it is fed through."""

    track: rtc.LocalVideoTrack | rtc.LocalAudioTrack
    sid: str
    source: VideoSource | Voice

    async def close(self) -> None:
        """Give the source back."""
        if isinstance(self.source, Voice):
            await self.source.close()
        else:
            await self.source.aclose()


class Participant:
    """One room. Kinds of tracks are `video`, `audio` and `share` (a screen share).

    Raises rtc.ConnectError, whose text carries the token: scrub it. Every method expects its
    track to be there and raises ValueError where it is not.
    """

    def __init__(self, url: str, token: str, options: Options, left: Callable[[str], None]) -> None:
        self._url = url
        self._token = token
        self._options = options
        self._left = left
        self._room: rtc.Room | None = None
        self._tracks: dict[str, _Published] = {}
        self.voice: Voice | None = None

    async def join(self, token: str | None = None) -> None:
        """Connect to the room, with a new `token` if there is one."""
        self._token = token or self._token
        room = rtc.Room()
        room.on("disconnected", self._on_disconnected)
        async with asyncio.timeout(CONNECT_SECONDS):
            await room.connect(self._url, self._token, rtc.RoomOptions(auto_subscribe=False))
        self._room = room

    async def leave(self) -> None:
        """Leave as one who says goodbye; safe to call again."""
        room, self._room = self._room, None
        tracks, self._tracks = self._tracks, {}
        self.voice = None
        if room is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0):
                    await room.disconnect()
        for published in tracks.values():
            await published.close()

    async def publish_video(self, feed: VideoFeed, *, share: bool = False) -> None:
        """Publish a track of `feed`, as the camera or as the screen."""
        source = feed.source()
        name = "share" if share else "video"
        track = rtc.LocalVideoTrack.create_video_track(name, source)
        await self._publish(name, track, source, self._video_options(share))

    async def publish_audio(self) -> None:
        """Publish the sound."""
        voice = Voice()
        track = rtc.LocalAudioTrack.create_audio_track("audio", voice.source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._publish("audio", track, voice, options)
        self.voice = voice

    async def unpublish(self, kind: str) -> None:
        """Take the track of `kind` back."""
        published = self._track(kind)
        del self._tracks[kind]
        if kind == "audio":
            self.voice = None
        await self._here().local_participant.unpublish_track(published.sid)
        await published.close()

    def mute(self, kind: str, on: bool) -> None:
        """Mute the track of `kind`, or unmute it. Its frames go on meanwhile, unseen."""
        track = self._track(kind).track
        if on:
            track.mute()
        else:
            track.unmute()

    def show(self, kind: str, feed: VideoFeed, timestamp_us: int) -> None:
        """Send the prepared picture of `feed`, if a track of `kind` is published."""
        published = self._tracks.get(kind)
        if published is not None and not isinstance(published.source, Voice):
            feed.show(published.source, timestamp_us)

    async def _publish(
        self,
        kind: str,
        track: rtc.LocalVideoTrack | rtc.LocalAudioTrack,
        source: VideoSource | Voice,
        options: rtc.TrackPublishOptions,
    ) -> None:
        if kind in self._tracks:
            raise ValueError(f"{kind} is published already")
        async with asyncio.timeout(CONNECT_SECONDS):
            publication = await self._here().local_participant.publish_track(track, options)
        self._tracks[kind] = _Published(track, publication.sid, source)

    def _video_options(self, share: bool) -> rtc.TrackPublishOptions:
        wanted = self._options
        pre_encoded = wanted.encoder == "pre-encoded" and not share
        backend = rtc.VideoEncoderBackend.ENCODER_BACKEND_AUTO
        if pre_encoded:
            backend = rtc.VideoEncoderBackend.ENCODER_BACKEND_PRE_ENCODED
        sources = rtc.TrackSource
        return rtc.TrackPublishOptions(
            source=sources.SOURCE_SCREENSHARE if share else sources.SOURCE_CAMERA,
            video_codec=rtc.VideoCodec.H264 if wanted.codec == "h264" else rtc.VideoCodec.VP8,
            video_encoding=rtc.VideoEncoding(
                max_bitrate=wanted.ceiling, max_framerate=float(wanted.fps)
            ),
            simulcast=wanted.simulcast and not pre_encoded and not share,
            video_encoder=backend,
        )

    def _track(self, kind: str) -> _Published:
        if kind not in self._tracks:
            raise ValueError(f"no {kind} is published")
        return self._tracks[kind]

    def _here(self) -> rtc.Room:
        if self._room is None:
            raise ValueError("the broadcaster is not in its room")
        return self._room

    def _on_disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        if self._room is not None:
            self._left(rtc.DisconnectReason.Name(reason))
