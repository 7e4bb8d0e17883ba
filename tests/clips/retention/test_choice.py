"""Which clips go, by their ages and sizes: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.clips.retention import KeptClip, Rules, choose
from tests.clips.retention.folder import HOUR

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULES = Rules(keep=72 * HOUR, most_bytes=1000, least_free=100)
PLENTY = 10_000


def clip(
    name: str, age: float, size: int = 100, *, is_owed: bool = False, is_padded_clip: bool = False
) -> KeptClip:
    """One that was made `age` hours ago, and is kept for 72."""
    made_at = NOW - age * HOUR
    return KeptClip(f"{name}.mp4", size, made_at, made_at + 72 * HOUR, is_owed, is_padded_clip)


clips = st.lists(
    st.builds(
        clip,
        st.uuids().map(str),
        st.integers(0, 100),
        st.integers(0, 500),
        is_owed=st.booleans(),
        is_padded_clip=st.booleans(),
    ),
    max_size=12,
)
rules = st.builds(
    Rules, keep=st.just(72 * HOUR), most_bytes=st.integers(0, 3000), least_free=st.integers(0, 3000)
)
frees = st.integers(0, 4000)


def test_nothing_goes_without_need() -> None:
    assert choose([clip("a", 1), clip("b", 71)], NOW, PLENTY, RULES) == ()


def test_what_has_had_its_time_goes() -> None:
    old, young = clip("old", 72), clip("young", 71.9)
    assert choose([young, old], NOW, PLENTY, RULES) == (old,)


def test_the_oldest_go_until_the_rest_is_small_enough() -> None:
    kept = [clip(str(age), age, size=400) for age in (1, 4, 2, 3)]
    assert [gone.key for gone in choose(kept, NOW, PLENTY, RULES)] == ["4.mp4", "3.mp4"]


def test_the_oldest_go_until_the_disk_has_room() -> None:
    kept = [clip(str(age), age, size=30) for age in (1, 4, 2, 3)]
    assert [gone.key for gone in choose(kept, NOW, 50, RULES)] == ["4.mp4", "3.mp4"]


def test_what_expired_counts_before_anything_younger_goes() -> None:
    expired, young = clip("expired", 80, size=600), clip("young", 1, size=600)
    assert choose([expired, young], NOW, 0, RULES) == (expired,)


def test_what_is_still_owed_stays_whatever_the_rules_say() -> None:
    kept = [clip("owed", 99, size=5000, is_owed=True), clip("shown", 1, size=10)]
    assert [gone.key for gone in choose(kept, NOW, 0, RULES)] == ["shown.mp4"]


def test_what_lies_beside_clips_goes_before_any_clip() -> None:
    kept = [clip("old", 70), clip("young", 1), clip("beside", 0, is_padded_clip=True)]
    assert [gone.key for gone in choose(kept, NOW, 50, RULES)] == ["beside.mp4"]
    assert [gone.key for gone in choose(kept, NOW, -50, RULES)] == ["beside.mp4", "old.mp4"]


@given(clips, frees, rules)
def test_the_choice_keeps_its_rules(kept: list[KeptClip], free: int, rules: Rules) -> None:
    gone = choose(kept, NOW, free, rules)
    connection = [clip for clip in kept if clip not in gone]
    may_go = [clip for clip in connection if not clip.is_owed]
    assert len(set(gone)) == len(gone)
    assert not [clip for clip in gone if clip.is_owed]
    assert not [clip for clip in may_go if clip.expires_at <= NOW]
    room = free + sum(clip.bytes for clip in gone)
    fits = sum(clip.bytes for clip in connection) <= rules.most_bytes and room >= rules.least_free
    assert fits or not may_go, "it stops only where the rules hold, or nothing more may go"


@given(clips, frees, rules)
def test_the_choice_is_the_oldest_and_no_more_than_needed(
    kept: list[KeptClip], free: int, rules: Rules
) -> None:
    gone = choose(kept, NOW, free, rules)
    early = [clip for clip in gone if clip.expires_at > NOW]
    connection = [clip for clip in kept if clip not in gone and not clip.is_owed]
    if not early:
        return
    last = early[-1]
    like_it = [clip for clip in connection if clip.is_padded_clip is last.is_padded_clip]
    assert all(last.made_at <= clip.made_at for clip in like_it)
    assert last.is_padded_clip or not any(clip.is_padded_clip for clip in connection)
    room = free + sum(clip.bytes for clip in gone) - last.bytes
    total = sum(clip.bytes for clip in kept if clip not in gone) + last.bytes
    assert total > rules.most_bytes or room < rules.least_free, "the last one need not have gone"


@given(clips, frees, rules, st.randoms())
def test_the_choice_does_not_depend_on_the_order(
    kept: list[KeptClip], free: int, rules: Rules, random: Random
) -> None:
    before = choose(kept, NOW, free, rules)
    random.shuffle(kept)
    assert choose(kept, NOW, free, rules) == before
