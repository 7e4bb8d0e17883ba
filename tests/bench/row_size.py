"""What a clip weighs when the picture cannot be made small."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import numpy as np

from bot.demo.world import World
from bot.model import NoteKind
from tests.bench.figures import Effort, Figure, Section
from tests.scenes import LIMIT, record

BITRATE = 8_000_000
"""At which the publisher sends noise, so that noise is still what arrives."""

LEAST_USED = 0.6
_HOW = """\
A clip of 60 s of a publisher that shows new random luma in every frame at 720p30 and sends it at
8 Mbit/s, within the default limit of 10 MiB. How much neighbouring pixels differ in the clip,
beside the calm card, shows that it is noise that was squeezed. No clip was encoded twice."""


async def measure(effort: Effort) -> Section:
    """Noise for a minute."""
    seconds = effort.seconds(60, 15)
    async with World() as world:
        coin = world.add_coin("NOISE", "Nothing but noise")
        await world.broadcast(coin, content="noise", bitrate=BITRATE)
        result, verdict = await record(world, coin, seconds, effort.folder)
    assert result.path is not None, result
    used, twice = result.bytes / LIMIT, any(n.kind is NoteKind.SECOND_ENCODE for n in result.notes)
    rough = await asyncio.to_thread(roughness, result.path)
    name = f"noise, {seconds:.0f} s"
    return Section("Size", _HOW, [
        Figure(name, f"{result.bytes:,} bytes", f"≤ {LIMIT:,}", verdict.bytes <= LIMIT),
        Figure("share of the limit used", f"{used:.1%}", f"≥ {LEAST_USED:.0%}", used >= LEAST_USED),
        Figure("encoded twice to fit", "yes" if twice else "no"),
        Figure("picture", f"{verdict.width}×{verdict.height}, {verdict.fps:.1f} fps"),
        Figure("neighbouring pixels differ by", f"{rough:.1f} of 255 (the card: about 1)"),
    ])  # fmt: skip


def roughness(path: Path) -> float:
    """By how much neighbouring pixels of a clip differ, on the average of a few frames."""
    found = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 60 == 30:
                luma = frame.to_ndarray(format="gray").astype(np.int16)
                found.append(float(np.abs(np.diff(luma, axis=1)).mean()))
    return float(np.mean(found))
