"""Where a short piece lies in a longer one: by loudness, by pictures, by both, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from bot.clips.editing.alignment.lag import STEP, Array, Track, lag_of

DICE = np.random.default_rng(7)
LONG, SHORT, AT = 40.0, 10.0, 17.3
NOTHING = np.zeros(0, np.float32)


def loudness(
    seconds: float, period: float | None = None, dice: np.random.Generator | None = None
) -> Array:
    """Speech-like; or a beep that comes again and again."""
    count = round(seconds / STEP)
    if period is not None:
        each = round(period / STEP)
        return np.array([0.0 if at % each < 4 else -3.0 for at in range(count)], np.float32)
    dice = dice or np.random.default_rng(7)
    return np.convolve(dice.normal(size=count), np.ones(8) / 8, "same").astype(np.float32)


def pictures(times: Array, *, moves: bool = True) -> Array:
    """A bar that goes across, of a brightness of its own each second."""
    thumbs = np.zeros((len(times), 400), np.float32)
    for row, at in enumerate(times if moves else 0 * times):
        thumbs[row] = 0.3 + 0.2 * np.sin(np.arange(400) / 9 + at * 1.7) + 0.1 * np.sin(at * 0.37)
    return thumbs


def pair(loud: Array, *, moves: bool | None) -> tuple[Track, Track]:
    """A piece of `SHORT` seconds of it, and the whole; `moves` None: there is no picture."""
    first = round(AT / STEP)
    part = loud[first : first + round(SHORT / STEP)] if len(loud) else loud
    if moves is None:
        return Track(part, NOTHING, NOTHING), Track(loud, NOTHING, NOTHING)
    times = np.arange(0, LONG, 0.05, dtype=np.float32)
    keys = np.arange(0, SHORT, 0.5, dtype=np.float32)
    short = Track(part, keys, pictures(keys + AT, moves=moves))
    return short, Track(loud, times, pictures(times, moves=moves))


@pytest.mark.parametrize("moves", [None, True, False])
def test_speech_is_found(moves: bool | None) -> None:
    assert lag_of(*pair(loudness(LONG), moves=moves)) == pytest.approx(AT, abs=0.1)


def test_louder_and_with_noise_it_is_the_same() -> None:
    short, long = pair(loudness(LONG), moves=None)
    noise = np.random.default_rng(8)
    changed = 0.5 * short.loudness + 1 + noise.normal(size=len(short.loudness)) * 0.02
    louder = Track(changed.astype(np.float32), NOTHING, NOTHING)
    assert lag_of(louder, long) == pytest.approx(AT, abs=0.05)


def test_a_sound_that_repeats_needs_a_picture_that_moves() -> None:
    beeps = loudness(LONG, period=1.0)
    assert lag_of(*pair(beeps, moves=True)) == pytest.approx(AT, abs=0.1)
    assert lag_of(*pair(beeps, moves=False)) is None
    assert lag_of(*pair(beeps, moves=None)) is None


def scenes(times: Array) -> Array:
    """Each quarter of a second shows something else."""
    each = np.random.default_rng(3).uniform(0.2, 0.8, (4 * round(LONG), 400)).astype(np.float32)
    shown: Array = each[(4 * times).astype(int)]
    return shown


@pytest.mark.parametrize("seed", range(5))
def test_where_the_sound_was_lost_the_picture_is_enough_and_two_that_differ_tell_nothing(
    seed: int,
) -> None:
    dice = np.random.default_rng(seed)
    times = np.arange(0, LONG - 1, 0.05, dtype=np.float32)
    keys = np.arange(0, SHORT, 0.5, dtype=np.float32)
    late = scenes(keys + AT + 0.04)  # and some of its pictures came late
    sound = loudness(LONG, dice=dice)
    long = Track(sound, times, scenes(times))
    assert lag_of(Track(loudness(SHORT, dice=dice), keys, late), long) == pytest.approx(
        AT, abs=0.25
    )
    beeps = loudness(LONG, period=1.0)
    first = round((AT + 0.45) / STEP)
    shifted = beeps[first : first + round(SHORT / STEP)]
    long_beeps = Track(beeps, times, scenes(times))
    assert lag_of(Track(shifted, keys, late), long_beeps) == pytest.approx(AT, abs=0.25)
    elsewhere = Track(sound[: round(SHORT / STEP)], keys, late)
    assert lag_of(elsewhere, long) is None


def test_what_stands_still_in_silence_tells_nothing() -> None:
    assert lag_of(*pair(NOTHING, moves=False)) is None
    assert lag_of(*pair(np.full(round(LONG / STEP), -4.0, np.float32), moves=None)) is None
    empty = Track(NOTHING, NOTHING, NOTHING)
    assert lag_of(empty, empty) is None


def test_what_is_not_in_it_is_not_found() -> None:
    short, _ = pair(loudness(LONG), moves=None)
    other = loudness(LONG, dice=np.random.default_rng(9))
    assert lag_of(short, Track(other, NOTHING, NOTHING)) is None


def test_one_bang_in_silence_is_like_any_other() -> None:
    quiet = np.full(round(LONG / STEP), -4.0, np.float32)
    short, long = quiet[: round(SHORT / STEP)].copy(), quiet.copy()
    short[200:210] = long[900:910] = 0.0
    assert lag_of(Track(short, NOTHING, NOTHING), Track(long, NOTHING, NOTHING)) is None


def test_other_speech_is_never_taken_for_it() -> None:
    for _ in range(20):
        short, _ = pair(loudness(LONG), moves=None)
        other = loudness(LONG, dice=np.random.default_rng(9))
    assert lag_of(short, Track(other, NOTHING, NOTHING)) is None
