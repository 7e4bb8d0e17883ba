"""Who has to go when there are too many, on callers made of nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.ops.connections import ConnectionLimits, ConnectionTable, Stage


@dataclass(eq=False)
class Someone:
    address: str = "203.0.113.9"
    hung_up: bool = False

    def hang_up(self) -> None:
        self.hung_up = True


@pytest.fixture
def table() -> ConnectionTable[Someone]:
    return ConnectionTable(ConnectionLimits(all=8, silent_of_one=4))


def entered(
    table: ConnectionTable[Someone], count: int, address: str, stage: Stage
) -> list[Someone]:
    made = [Someone(address) for _ in range(count)]
    for each in made:
        table.enter(each)
        table.reach(each, stage)
    return made


def test_the_oldest_that_says_nothing_goes_for_the_newest_of_its_address(
    table: ConnectionTable[Someone],
) -> None:
    silent = entered(table, 6, "one", Stage.SILENT)
    assert [each.hung_up for each in silent] == [True, True, False, False, False, False]
    assert len(table) == 4


def test_one_address_displaces_nobody_elses_silence(table: ConnectionTable[Someone]) -> None:
    (other,) = entered(table, 1, "another", Stage.SILENT)
    entered(table, 100, "one", Stage.SILENT)
    assert not other.hung_up


def test_who_asks_is_not_counted_by_address(table: ConnectionTable[Someone]) -> None:
    visitors = entered(table, 8, "a proxy", Stage.ASKING)
    assert not any(each.hung_up for each in visitors)


@pytest.mark.parametrize("least", [Stage.SILENT, Stage.IDLE, Stage.ASKING])
def test_the_newest_is_let_in_for_the_one_that_matters_least(
    table: ConnectionTable[Someone], least: Stage
) -> None:
    entered(table, 3, "page", Stage.FOLLOWING)
    if least is not Stage.ASKING:
        entered(table, 3, "page", Stage.ASKING)
    oldest = entered(table, 8 - len(table), "page", least)[0]
    newest = Someone("newest")
    table.enter(newest)
    assert (oldest.hung_up, newest.hung_up, len(table)) == (True, False, 8)


def test_who_was_hung_up_on_or_has_left_counts_no_more(table: ConnectionTable[Someone]) -> None:
    silent = entered(table, 5, "one", Stage.SILENT)
    table.leave(silent[0])
    table.reach(silent[0], Stage.ASKING)
    assert table.stage(silent[0]) is None
    for each in silent:
        table.leave(each)
    assert len(table) == 0
    assert not any(each.hung_up for each in entered(table, 4, "one", Stage.SILENT))
