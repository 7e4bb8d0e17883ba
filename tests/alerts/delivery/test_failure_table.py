"""The table of failures, and the sentences for what became of a delivery."""

from __future__ import annotations

import pytest

from bot import texts
from bot.alerts.delivery.failure_table import TABLE, Action, back_off
from bot.alerts.planning.plan import GIVE_UP_AFTER, Why
from bot.alerts.ports import Fault
from bot.model import DeliveryKind


def test_the_table_knows_every_fault() -> None:
    assert set(TABLE) == set(Fault)


def test_every_kind_of_delivery_is_given_up_at_a_stated_age() -> None:
    assert set(GIVE_UP_AFTER) == set(DeliveryKind)


def test_every_action_is_taken_somewhere() -> None:
    taken = {action for rule in TABLE.values() for action in rule}
    assert taken == set(Action)


def test_a_change_is_never_in_doubt() -> None:
    assert all(rule.change is not Action.SETTLE for rule in TABLE.values())


@pytest.mark.parametrize("fault", [Fault.MAYBE_SENT, Fault.SERVER_ERROR])
def test_a_first_showing_that_may_have_arrived_is_not_simply_repeated(fault: Fault) -> None:
    assert TABLE[fault].first is Action.SETTLE


@pytest.mark.parametrize("fault", list(Fault))
def test_nothing_that_concerns_one_target_stops_a_platform(fault: Fault) -> None:
    assert (Action.STOP in TABLE[fault]) == (fault is Fault.UNAUTHORIZED)


def test_pauses_grow_up_to_five_minutes() -> None:
    assert [back_off(tries) for tries in (0, 1, 2, 4, 5, 10_000)] == [2, 4, 8, 32, 60, 60]


@pytest.mark.parametrize("code", [*Fault, *Why])
def test_every_end_of_a_delivery_has_a_sentence(code: str) -> None:
    assert texts.alerts.why(code) != texts.alerts.why("something else")


@pytest.mark.parametrize("fault", [fault for fault in Fault if Action.DISABLE in TABLE[fault]])
def test_every_reason_to_disable_a_target_has_a_clause(fault: Fault) -> None:
    assert texts.alerts.disabled_because(fault) != texts.alerts.disabled_because("something-else")


def test_a_code_of_another_mintcast_is_no_riddle() -> None:
    assert texts.alerts.why(None) == texts.alerts.why("brand-new") == "something went wrong"
