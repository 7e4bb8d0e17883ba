from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.media.limiter import Limiter, Samples
from bot.clips.capture.media.mixer import Mixed, Mixer
from bot.clips.capture.media.mixer_input import FADE
from bot.clips.encoding.rate import SAMPLE_RATE

BLOCK = SAMPLE_RATE // 10
LONG = 1 << 40
NAMES = "abc"
LOUD = 0.2
EDGE = 6e-4
"""A tone of `LOUD` that is cut off where it is highest makes a click of 2e-3."""

scripts = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.sampled_from(NAMES), st.just(0), st.just(0)),
        st.tuples(st.just("leave"), st.sampled_from(NAMES), st.just(0), st.just(0)),
        st.tuples(
            st.just("put"),
            st.sampled_from(NAMES),
            st.integers(-9_600, 14_400),
            st.integers(1, 9_600),
        ),
        st.tuples(st.just("late"), st.just(""), st.integers(-20_000, 60_000), st.just(0)),
        st.tuples(st.just("fill"), st.just(""), st.integers(-9_600, 60_000), st.just(0)),
    ),
    max_size=60,
)

turns = pytest.mark.parametrize("turn", [0.0, 0.25], ids=["at zero", "at its highest"])


def noise(samples: int, seed: int = 0, loud: int = 32_767) -> Samples:
    drawn = np.random.default_rng(seed).integers(-loud, loud + 1, (samples, 2))
    return drawn.astype(np.int16)


def tone(first: int, samples: int, hertz: float, turn: float = 0.0) -> Samples:
    """Blocks begin and end where it is zero, or with a quarter of a turn where it is highest."""
    times = (first + np.arange(samples)) / SAMPLE_RATE
    wave = np.rint(LOUD * 32_767 * np.sin(2 * np.pi * (hertz * times + turn)))
    return np.repeat(wave[:, None], 2, axis=1).astype(np.int16)


def heard(mixed: Iterable[Mixed]) -> Samples:
    """All of it as samples."""
    silence = (np.zeros((part.count, 2), np.int16) for part in mixed if part.samples is None)
    return np.concatenate(
        [
            np.zeros((0, 2), np.int16),
            *(next(silence) if part.samples is None else part.samples for part in mixed),
        ]
    )


class Sender:
    """Puts a tone, block by block."""

    def __init__(
        self, mixer: Mixer, name: str, hertz: float, at: int = 0, turn: float = 0.0
    ) -> None:
        self._mixer, self._name, self.at = mixer, name, at
        self._hertz, self._turn = hertz, turn
        mixer.join(name, LONG)

    def send(self, blocks: int = 1) -> list[Mixed]:
        out = []
        for _ in range(blocks):
            self._mixer.put(self._name, self.at, tone(self.at, BLOCK, self._hertz, self._turn))
            self.at += BLOCK
            out += self._mixer.take()
        return out


