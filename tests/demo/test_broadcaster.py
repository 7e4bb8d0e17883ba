"""The broadcaster on the real server, as a viewer in another process sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.livekit.server import LiveKitServer
from bot.errors import ChildError
from bot.kit.processes.child import Message
from tests.demo.conftest import ROOM, Watching
from tests.patience import PATIENCE

SMALL: dict[str, Any] = {"width": 320, "height": 180}
SCREEN_SHARE = 3

in_the_soak = pytest.mark.soak
"""What the clips of `tests/e2e/test_changes.py` would not show if it did not work."""


def casting(server: LiveKitServer, **options: Any) -> Broadcaster:
    """A small broadcast in ROOM."""
    return Broadcaster.start(
        url=server.url, token=lambda: server.token(ROOM, "caster", publish=True),
        **{**SMALL, **options},
    )  # fmt: skip


def after(number: int) -> Callable[[Message], bool]:
    """Pictures of the camera later than `number`."""
    return lambda frame: number < frame["number"] < 1 << 23


def is_number(number: int) -> Callable[[Message], bool]:
    """The picture with this number."""
    return lambda frame: bool(frame["number"] == number)


@pytest.mark.parametrize(
    ("codec", "simulcast"), [("h264", False), pytest.param("vp8", True, marks=pytest.mark.soak)]
)
async def test_card_and_sound_arrive(server: LiveKitServer, codec: str, simulcast: bool) -> None:
    """In the codec that was asked for, with the flash and the beep at the same instant."""
    size = {"width": 640, "height": 360} if simulcast else SMALL
    async with casting(server, codec=codec, simulcast=simulcast, **size) as caster:
        async with Watching(server) as viewer:
            track = await viewer.until("track", lambda track: track["kind"] == "video")
            assert track["mime"] == f"video/{'H264' if codec == 'h264' else 'VP8'}"
            frame = await viewer.frame()
            due = caster.zero_ns + frame["number"] * 1_000_000_000 // 30
            assert 0 <= frame["at_ns"] - due < 1_000_000_000
            beep = await viewer.until("beep")
            assert (beep["at_ns"] - caster.zero_ns) % 1_000_000_000 < 500_000_000
        assert (await caster.stats())["frames"] > 30


@pytest.mark.soak
@pytest.mark.parametrize("codec", ["h264", "vp8"])
async def test_a_loop_encoded_before_arrives_in_several_rooms(
    server: LiveKitServer, codec: str, tmp_path: Path
) -> None:
    """One process, one encoding, as many rooms as tokens; the loop is kept for the next time."""
    kept = tmp_path / "loop"
    rooms = ("first", "second")
    tokens = [server.token(room, "caster", publish=True) for room in rooms]
    options = {**SMALL, "encoder": "pre-encoded", "codec": codec, "loop_file": str(kept)}
    async with Broadcaster.start(url=server.url, tokens=tokens, **options) as caster:
        for room in rooms:
            async with Watching(server, room) as viewer:
                frame = await viewer.frame()
                assert frame["number"] < caster.loop_frames == 120
                await viewer.frame(is_number((frame["number"] + 5) % 120))
    written = kept.stat().st_mtime_ns
    async with Broadcaster.start(url=server.url, tokens=tokens, **options):
        assert kept.stat().st_mtime_ns == written


@pytest.mark.soak
async def test_a_deaf_source_gives_no_picture_before_its_keyframe(server: LiveKitServer) -> None:
    """A second viewer sees nothing until the next one is due, whatever the server asks for."""
    async with casting(server, encoder="pre-encoded", gop_seconds=2) as caster:
        intro = caster.options.intro_frames
        async with Watching(server) as first:  # while the intro's keyframes come each second
            await first.frame(lambda frame: frame["number"] > intro + 4)
        async with Watching(server) as second:
            frame = await second.frame()
    assert frame["number"] >= intro
    assert (frame["number"] - intro) % 60 < 3  # a burst on joining may cost a frame


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["video", "audio"])
async def test_one_kind_alone(server: LiveKitServer, kind: str) -> None:
    """Audio only, or video only: the other has no track to mute."""
    other = "audio" if kind == "video" else "video"
    async with casting(server, **{other: False}) as caster, Watching(server) as viewer:
        assert (await viewer.until("track"))["kind"] == kind
        await viewer.until("frame" if kind == "video" else "beep")
        with pytest.raises(ChildError, match=f"no {other} is published"):
            await caster.mute(other)


@in_the_soak
async def test_mute_unpublish_and_resize_are_seen(server: LiveKitServer) -> None:
    """One after the other, as a creator at their worst."""
    async with casting(server) as caster, Watching(server) as viewer:
        frame = await viewer.frame()
        await caster.mute("video")
        await viewer.until("muted")
        await caster.unmute("video")
        frame = await viewer.frame(after(frame["number"]))
        await caster.resize(180, 320)
        frame = await viewer.frame(lambda frame: frame["height"] == 320)
        assert frame["width"] == 180
        await caster.unpublish("video")
        await viewer.until("gone", lambda track: track["kind"] == "video")
        await caster.republish("video")
        await viewer.frame(after(frame["number"]))
        await caster.unpublish("audio")
        await viewer.until("gone", lambda track: track["kind"] == "audio")
        await caster.republish("audio")
        await viewer.until("beep")


@in_the_soak
@pytest.mark.soak
async def test_a_screen_share_comes_beside_the_camera(server: LiveKitServer) -> None:
    """A track of its own, with a picture of its own that nobody takes for the camera's."""
    async with casting(server) as caster, Watching(server) as viewer:
        await viewer.frame()
        await caster.share()
        shared = await viewer.until("frame", lambda frame: frame["source"] == SCREEN_SHARE)
        assert (shared["width"], shared["height"]) == (1280, 720)
        await viewer.frame(lambda frame: frame["number"] >= 1 << 23)
        await caster.share(False)
        await viewer.until("gone", lambda track: track["source"] == SCREEN_SHARE)
        await viewer.frame(lambda frame: frame["number"] < 1 << 23)


