"""Voices in a room, each a tone of its own. Run with `--events-fd N`.

Commands: `join` {voice, url, token}, `speak` {voice, hertz, level, screen}, which publishes it as a
microphone or as what a screen plays, `stop`, which takes that back, `mute` {voice, on}, `leave`.
Each is answered by `done`.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import numpy as np
from livekit import rtc

from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe
from bot.kit.tasks import cancel_and_wait

SAMPLE_RATE = 48_000
BLOCK = SAMPLE_RATE // 50
QUEUE_MS = 100


class Voice:
    """One participant who speaks in one tone, or in none."""

    def __init__(self) -> None:
        self._room = rtc.Room()
        self._track: rtc.LocalAudioTrack | None = None
        self._source: rtc.AudioSource | None = None
        self._speaking: asyncio.Task[None] | None = None

    async def join(self, *, url: str, token: str) -> None:
        await self._room.connect(url, token, rtc.RoomOptions(auto_subscribe=False))

    async def speak(self, *, hertz: float, level: float, screen: bool) -> None:
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, QUEUE_MS)
        self._track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
        kinds = rtc.TrackSource
        kind = kinds.SOURCE_SCREENSHARE_AUDIO if screen else kinds.SOURCE_MICROPHONE
        self._speaking = asyncio.create_task(self._go_on(self._source, hertz, level), name="voice")
        options = rtc.TrackPublishOptions(source=kind)
        await self._room.local_participant.publish_track(self._track, options)

    async def stop(self) -> None:
        assert self._track is not None
        assert self._speaking is not None
        assert self._source is not None
        await self._room.local_participant.unpublish_track(self._track.sid)
        await cancel_and_wait(self._speaking)
        await self._source.aclose()

    async def mute(self, *, on: bool) -> None:
        assert self._track is not None
        if on:
            self._track.mute()
        else:
            self._track.unmute()

    async def leave(self) -> None:
        await self._room.disconnect()
        if self._speaking is not None:
            await cancel_and_wait(self._speaking)

    @staticmethod
    async def _go_on(source: rtc.AudioSource, hertz: float, level: float) -> None:
        first = 0
        while True:
            turns = (first + np.arange(BLOCK)) * hertz / SAMPLE_RATE
            wave = np.rint(level * 32_767 * np.sin(2 * np.pi * turns)).astype(np.int16)
            first += BLOCK
            block = wave.tobytes()
            await source.capture_frame(rtc.AudioFrame(block, SAMPLE_RATE, 1, BLOCK))


async def do(voices: dict[str, Voice], message: Message) -> None:
    """One command."""
    command, name = message.pop("command"), message.pop("voice")
    voice: Any = voices.setdefault(name, Voice())
    await getattr(voice, command)(**message)
    if command == "leave":
        del voices[name]


async def serve(pipe: JsonPipe) -> None:
    """Until the parent closes the pipe."""
    voices: dict[str, Voice] = {}
    async for message in pipe.commands():
        await do(voices, message)
        pipe.emit("done")
    for voice in voices.values():
        await voice.leave()


if __name__ == "__main__":
    asyncio.run(serve(open_json_pipe()))
    os._exit(0)