def clicks(samples: Samples) -> float:
    """The loudest that is heard above all tones of these tests, of full scale."""
    left = samples[:, 0].astype(float) / 32_768
    window = 512
    count = len(left) // window
    parts = left[: count * window].reshape(count, window) * np.hanning(window)
    spectrum = np.abs(np.fft.rfft(parts, axis=1)) * 4 / window
    return float(spectrum[:, window // 6 :].max())


@given(scripts)
@settings(deadline=None)
def test_the_run_is_unbroken_whatever_comes_and_when(
    script: list[tuple[str, str, int, int]],
) -> None:
    mixer, out, there = Mixer(), list[Mixed](), set[str]()
    for seed, (what, name, amount, samples) in enumerate(script):
        if what == "join":
            mixer.join(name, mixer.count + BLOCK)
            there.add(name)
        elif what == "leave":
            mixer.leave(name)
            there.discard(name)
        elif what == "put" and name in there:
            mixer.put(name, max(0, mixer.count + amount), noise(samples, seed))
        elif what == "late":
            mixer.lose_patience(mixer.count + amount)
        elif what == "fill":
            until = mixer.count + amount
            out += mixer.fill(until)
            assert mixer.count >= until
        out += mixer.take()
        assert sum(part.count for part in out) == mixer.count
    assert all(part.count > 0 for part in out)
    assert all(part.samples is None or len(part.samples) == part.count for part in out)
    assert len(heard(out)) == mixer.count


@given(
    st.integers(0, 3 * SAMPLE_RATE),
    st.lists(st.tuples(st.integers(1, 9_600), st.booleans()), min_size=1, max_size=40),
)
@settings(deadline=None)
def test_one_sound_alone_passes_unchanged_and_at_once(
    start: int, blocks: list[tuple[int, bool]]
) -> None:
    mixer = Mixer()
    mixer.join("a", LONG)
    whole = noise(sum(samples for samples, _ in blocks))
    sent, out = 0, list[Mixed]()
    for samples, looks in blocks:
        mixer.put("a", start + sent, whole[sent : sent + samples])
        sent += samples
        if looks:
            out += mixer.take()
            assert mixer.count == start + sent
    out += mixer.take()
    alone = heard(out)
    assert not alone[:start].any()
    assert np.array_equal(alone[start + FADE :], whole[FADE:])


@given(st.data())
@settings(deadline=None)
def test_the_mix_is_the_sum_in_whatever_order_blocks_come(data: st.DataObject) -> None:
    mixer, out, blocks = Mixer(), list[Mixed](), 8
    for name in NAMES:
        mixer.join(name, LONG)
    wholes = {name: noise(blocks * BLOCK, seed, 7_000) for seed, name in enumerate(NAMES)}
    order = data.draw(st.permutations([name for name in NAMES for _ in range(blocks)]))
    sent = dict.fromkeys(NAMES, 0)
    for name in order:
        at = sent[name]
        mixer.put(name, at, wholes[name][at : at + BLOCK])
        sent[name] += BLOCK
        out += mixer.take()
    out += mixer.fill(blocks * BLOCK)
    expected = np.sum([whole.astype(int) for whole in wholes.values()], axis=0)
    assert np.array_equal(heard(out)[FADE:], expected[FADE:])
    assert mixer.left_out == 0


@turns
def test_who_is_late_is_waited_for_and_then_no_longer(turn: float) -> None:
    mixer = Mixer()
    first, second = Sender(mixer, "a", 440, 0, turn), Sender(mixer, "b", 700, 0, turn)
    out = first.send() + second.send()
    assert heard(out).shape[0] > 0
    assert first.send(2) == [], "it waits for the other one"
    mixer.lose_patience(BLOCK + Mixer.PATIENCE)
    assert mixer.take() == []
    mixer.lose_patience(BLOCK + Mixer.PATIENCE + 1)
    out += mixer.take()
    assert mixer.count > 3 * BLOCK - 2 * Limiter.STEP, "it goes on without it"
    out += second.send(3)
    assert mixer.left_out == 2 * BLOCK, "what came too late moved nothing"
    out += first.send()
    assert clicks(heard(out)) < EDGE


@turns
def test_who_comes_and_who_goes_is_heard_for_just_that_time_and_without_a_click(
    turn: float,
) -> None:
    mixer = Mixer()
    host = Sender(mixer, "a", 440, 0, turn)
    out = host.send(10)
    guest = Sender(mixer, "b", 700, mixer.count + BLOCK // 3, turn)
    for _ in range(10):
        out += host.send() + guest.send()
    mixer.leave("b")
    out += host.send(10)
    expected = tone(0, len(heard(out)), 440, turn).astype(int)
    first = guest.at - 10 * BLOCK
    expected[first : guest.at] += tone(first, 10 * BLOCK, 700, turn)
    apart = np.abs(heard(out) - expected)
    for edge in (0, first, guest.at):
        apart[edge : edge + FADE] = 0
    assert apart.max() == 0
    assert clicks(heard(out)[FADE:]) < EDGE


@turns
@pytest.mark.parametrize("moved", [-3_000, 3_000])
def test_a_sound_that_is_moved_makes_no_click(moved: int, turn: float) -> None:
    mixer = Mixer()
    host = Sender(mixer, "a", 440, 0, turn)
    out = host.send(5)
    host.at += moved
    out += host.send(5)
    assert mixer.count == 10 * BLOCK + moved
    assert clicks(heard(out)[FADE:]) < EDGE


def test_a_hole_of_an_hour_is_silence_and_takes_no_memory() -> None:
    mixer = Mixer()
    sender = Sender(mixer, "a", 440)
    sender.send()
    sender.at += 3_600 * SAMPLE_RATE
    mixed = sender.send()
    assert sum(part.count for part in mixed) == 3_600 * SAMPLE_RATE + BLOCK
    assert sum(part.count for part in mixed if part.samples is not None) <= 2 * SAMPLE_RATE
    assert mixer.fill(7_200 * SAMPLE_RATE)[-1].samples is None


def test_sixteen_at_full_scale_stay_below_the_ceiling() -> None:
    mixer = Mixer()
    names = [str(number) for number in range(16)]
    for name in names:
        mixer.join(name, LONG)
    out = []
    for block, name in itertools.product(range(10), names):
        mixer.put(name, block * BLOCK, noise(BLOCK, block))
        out += mixer.take()
    assert np.abs(heard(out).astype(int)).max() <= Limiter.CEILING
