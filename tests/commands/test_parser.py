from __future__ import annotations

import itertools

import base58
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.parsing.parser import (
    LONGEST_TEXT,
    ParsedWords,
    bounded,
    command_of,
    nearest,
    parse_mints,
    parse_words,
    split,
)
from bot.errors import DurationError
from bot.model import MintFault
from tests.pumpfun.samples import MINT, OTHER_MINT, WALLET

mints = st.binary(min_size=32, max_size=32).map(lambda raw: base58.b58encode(raw).decode())
LINK = f"https://pump.fun/coin/{MINT}"


def parsed(text: str) -> ParsedWords:
    return parse_words(split([text]))


@pytest.mark.parametrize(
    ("text", "seconds", "ago"),
    [
        ("", None, None),
        ("30s", 30, None),
        ("90", 90, None),
        ("1m30s", 90, None),
        ("1.5m", 90, None),
        ("30 s", 30, None),
        ("30 seconds", 30, None),
        ("2min", 120, None),
        ("2 Minutes", 120, None),
        ("last 30s", 30, None),
        ("the last 30 seconds please", 30, None),
        ("30s 2m ago", 30, 120),
        ("2m ago 30s", 30, 120),
        ("30s ago 2m", 30, 120),
        ("ago 2m 30s", 30, 120),
        ("30s -2m", 30, 120),
        ("-2m 30s", 30, 120),
        ("-2m", None, 120),
        ("2m ago", None, 120),
        ("ago 2m", None, 120),
        ("2 minutes ago for 30 seconds", 30, 120),
        ("30s 2m", 30, 120),
        ("30s 2m ago ago", 30, 120),
        ("ago=2m 30s", 30, 120),
        ("ago:2m duration:30s", 30, 120),
        ("60s ago=10s", 60, 10),
        ("60s -10s", 60, 10),
        ("1h", 3600, None),
        ("0", 0, None),
        ("1:30", 90, None),
        ("0:45", 45, None),
        ("1:02:03", 3723, None),
        ("1:30 min", 90, None),
        ("30sec", 30, None),
        ("1m 30", 90, None),
        ("1m 30s", 90, None),
        ("1 min 30 sec", 90, None),
        ("1 minute and 30 seconds", 90, None),
        ("1 h 2 m 3 s", 3723, None),
        ("½ min", 30, None),
        ("1½ min", 90, None),
        ("1,5 min", 90, None),
        ("1,5m 10m ago", 90, 600),
        ("1m 30s 5m ago", 90, 300),
        ("0:30 1:30 ago", 30, 90),
        ("0:30 -1:30", 30, 90),
        ("\u22122m 30s", 30, 120),
        ("30s ago=1h30", 30, 5400),
        ("duration:1:30", 90, None),
    ],
)
def test_durations_and_agos_are_understood(
    text: str, seconds: float | None, ago: float | None
) -> None:
    assert parsed(text) == ParsedWords(seconds=seconds, ago=ago)
    assert parsed(f"{MINT} {text}") == ParsedWords(mints=(MINT,), seconds=seconds, ago=ago)
    assert parsed(f"{text} {LINK}") == ParsedWords(mints=(MINT,), seconds=seconds, ago=ago)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("ago", ("ago",)),
        ("soon", ("soon",)),
        ("30x", ("30x",)),
        ("1.2.3", ("1.2.3",)),
        ("1:75", ("1:75",)),
        ("1:2:30", ("1:2:30",)),
        ("ago=soon", ("ago=soon",)),
        ("10s 20s 30s", ("30s",)),
        ("-1m -2m", ("-2m",)),
        ("MINTY", ("MINTY",)),
        ("$minty", ("$minty",)),
    ],
)
def test_what_means_nothing_is_left_over_as_it_was_typed(text: str, rest: tuple[str, ...]) -> None:
    assert parsed(text).rest == rest


def test_an_address_of_digits_is_an_address_and_no_duration() -> None:
    assert parsed("1" * 32) == ParsedWords(mints=("1" * 32,))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"https://pump.fun/profile/{WALLET}", MintFault.WALLET_LINK),
        (f"https://evil.example/coin/{MINT}", MintFault.FOREIGN_HOST),
        (MINT + "1", MintFault.WRONG_LENGTH),
        ("0x52908400098527886E0F7030069857D2E4169EE7", MintFault.EVM),
        ("9" * 400, MintFault.WRONG_LENGTH),
    ],
)
def test_what_looks_like_an_address_and_is_none_is_refused_by_its_fault(
    text: str, fault: MintFault
) -> None:
    for listen in (parse_words, parse_mints):
        found = listen(split([text]))
        assert [error.fault for error in found.refused] == [fault]
        assert not found.mints
        assert not found.rest