@pytest.mark.soak
async def test_a_freeze_stops_the_pictures_and_not_the_sound(server: LiveKitServer) -> None:
    """Nothing is muted: only the pictures end, as when a capture card hangs."""
    async with casting(server) as caster, Watching(server) as viewer:
        last = await viewer.frame()
        await caster.freeze()
        frozen = await caster.stats()
        await viewer.until("beep")
        await viewer.until("beep")
        assert (await caster.stats())["frames"] == frozen["frames"]
        await caster.freeze(False)
        await viewer.frame(after(last["number"] + 30))


@in_the_soak
@pytest.mark.soak
async def test_leaving_and_coming_back(server: LiveKitServer) -> None:
    """The same process, the same numbers going on."""
    async with casting(server) as caster, Watching(server) as viewer:
        frame, pid = await viewer.frame(), caster.pid
        await caster.leave()
        await viewer.until("gone")
        await caster.back()
        await viewer.frame(after(frame["number"]))
        assert caster.pid == pid


@pytest.mark.soak
async def test_vanishing_and_coming_back(server: LiveKitServer) -> None:
    """Killed without a word; another process takes its place, with a clock of its own."""
    async with casting(server) as caster, Watching(server) as viewer:
        await viewer.frame()
        before = psutil.Process(caster.pid)
        await caster.vanish()
        assert not before.is_running()
        await caster.come_back()
        assert caster.pid != before.pid
        assert (await viewer.frame())["number"] < 90


async def test_it_ends_with_its_pipe(server: LiveKitServer) -> None:
    """And the room is left politely."""
    caster = casting(server)
    async with caster:
        process = psutil.Process(caster.pid)
        async with asyncio.timeout(PATIENCE):
            await caster.stop()
    assert not process.is_running()
    assert await server.participants(ROOM) == []


async def test_a_wrong_token_is_an_error_without_the_token(server: LiveKitServer) -> None:
    """The SDK's own message has the whole of it."""
    token = server.token(ROOM, "caster", publish=True)[:-4] + "oops"
    with pytest.raises(ChildError, match="401") as caught:
        async with Broadcaster.start(url=server.url, token=token, **SMALL):
            pass
    assert token not in str(caught.value)
    assert "eyJ" not in str(caught.value)


async def test_what_cannot_be_is_refused_at_once() -> None:
    """Before any process is started."""
    with pytest.raises(ValueError, match="codec is one of"):
        Broadcaster.start(url="ws://127.0.0.1:1", codec="av1")
    with pytest.raises(ValueError, match="even"):
        Broadcaster.start(url="ws://127.0.0.1:1", width=641)
