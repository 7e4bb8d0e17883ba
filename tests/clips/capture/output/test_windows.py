"""Every window of a ring fits the limit that the ring was planned for, whatever it shows."""

from __future__ import annotations

import random
from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.writer import write_part
from bot.clips.encoding import plan
from bot.clips.encoding.canvas import Size
from tests.clips.capture.harness import FPS, encode, pictures, sounds

WINDOWS = 100


@pytest.mark.parametrize(
    ("size", "seconds", "ring_seconds", "limit"),
    [
        (Size(320, 180), 3, 12, 200 << 10),
        pytest.param(
            Size(1280, 720), 30, 60, 10 << 20, marks=[pytest.mark.soak, pytest.mark.timeout(900)]
        ),
    ],
    ids=["small", "as-discord-takes-it"],
)
def test_none_of_a_hundred_windows_of_noise_is_over_its_limit(
    tmp_path: Path, size: Size, seconds: int, ring_seconds: int, limit: int
) -> None:
    rate = plan(seconds, limit, size.height)
    assert rate is not None
    noise = pictures(range(ring_seconds * FPS), size=size, content="noise")
    take = encode(chain(sounds(ring_seconds), noise), canvas=size, rate=rate)
    chance, sizes = random.Random(seconds), []
    for number in range(WINDOWS):
        asked = chance.randrange((ring_seconds - seconds) * SECOND)
        start = take.ring.nearest_key(asked)
        assert start is not None
        cut = take.ring.cut(start, start + seconds * SECOND)
        sizes.append(write_part(cut, take.templates, tmp_path / f"{number}.mp4"))
    assert max(sizes) <= limit
    assert min(sizes) > 0.6 * limit, "this was no noise, or the limit was not used"