def test_mints_may_be_parted_by_anything_and_count_once() -> None:
    text = f"{MINT},{OTHER_MINT}\n<{LINK}>;mint={MINT}"
    assert parse_mints(split([text])).mints == (MINT, OTHER_MINT)


def test_a_platform_that_parses_by_itself_may_put_several_into_one_word() -> None:
    assert split([f"{MINT} {OTHER_MINT}", "", " all "]) == (MINT, OTHER_MINT, "all")


def test_what_nobody_sees_does_not_count() -> None:
    assert split([f"\u200b\u202e{MINT}\u2069 3\u200d0s \ufeff"]) == (MINT, "30s")


times = st.integers(1, 59)


@given(mint=mints, seconds=times, more=st.integers(1, 59), order=st.permutations(range(3)))
@settings(deadline=None)
def test_the_order_of_the_arguments_does_not_matter(
    mint: str, seconds: int, more: int, order: list[int]
) -> None:
    ago = seconds + more
    wanted = ParsedWords(mints=(mint,), seconds=seconds, ago=ago)
    for phrase in (f"{ago}s ago", f"ago {ago}s", f"-{ago}s", f"ago={ago}s", f"{ago} seconds ago"):
        parts = [mint, f"{seconds}s", phrase]
        assert parsed(" ".join(parts[i] for i in order)) == wanted, phrase


@given(seconds=times, ago=times, order=st.permutations(range(2)))
@settings(deadline=None)
def test_a_sign_or_a_name_tells_which_is_which_whatever_is_longer(
    seconds: int, ago: int, order: list[int]
) -> None:
    for phrase in (f"-{ago}s", f"ago={ago}"):
        parts = [f"{seconds}s", phrase]
        assert parsed(" ".join(parts[i] for i in order)) == ParsedWords(seconds=seconds, ago=ago)


@given(
    st.lists(st.text(max_size=40) | st.sampled_from([MINT, "ago", "30s", "-2m", "30", "s", LINK]))
)
@settings(deadline=None)
def test_every_word_is_understood_or_left_over_and_nothing_breaks(words: list[str]) -> None:
    typed = split(words)
    assert all(rest.lower() in "".join(typed).lower() for rest in parse_words(typed).rest)
    assert set(parse_mints(typed).rest) <= set(typed)


@given(st.text("0123456789.smh-ago!", max_size=LONGEST_TEXT))
@settings(deadline=2000)
def test_no_text_takes_long(text: str) -> None:
    parse_words(split([text, "9" * 5000 + "!", "1s" * 2000 + "!"]))


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("/clip 30s", "clip", ("30s",)),
        ("clip 30s", "clip", ("30s",)),
        ("/CLIP@mintcast_bot 30s", "clip", ("30s",)),
        ("  /help  ", "help", ()),
        ("", "", ()),
        ("/", "", ()),
        ("/clip\n30s\t2m", "clip", ("30s", "2m")),
    ],
)
def test_the_command_is_the_first_word(text: str, name: str, words: tuple[str, ...]) -> None:
    assert command_of(text) == (name, words)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("subscrbe", "subscribe"),
        ("sub", "subscribe"),
        ("Unsubscribe", "unsubscribe"),
        ("clips", "clip"),
        ("he", "help"),
        ("qqqq", None),
        ("", None),
    ],
)
def test_the_nearest_is_what_was_most_likely_meant(word: str, found: str | None) -> None:
    assert nearest(word, ["subscribe", "unsubscribe", "subscriptions", "clip", "help"]) == found


def test_a_duration_is_held_to_its_bounds() -> None:
    assert bounded("30s", 30.0, 120.0) == 30.0
    assert bounded("1s", 1.0, 120.0) == 1.0
    for seconds in (0.0, 0.0005, 0.99, 120.1, float("nan")):
        with pytest.raises(DurationError) as caught:
            bounded("x", seconds, 120.0)
        assert caught.value.longest == 120.0


def test_the_groups_of_arguments_are_tried_in_every_order() -> None:
    groups = [MINT, "45s", "3m ago"]
    found = {parsed(" ".join(order)) for order in itertools.permutations(groups)}
    assert found == {ParsedWords(mints=(MINT,), seconds=45, ago=180)}
