"""The sounds of a room as they come: their places, silence, who is waited for, who is counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.media.mixer import Mixed
from bot.clips.capture.media.mixer_input import FADE
from bot.clips.capture.media.sound_mix import BED_LAG, SoundMix
from bot.clips.capture.media.timeline import SECOND, AudioTimeline, duration_of, samples_of

BASE = 77 * SECOND
BLOCK = 4_800
BLOCK_US = 100_000
MS = 1_000

scripts = st.lists(
    st.tuples(
        st.sampled_from(["open", "close", "take", "take", "take", "late", "fill"]),
        st.sampled_from("ab"),
        st.integers(0, 400 * MS),
    ),
    max_size=80,
)


class Voice:
    """A sound whose blocks each have one value of their own."""

    def __init__(self, mix: SoundMix, name: str, now: int) -> None:
        self._mix, self._name, self._now, self._number = mix, name, now, 0
        mix.open(name, now)

    def speak(self, blocks: int = 1, late: int = 0) -> list[Mixed]:
        mixed = []
        for _ in range(blocks):
            self._now += BLOCK_US
            self._number += 1
            data = np.full(2 * BLOCK, self._number, np.int16).tobytes()
            mixed += self._mix.take(self._name, data, BLOCK, BASE + self._now + late)
        return mixed

    def pause(self, microseconds: int) -> None:
        self._now += microseconds


def heard(mixed: list[Mixed]) -> list[int]:
    """The numbers of the blocks that are heard alone, in their order."""
    values = [value for part in mixed if part.samples is not None for value in part.samples[:, 0]]
    return [value for value in dict.fromkeys(values) if value]


def run(mixed: list[Mixed]) -> npt.NDArray[np.int16]:
    """All samples of one channel."""
    silent = np.zeros(0, np.int16)
    parts = (np.zeros(m.count, np.int16) if m.samples is None else m.samples[:, 0] for m in mixed)
    return np.concatenate([silent, *parts])


def silence(mixed: list[Mixed]) -> int:
    return int((run(mixed) == 0).sum())


@given(scripts)
@settings(deadline=None)
def test_the_run_is_unbroken_whatever_happens_in_the_room(
    script: list[tuple[str, str, int]],
) -> None:
    mix, now, there, count = SoundMix(BASE), 0, set[str](), 0
    block = np.ones(2 * BLOCK, np.int16).tobytes()
    for what, name, later in script:
        now += later
        mixed: list[Mixed] = []
        if what == "open":
            mix.open(name, now)
            there.add(name)
        elif what == "close":
            mixed = mix.close(name)
            there.discard(name)
        elif what == "take" and name in there:
            mixed = mix.take(name, block, BLOCK, BASE + now)
        elif what == "late":
            mixed = mix.lose_patience(now)
        elif what == "fill":
            mixed = mix.fill(now - BED_LAG)
        count += sum(part.count for part in mixed)
        assert mix.end == duration_of(count)
    assert mix.sounds == len(there)


def test_one_sound_is_given_out_as_soon_as_its_place_is_known() -> None:
    mix = SoundMix(BASE)
    voice = Voice(mix, "a", 0)
    assert voice.speak(9) == []
    assert not mix.anchored
    mixed = voice.speak()
    assert mix.anchored
    assert heard(mixed) == list(range(1, 11))
    assert mix.end == SECOND
    assert heard(voice.speak()) == [11]
    assert mix.end == SECOND + BLOCK_US


def test_sound_that_comes_after_a_pause_begins_after_silence() -> None:
    mix = SoundMix(BASE)
    mixed = Voice(mix, "a", 0).speak(20)
    mixed += mix.close("a")
    mixed += mix.fill(5 * SECOND - BED_LAG)
    mixed += Voice(mix, "b", 5 * SECOND).speak(20)
    assert mix.end == pytest.approx(7 * SECOND, abs=50)
    assert silence(mixed) == pytest.approx(samples_of(3 * SECOND), abs=2 * FADE)


def test_a_microphone_that_overlaps_the_one_before_is_cut_at_its_beginning() -> None:
    mix = SoundMix(BASE)
    mixed = Voice(mix, "a", 0).speak(20)
    mixed += mix.close("a")
    mixed += Voice(mix, "b", 2 * SECOND - 250 * MS).speak(20)
    assert silence(mixed) <= FADE, "where the first one rises"
    assert mix.end == pytest.approx(4 * SECOND - 250 * MS, abs=50)


def test_who_speaks_again_after_a_silence_is_in_its_place() -> None:
    mix = SoundMix(BASE)
    voice = Voice(mix, "a", 0)
    voice.speak(20)
    voice.pause(3 * SECOND)  # its reader hung: the blocks of that time never come
    mix.lose_patience(5 * SECOND)
    mix.fill(5 * SECOND - BED_LAG)
    voice.speak(30)
    assert mix.end == pytest.approx(8 * SECOND, abs=50)


def test_silence_is_filled_up_to_a_time_and_never_twice() -> None:
    mix = SoundMix(BASE)
    assert silence(mix.fill(SECOND)) == samples_of(SECOND)
    assert mix.fill(SECOND) == []
    assert mix.fill(-SECOND) == []
    assert mix.end == SECOND


def test_two_who_are_there_from_the_start_are_heard_from_their_first_samples() -> None:
    mix = SoundMix(BASE)
    mixed = mix.fill(8 * SECOND)
    first, second = Voice(mix, "a", 10 * SECOND), Voice(mix, "b", 10 * SECOND + 60 * MS)
    for number in range(20):
        mixed += first.speak() + second.speak()
        mixed += mix.lose_patience(10 * SECOND + (number + 1) * BLOCK_US + 80 * MS)
    samples = run(mixed)
    for at, expected in ((10_050, 1), (10_090, 1 + 1), (10_110, 2 + 1), (11_510, 16 + 15)):
        assert samples[samples_of(at * MS)] == expected


def test_who_comes_to_others_is_heard_from_the_first_sample_on() -> None:
    """And holds the others up for a moment only."""
    mix, mixed = SoundMix(BASE), []
    host = Voice(mix, "a", 0)
    mixed += host.speak(20)
    guest, began = Voice(mix, "b", 2 * SECOND + 30 * MS), 2 * SECOND
    for number in range(1, 11):
        mixed += host.speak() + guest.speak()
        mixed += mix.lose_patience(began + number * BLOCK_US + 50 * MS)
        behind = began + number * BLOCK_US - mix.end
        assert behind <= (AudioTimeline.QUICK_BLOCKS + 1) * BLOCK_US
    assert behind <= BLOCK_US
    samples = run(mixed)
    for at, expected in ((2_020, 21), (2_050, 21 + 1), (2_310, 24 + 3), (2_350, 24 + 4)):
        assert samples[samples_of(at * MS)] == expected


def test_a_guest_who_hangs_is_waited_for_no_longer_than_patience_lasts() -> None:
    mix = SoundMix(BASE)
    host, guest, mixed = Voice(mix, "a", 0), Voice(mix, "b", 0), []
    for _ in range(20):
        mixed += host.speak() + guest.speak()
    for number in range(10):
        mixed += host.speak()
        now = 2 * SECOND + (number + 1) * BLOCK_US
        mixed += mix.lose_patience(now)
        assert now - mix.end <= 350 * MS
    guest.pause(SECOND)
    for _ in range(20):
        mixed += host.speak() + guest.speak()
    assert run(mixed)[samples_of(4_550 * MS)] == 46 + 36, "and is heard again"
    assert mix.end > 5 * SECOND - BLOCK_US


def test_a_loop_that_stood_still_for_3_s_loses_nothing_of_several() -> None:
    """What queued up comes at once: all of one sound, then all of the next."""
    mix, mixed = SoundMix(BASE), []
    host, guest = Voice(mix, "a", 0), Voice(mix, "b", 0)
    for _ in range(20):
        mixed += host.speak() + guest.speak()
    for voice in (host, guest):
        for number in range(30):
            mixed += voice.speak(late=3 * SECOND - number * BLOCK_US)
    for _ in range(20):
        mixed += host.speak() + guest.speak()
    assert set(np.unique(run(mixed)[FADE:])) == set(range(2, 141, 2))
    assert mix.end > 7 * SECOND - BLOCK_US
