"""Clips of every kind, for properties of what is said and stored of them."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from hypothesis import strategies as st

from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipResult,
    ClipStatus,
    NoteKind,
    PlacedBy,
    RecordingFacts,
)

numbers = st.floats(0, 1e6, allow_nan=False)
names = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1)
placed_by = st.none() | st.builds(PlacedBy, st.text(), numbers, st.booleans())
results = st.builds(
    ClipResult,
    status=st.sampled_from(ClipStatus),
    path=st.none() | names.map(Path),
    seconds=numbers,
    width=st.none() | st.integers(2, 4096),
    height=st.none() | st.integers(2, 4096),
    fps=st.none() | numbers,
    bytes=st.integers(0, 1 << 40),
    has_video=st.booleans(),
    has_audio=st.booleans(),
    started_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    join_ms=st.none() | st.integers(0, 10**6),
    dropped_frames=st.integers(0, 10**6),
    notes=st.lists(st.builds(ClipNote, st.sampled_from(NoteKind), numbers)).map(tuple),
    end=st.none() | st.sampled_from(CaptureEnd),
    failure=st.none() | st.sampled_from(ClipFailure),
    detail=st.text(),
    poster=st.none() | st.just("minty-0.jpg"),
    recording=st.none()
    | st.builds(RecordingFacts, numbers, st.booleans(), st.integers(0, 100), numbers, placed_by),
)
