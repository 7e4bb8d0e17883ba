"""The recording of a coin that a broadcaster publishes to the real LiveKit server."""

from __future__ import annotations

import time

from bot.demo.recording.options import RecordingOptions
from bot.demo.world import World
from tests.conftest import require_livekit_server
from tests.demo.conftest import Watching, plain_client
from tests.demo.recording.reader import list_at, look, variants
from tests.patience import PATIENCE

FRAMES = 20


async def test_the_recording_shows_the_frames_that_viewers_saw_at_the_time_at_which_they_did() -> (
    None
):
    require_livekit_server()
    async with World(recordings=RecordingOptions.quick()) as world:
        coin = world.add_coin("MINTY", "Minty the coin")
        caster = await world.broadcast(coin, width=640, height=360, fps=FRAMES, content="plain")
        assert coin.media is not None
        assert coin.recorder is not None
        folder = f"{world.site.origin}/{coin.mint}/{coin.media.folder}"
        async with (
            Watching(world.server, coin.room) as viewer,
            plain_client(timeout=PATIENCE) as web,
        ):
            seen = await viewer.frame()
            due = caster.zero_ns + seen["number"] * 1_000_000_000 // FRAMES
            assert abs(seen["at_ns"] - due) < 1_000_000_000
            master = f"{folder}/master_playlist_{coin.media.stamp}.m3u8"
            assert (await web.get(master)).status_code == 404
            first = coin.recorder.directories[-1].begins + 2.0 + 1.96
            await viewer.frame(lambda frame: frame["at_ns"] / 1e9 > first)
            listed = await list_at(web, (await variants(web, master))[-1])
            asked = time.monotonic()
            shown = look((await web.get(listed.segments[-1])).content)
        last = shown.numbers[-1]
        assert last is not None
        on_air = caster.zero_ns / 1e9 + last / FRAMES
        assert 2.0 <= asked - on_air <= 2.0 + 1.96 + 1.0
