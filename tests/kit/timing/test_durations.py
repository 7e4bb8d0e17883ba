from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ByteSizeError, DurationError
from bot.kit.timing.durations import parse_bytes, parse_duration

LONGEST = 600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("90", 90),
        ("1m", 60),
        ("1m30s", 90),
        ("1m30", 90),
        ("2min", 120),
        (" 1m 30s ", 90),
        ("1M30S", 90),
        ("1.5m", 90),
        ("0.5", 0.5),
        ("0h10m", 600),
        ("1:30", 90),
        ("0:45", 45),
        ("0:07:30.5", 450.5),
        ("10:00", 600),
        ("1:30 min", 90),
        ("0:45s", 45),
        ("0:10h", 600),
        ("90 s", 90),
        ("1 min", 60),
        ("1m 30", 90),
        ("1 min 30 sec", 90),
        ("30sec", 30),
        ("30 Seconds", 30),
        ("2mins", 120),
        ("½ min", 30),
        ("1½min", 90),
    ],
)
def test_a_duration_is_read_as_people_type_it(text: str, seconds: float) -> None:
    assert parse_duration(text, LONGEST) == seconds


@given(st.integers(0, 1), st.integers(0, 59), st.integers(0, 59), st.booleans())
@settings(deadline=None)
def test_what_is_written_is_read_back(hours: int, minutes: int, seconds: int, bare: bool) -> None:
    total = hours * 3600 + minutes * 60 + seconds
    text = f"{hours}h{minutes}m{seconds}{'' if bare else 's'}"
    if total:
        assert parse_duration(text, 7200) == total
    else:
        with pytest.raises(DurationError):
            parse_duration(text, 7200)


@given(st.floats(0.01, LONGEST))
@settings(deadline=None)
def test_plain_seconds_are_read_back_to_the_hundredth(seconds: float) -> None:
    text = f"{seconds:.2f}"
    assert parse_duration(text, LONGEST) == parse_duration(f"{text}s", LONGEST) == float(text)


garbage = st.one_of(
    st.text(),
    st.text("0123456789hmsin. -+e∞٣", max_size=12),
    st.from_regex(r"[0-9]{1,400}(\.[0-9]+)?[hms]?", fullmatch=True),
)


@given(garbage, st.floats(0.1, 1e9))
@settings(deadline=None)
def test_garbage_is_refused_and_never_more_than_the_longest_is_given(
    text: str, longest: float
) -> None:
    refused = None
    try:
        assert 0 < parse_duration(text, longest) <= longest
    except DurationError as error:
        refused = error
    assert refused is None or (refused.text, refused.longest) == (text, longest)


@pytest.mark.parametrize(
    "text",
    ["", " ", "s", "m", "-5", "+5", "1h-5m", "5x", "1:5", "1:75", ":30", "1:", "1:2:30", "1:30:75",
     "1 30", "1.5½", "½½", "1e3", "٣", "nan", "inf", "30s1m",
     "1m1m", "0x10", ".5", "5.", "1,5", "\x00", "--jsno"],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text, LONGEST)
    assert caught.value.seconds is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0m0s", 0),
        ("0:00", 0),
        ("601", 601),
        ("2h", 7200),
        ("1:02:03", 3723),
        ("1h30", 5400),
        ("1:30h", 5400),
    ],
)
def test_a_duration_out_of_bounds_says_how_long_it_would_be(text: str, seconds: float) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text, LONGEST)
    assert caught.value.seconds == seconds


def test_one_that_is_too_short_says_so_too() -> None:
    assert parse_duration("1s", LONGEST, 1.0) == 1.0
    with pytest.raises(DurationError) as caught:
        parse_duration("0.99s", LONGEST, 1.0)
    assert caught.value.seconds == 0.99


def test_a_number_beyond_all_numbers_is_no_duration() -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration("9" * 400, LONGEST)
    assert caught.value.seconds is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("10485760", 10 << 20),
        ("10MiB", 10 << 20),
        ("10mb", 10 << 20),
        ("10 M", 10 << 20),
        ("512k", 512 << 10),
        ("1.5g", 3 << 29),
        ("7b", 7),
    ],
)
def test_a_number_of_bytes_is_read_as_people_type_it(text: str, count: int) -> None:
    assert parse_bytes(text, 0) == count


@given(st.integers(0, 1 << 45))
@settings(deadline=None)
def test_bytes_are_read_back(count: int) -> None:
    assert parse_bytes(str(count), 0) == count
    assert parse_bytes(f"{count}KiB", 0) == count * 1024


@given(garbage, st.integers(0, 1 << 30))
@settings(deadline=None)
def test_garbage_is_no_number_of_bytes(text: str, least: int) -> None:
    refused = None
    try:
        assert parse_bytes(text, least) >= least
    except ByteSizeError as error:
        refused = error
    assert refused is None or (refused.text, refused.least) == (text, least)


@pytest.mark.parametrize("text", ["", "k", "-1", "1e6", "ten", "1tb", "1ib b", "9" * 400, "٣"])
def test_what_is_no_number_of_bytes_is_refused(text: str) -> None:
    with pytest.raises(ByteSizeError):
        parse_bytes(text, 0)


def test_fewer_bytes_than_a_clip_takes_are_refused() -> None:
    assert parse_bytes("65536", 65_536) == 65_536
    with pytest.raises(ByteSizeError):
        parse_bytes("65535", 65_536)
