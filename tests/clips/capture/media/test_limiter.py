from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.clips.capture.media.frame_queue import SoundJob
from bot.clips.capture.media.limiter import Limiter, Total
from bot.clips.capture.media.timeline import SECOND
from bot.clips.encoding.rate import SAMPLE_RATE
from tests.clips.capture.harness import encode

FULL = 32_767

pieces = st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 16 * FULL)), max_size=20)


def noise(samples: int, loud: int, seed: int = 0) -> Total:
    drawn = np.random.default_rng(seed).integers(-loud, loud + 1, (samples, 2))
    return drawn.astype(np.int32)


def tone(seconds: float, hertz: float, loud: float) -> Total:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = np.rint(loud * FULL * np.sin(2 * np.pi * hertz * times))
    return np.repeat(wave[:, None], 2, axis=1).astype(np.int32)


@given(pieces, st.booleans())
@example([(12, 23_325)], True)
@settings(deadline=None)
def test_as_much_comes_out_as_went_in_and_never_above_the_ceiling(
    script: list[tuple[int, int]], released: bool
) -> None:
    limiter, put, out = Limiter(), 0, []
    for seed, (samples, loud) in enumerate(script):
        out.append(limiter.limit(noise(samples, loud, seed)))
        put += samples
        assert sum(map(len, out)) + limiter.held == put
        assert limiter.held < 2 * Limiter.STEP
    if released:
        out.append(limiter.release(np.zeros((0, 2), np.int32)))
        assert sum(map(len, out)) == put
    assert all(abs(part.astype(int)).max(initial=0) <= Limiter.CEILING for part in out)


@given(pieces)
@settings(deadline=None)
def test_what_is_below_the_ceiling_passes_unchanged(script: list[tuple[int, int]]) -> None:
    limiter = Limiter()
    parts = [
        noise(samples, min(loud, Limiter.CEILING), seed)
        for seed, (samples, loud) in enumerate(script)
    ]
    out = [limiter.limit(part) for part in parts] + [limiter.release(np.zeros((0, 2), np.int32))]
    assert np.array_equal(np.concatenate(out), np.concatenate([*parts, out[-1][:0]]))


def test_one_sound_alone_may_be_as_loud_as_it_is() -> None:
    whole = tone(1.0, 440, 1.0)
    assert np.array_equal(Limiter().release(whole), whole)


@pytest.mark.parametrize("grain", [100, 2_400, 4_801])
def test_a_loud_moment_makes_no_step_in_the_gain(grain: int) -> None:
    """A tone, four times as loud in the middle: what comes out of it is the same tone, and its
    loudness moves without a jump."""
    whole = tone(3.0, 1_000, 0.5)
    whole[SAMPLE_RATE : 2 * SAMPLE_RATE] *= 4
    limiter = Limiter()
    out = [limiter.limit(whole[at : at + grain]) for at in range(0, len(whole), grain)]
    heard = np.concatenate(out)[:, 0].astype(float)
    loud = np.abs(whole[: len(heard), 0]) > 1_000
    gains = heard[loud] / whole[: len(heard), 0][loud]
    assert np.abs(np.diff(gains)).max() < 0.02, "down within 5 ms, in a line"
    assert gains[-1] > 0.9, "back within a second"


def test_after_several_one_alone_is_soon_as_it_was() -> None:
    limiter = Limiter()
    limiter.limit(tone(0.5, 440, 3.0))
    limiter.release(tone(3.0, 440, 0.9))
    alone = tone(0.2, 440, 0.9)
    assert np.array_equal(limiter.release(alone), alone)


def voice(seconds: float, pitch: float, words_a_second: float, seed: int) -> Total:
    """Something like speech, nearly at full scale."""
    rng, times = np.random.default_rng(seed), np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    turns = np.cumsum(pitch * (1 + 0.1 * np.sin(2 * np.pi * 3 * times + seed))) / SAMPLE_RATE
    overtones = [
        np.sin(2 * np.pi * number * turns + rng.uniform(0, 6)) / number for number in range(1, 25)
    ]
    wave = np.sum(overtones, axis=0)
    loud = np.clip(np.sin(2 * np.pi * words_a_second * times + rng.uniform(0, 6)), 0, 1)
    whole = np.rint(0.95 * FULL * wave / np.abs(wave).max() * loud)
    return np.repeat(whole[:, None], 2, axis=1).astype(np.int32)


def peak_of(path: Path) -> float:
    with av.open(str(path)) as container:
        return max(float(np.abs(f.to_ndarray()).max()) for f in container.decode(audio=0))


@pytest.mark.parametrize("seed", range(3))
def test_voices_that_shout_are_below_full_scale_after_aac_too(tmp_path: Path, seed: int) -> None:
    rng, limiter, grain = np.random.default_rng(seed), Limiter(), SAMPLE_RATE // 20
    pitches, words = rng.uniform(90, 250, 5), rng.uniform(2, 4, 5)
    total = np.sum([voice(4.0, *of, seed) for of in zip(pitches, words, strict=True)], axis=0)
    parts = [limiter.limit(total[at : at + grain]) for at in range(0, len(total), grain)]
    encode(SoundJob(len(part), part) for part in parts).write(tmp_path / "a.mp4", 0, 4 * SECOND)
    assert np.abs(total).max() > 2 * FULL
    assert 0.7 < peak_of(tmp_path / "a.mp4") < 1.0
