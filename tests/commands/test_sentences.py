"""What is said reads as people speak, and every refusal says what to do next."""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import texts
from bot.commands import formatting
from bot.model import (
    Coin,
    DeliveryState,
    HistoryRow,
    Preference,
    Scope,
    StreamState,
    Target,
)
from bot.model.delivery import DeliveryKind
from tests.fakes.chat import channel
from tests.fakes.clock import START
from tests.pumpfun.samples import MINT

REFUSALS = [
    texts.commands.unknown_command("subscribe"),
    texts.commands.unknown_command(None),
    texts.commands.no_command(),
    texts.commands.too_long(8000),
    texts.commands.too_many_words(40, "/settings [change] [mint]"),
    texts.commands.one_coin("/live [mint]"),
    texts.commands.several_so_called("x", ["4F21…pump", "9p3N…zkpd"]),
    texts.commands.too_many_mints(20),
    texts.commands.asked_too_much(12.4),
    texts.clips.nothing_at_hand(120, by_options=True),
    texts.clips.only_at_hand(40),
    texts.clips.began_only(40.4),
    texts.clips.stream_is_gone("Minty"),
    texts.commands.odd_button(),
    texts.commands.may_not_manage("subscribe", "discord"),
    texts.commands.may_not_manage("subscribe", "telegram"),
    texts.commands.may_not_clip("telegram"),
    texts.commands.may_not_clip("discord", by_options=True),
    texts.commands.name_one("/live [mint]"),
    texts.commands.may_not_touch_clip("discord"),
    texts.commands.went_wrong(),
    texts.commands.no_live_coin("/clip [mint]"),
    texts.commands.nothing_followed("/test [mint]"),
    texts.clips.not_live_no_clip("Minty"),
    texts.clips.cool_down(12.3, own=True),
    texts.clips.queue_full(1),
    texts.clips.queue_full(20),
    texts.clips.no_such_clip(),
    texts.clips.nothing_to_cancel(),
    texts.clips.nothing_to_delete(),
    texts.clips.is_late(has_failed=False),
    texts.clips.is_late(has_failed=True),
    texts.clips.is_uncertain(),
    texts.clips.not_posted("it was so"),
    texts.commands.cannot_post_yet("#news", ["View Channel", "Send Messages"], "subscribe"),
    texts.settings.everyone_is_no_role(),
    texts.settings.empty_night(),
    texts.settings.empty_night(by_options=True),
    texts.settings.not_followed("Minty"),
    texts.settings.not_for_a_coin(Preference.NOTICES),
    texts.settings.one_scope(),
    texts.settings.one_scope(by_options=True),
]


@pytest.mark.parametrize("sentence", REFUSALS)
def test_a_refusal_is_one_line_of_whole_sentences(sentence: str) -> None:
    assert sentence[0].isupper() or sentence.startswith("1 ") or sentence[0].isdigit()
    assert sentence.endswith((".", "?", "]"))
    assert "\n" not in sentence
    assert "  " not in sentence
    assert "None" not in sentence
    assert 20 < len(sentence) < 260


def test_no_two_refusals_read_the_same() -> None:
    assert len(set(REFUSALS)) == len(REFUSALS)


COUNTING = [
    function
    for module in (texts.clips, texts.subscriptions)
    for _, function in inspect.getmembers(module, inspect.isfunction)
    if list(inspect.signature(function).parameters) in (["count"], ["ahead"])
]


@pytest.mark.parametrize("says", COUNTING)
def test_one_and_several_read_differently(says: Callable[[int], str]) -> None:
    one, two = says(1), says(2)
    assert "1" in one
    assert "2" in two
    assert one.replace("1", "2") != two or "more" in one


def test_every_state_of_a_stream_has_its_words() -> None:
    told = [texts.subscriptions.state(state) for state in StreamState]
    assert texts.subscriptions.state(None) == texts.subscriptions.state(StreamState.ENDED)
    assert len(set(told)) == len(StreamState)
    assert len({texts.subscriptions.added_open(state) for state in StreamState}) == 3


