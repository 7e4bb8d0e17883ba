from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.editing.programme import programmes
from tests.clips.editing.segments import Take, segments

H264, AAC = (0x1B, 0x100), (0x0F, 0x101)


@functools.cache
def segment(*, has_sound: bool = True) -> bytes:
    """One that FFmpeg has made."""
    return segments(Take(count=1, has_sound=has_sound))[0]


def test_a_segment_says_which_streams_it_has() -> None:
    assert programmes(segment()) == ((H264, AAC),)
    assert programmes(segment(has_sound=False)) == ((H264,),)


def test_each_change_is_seen() -> None:
    silent = segment(has_sound=False)
    assert programmes(silent + segment() + silent) == ((H264,), (H264, AAC), (H264,))


@pytest.mark.parametrize("data", [b"", b"\x47", b"<html>" * 800, b"\x47" * 188 * 9, bytes(188)])
def test_what_is_no_segment_names_none(data: bytes) -> None:
    assert programmes(data) == ()


@given(st.data())
@settings(deadline=None)
def test_whatever_is_damaged_is_read_all_the_same(data: st.DataObject) -> None:
    damaged = bytearray(segment()[: 188 * 8])
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=20)):
        damaged[at] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    for streams in programmes(bytes(damaged[:end])):
        assert all(0 <= kind <= 0xFF and 0 <= pid <= 0x1FFF for kind, pid in streams)
