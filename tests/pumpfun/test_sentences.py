from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import texts
from bot.model import MintFault, Reason
from tests.pumpfun.samples import MINT


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("status", [None, 503])
@pytest.mark.parametrize("retry_after", [None, 0.2, 30.0, 3600.0])
def test_every_reason_says_what_happened_and_what_next(
    reason: Reason, status: int | None, retry_after: float | None
) -> None:
    sentence = texts.common.pumpfun_failed(reason, status, retry_after)
    assert ". " in sentence, "what happened, then what to do next"
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert reason.value not in sentence.split()


def test_reasons_that_ask_for_different_things_read_differently() -> None:
    told = {texts.common.pumpfun_failed(reason) for reason in Reason}
    # What we cannot read, we cannot read, whatever was odd about it.
    assert len(told) == len(Reason) - 2


@pytest.mark.parametrize("fault", MintFault)
def test_every_fault_has_a_sentence_of_its_own(fault: MintFault) -> None:
    sentence = texts.common.mint_refused("x", fault)
    assert sentence.endswith(".")
    assert all(
        texts.common.mint_refused("x", other) != sentence
        for other in MintFault
        if other is not fault
    )


def test_a_stated_wait_is_told_in_words() -> None:
    assert "in 30 s." in texts.common.pumpfun_failed(Reason.RATE_LIMITED, 429, 29.2)
    assert "in 1 s." in texts.common.pumpfun_failed(Reason.RATE_LIMITED, 429, 0.0)
    assert "in 2 min." in texts.common.pumpfun_failed(Reason.RATE_LIMITED, 429, 120.0)


def test_a_foreign_link_is_not_repeated() -> None:
    assert "evil" not in texts.common.mint_refused("https://evil.example/", MintFault.FOREIGN_HOST)


def test_a_wallet_is_told_from_a_typing_mistake() -> None:
    assert "wallet" in texts.common.not_a_coin(MINT)
    assert MINT in texts.common.not_a_coin(MINT)


@given(st.text())
def test_shown_text_is_short_and_has_no_hidden_marks(text: str) -> None:
    line = texts.common.shown(text)
    assert len(line) <= 48
    assert line.isprintable()


def test_marks_that_turn_text_around_are_dropped() -> None:
    assert texts.common.shown("a\u202eb\x1b[0m\u200bc\nd") == "ab[0mc d"
