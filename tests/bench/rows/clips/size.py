"""What a clip weighs when the picture cannot be made small."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import av
import numpy as np

from bot.demo.world import World
from bot.model import NoteKind
from tests.bench.figures import Effort, Figure, Section
from tests.clip_harness import LIMIT, record

NOISE: dict[str, Any] = {"content": "noise", "encoder": "pre-encoded", "bitrate": 3_000_000}
"""Noise that still is noise, 30 frames of it a second, when it arrives: the SDK's own
encoder gives up half of the frames."""

LEAST_USED = 0.6
_HOW = """\
A clip of 60 s of a publisher that shows new random luma in every frame at 720p30 and sends it at
3 Mbit/s, within the default limit of 10 MiB. How much neighbouring pixels differ in the clip,
beside a clip of the calm card, shows that it is noise that was squeezed."""


async def measure(effort: Effort) -> Section:
    """Noise for a minute."""
    seconds = effort.seconds(60, 15)
    async with World() as world:
        coin = world.add_coin("NOISE", "Nothing but noise")
        await world.broadcast(coin, **NOISE)
        result, verdict = await record(world, coin, seconds, effort.folder)
        calm = await _calm(world, effort)
    assert result.path is not None, result
    used, twice = result.bytes / LIMIT, any(n.kind is NoteKind.SECOND_ENCODE for n in result.notes)
    rough = await asyncio.to_thread(roughness, result.path)
    name = f"noise, {seconds:.0f} s"
    return Section("Size", _HOW, [
        Figure(name, f"{result.bytes:,} bytes", f"≤ {LIMIT:,}", verdict.bytes <= LIMIT),
        Figure("share of the limit used", f"{used:.1%}", f"≥ {LEAST_USED:.0%}", used >= LEAST_USED),
        Figure("encoded twice to fit", "yes" if twice else "no"),
        Figure("picture", f"{verdict.width}×{verdict.height}, {verdict.fps:.1f} fps"),
        Figure("neighbouring pixels differ by", f"{rough:.1f} of 255 (card: {calm:.1f})"),
    ])  # fmt: skip


async def _calm(world: World, effort: Effort) -> float:
    coin = world.add_coin("CALM", "The card")
    await world.broadcast(coin)
    result, _ = await record(world, coin, 2.0, effort.folder)
    assert result.path is not None, result
    return await asyncio.to_thread(roughness, result.path)


def roughness(path: Path) -> float:
    """By how much neighbouring pixels of a clip differ, on the average of a few frames."""
    found = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 60 == 30:
                luma = frame.to_ndarray(format="gray").astype(np.int16)
                found.append(float(np.abs(np.diff(luma, axis=1)).mean()))
    return float(np.mean(found))
