"""What stands in the `custom_id` of a button."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Action, Verb
from bot.platforms.discord.messages.custom_ids import LONGEST, TEMPLATE, custom_id, nonce_of

NONCES = st.from_regex(r"[A-Za-z0-9_-]{1,25}", fullmatch=True)
ARGUMENTS = st.from_regex(r"[A-Za-z0-9 .-]{0,50}", fullmatch=True)


@given(st.sampled_from(Verb), ARGUMENTS, NONCES)
def test_an_action_and_its_nonce_are_read_back(verb: Verb, argument: str, nonce: str) -> None:
    action = Action(verb, argument).encode()

    made = custom_id(action, nonce)

    found = re.fullmatch(TEMPLATE, made)
    assert found is not None
    assert found["action"] == action
    assert nonce_of(made) == found["nonce"] == nonce
    assert len(made) <= LONGEST


def test_the_longest_action_has_room_for_the_longest_nonce() -> None:
    assert len(custom_id("x" * 64, "n" * 25)) <= LONGEST


def test_a_button_without_a_nonce_has_none() -> None:
    assert custom_id("again:7") == "mc:again:7"
    assert nonce_of("mc:again:7") is None


@pytest.mark.parametrize("text", ["", "mc:", "other:again:7#abc", "mc:again:7#a b", "mc:a#b#c"])
def test_what_others_have_there_is_none_of_ours(text: str) -> None:
    assert nonce_of(text) is None


@pytest.mark.parametrize("action", ["", "with#mark", "x" * 65])
def test_what_could_not_be_read_back_is_not_written(action: str) -> None:
    with pytest.raises(ValueError, match="no custom_id of ours"):
        custom_id(action, "abc")
