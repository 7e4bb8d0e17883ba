"""Who publishes what the Python SDK cannot: a small Go program, built once into the environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import struct
import sys
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.testcard import make_content
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World

_SOURCE = Path(__file__).parent
_BIN = Path(sys.executable).parent
_FPS = 30
_SPEC = PictureSpec(640, 360, _FPS)


async def built() -> Path:
    """The program. Where there is no Go, its tests are left out with one loud line."""
    program = _BIN / "mintcast-h265-publisher"
    go = shutil.which("go", path=f"{os.environ['PATH']}:{_BIN}:/usr/local/go/bin")
    if go is None:
        pytest.skip("NO GO: H.265 cannot be published without it")
    building = await asyncio.create_subprocess_exec(
        *(go, "build", "-mod=readonly", "-o", str(program), "."),
        cwd=_SOURCE,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"},
    )
    assert await building.wait() == 0
    return program


@contextlib.asynccontextmanager
async def h265(world: World, coin: DemoCoin, folder: Path, *, sound: bool) -> AsyncIterator[None]:
    """Meanwhile `coin` is on air in H.265."""
    program, units = await built(), folder / "units"
    units.write_bytes(await asyncio.to_thread(_loop))
    coin.go_live("H.265", viewers=1)
    token = world.server.token(coin.room, coin.creator, publish=True)
    publisher = await asyncio.create_subprocess_exec(
        *(str(program), "-url", world.server.url, "-token", token, "-units", str(units)),
        *(["-sound"] if sound else []),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert publisher.stdout is not None
        while (line := await publisher.stdout.readline()) != b"publishing\n":
            assert line, "the publisher ended"
        reading = asyncio.create_task(publisher.stdout.read(), name="publisher-printed")
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            publisher.kill()
        await publisher.wait()
    await reading


def _loop() -> bytes:
    """Two seconds of the card, a keyframe each second: each unit after its length."""
    coder: Any = av.CodecContext.create("libx265", "w")
    coder.width, coder.height, coder.pix_fmt = _SPEC.width, _SPEC.height, "yuv420p"
    coder.framerate, coder.time_base = Fraction(_FPS), Fraction(1, _FPS)
    settings = f"keyint={_FPS}:scenecut=0:bframes=0:repeat-headers=1:log-level=none"
    coder.options = {"preset": "ultrafast", "x265-params": settings}
    content, units = make_content("card", _SPEC), list[bytes]()
    for number in range(2 * _FPS):
        rows = content.paint(number).data.reshape(-1, _SPEC.width)
        frame = av.VideoFrame.from_ndarray(rows, format="yuv420p")
        frame.pts = number
        units += map(bytes, coder.encode(frame))
    units += map(bytes, coder.encode(None))
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)