def test_every_preference_has_a_label_a_default_and_a_level() -> None:
    for preference in Preference:
        assert texts.settings.label(preference)
        assert texts.settings.value(preference, None)
        assert texts.settings.value(preference, "") == texts.settings.value(preference, None)
    assert len({texts.settings.label(preference) for preference in Preference}) == len(Preference)
    for platform in ("discord", "telegram"):
        assert len({texts.settings.scope(scope, platform) for scope in (*Scope, None)}) == 4


def test_the_page_is_one_place_and_needs_no_word_for_it() -> None:
    told = {scope: texts.settings.scope(scope, "local") for scope in (*Scope, None)}
    assert [scope for scope, words in told.items() if not words] == [Scope.PLACE, Scope.TARGET]


@pytest.mark.parametrize("name", Preference)
def test_every_preference_has_its_entry_and_its_words(name: Preference) -> None:
    spec, words = name.spec, texts.preferences.WORDS[name]
    assert words.option
    assert set(words.meanings) == set(spec.choices)
    assert not spec.choices or spec.default in spec.choices
    assert set(spec.synonyms.values()) <= set(spec.choices)
    assert bool(words.if_none) == (not spec.default)
    assert bool(words.place_only) == (Scope.SUBSCRIPTION not in spec.scopes)
    assert words.control
    assert list(words.offers) == list(spec.offered)
    assert bool(words.example) != spec.is_part


def test_no_word_stands_for_two_preferences() -> None:
    words = [word for name in Preference for word in (name.spec.word, *name.spec.also)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("state", DeliveryState)
@pytest.mark.parametrize("seconds", [None, 0.0, 0.04, 59.9, 61.0, 7200.0])
def test_every_row_of_the_history_has_its_words(
    state: DeliveryState, seconds: float | None
) -> None:
    delay = timedelta(seconds=seconds) if seconds is not None else None
    sent = START + delay if delay is not None else None
    target = Target(1, 1, "fake", channel())
    row = HistoryRow(target, DeliveryKind.ALERT, state, MINT, START, sent, None, None)
    words = texts.subscriptions.history_outcome(row, delay, "")
    assert words
    assert "-" not in words
    assert "it was so" in texts.subscriptions.history_outcome(row, delay, "it was so")


def test_every_kind_of_a_delivery_has_its_word() -> None:
    assert len({texts.subscriptions.history_kind(kind) for kind in DeliveryKind}) == len(
        DeliveryKind
    )


@given(st.text(max_size=300), st.text(max_size=300))
@settings(deadline=None)
def test_a_coin_is_called_by_one_short_harmless_line(symbol: str, name: str) -> None:
    coin = Coin(MINT, symbol, name)
    for called in (formatting.called(coin, MINT), formatting.ticker(coin, MINT)):
        assert called.strip()
        known = "".join(c for c in called if unicodedata.category(c) != "Cn")  # newer emoji stay
        assert known.isprintable()
        assert len(called) <= 70
        assert "@everyone" not in called


def test_what_has_no_name_is_called_by_its_address() -> None:
    for coin in (None, Coin(MINT), Coin(MINT, " \u200b", "\u202e")):
        assert formatting.called(coin, MINT) == "4F21…pump"
        assert formatting.ticker(coin, MINT) == "4F21…pump"


def test_a_list_is_cut_where_it_must_be() -> None:
    lines = [formatting.line(str(number)) for number in range(5)]
    assert formatting.listed(lines, 5) == tuple(lines)
    assert formatting.listed(lines, 3) == (*lines[:3], formatting.line("… and 2 more"))


def test_buttons_stand_in_rows() -> None:
    buttons = [formatting.copy_button(MINT)] * 4
    assert [len(row) for row in formatting.rows(buttons)] == [3, 1]
    assert formatting.rows([]) == ()
