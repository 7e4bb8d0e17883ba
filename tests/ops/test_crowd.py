"""Who has to go when there are too many, on callers made of nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bot.ops.crowd import Crowd, Room, Stage


@dataclass(eq=False)
class Someone:
    address: str = "203.0.113.9"
    hung_up: bool = False

    def hang_up(self) -> None:
        self.hung_up = True


@pytest.fixture
def crowd() -> Crowd[Someone]:
    return Crowd(Room(all=8, silent_of_one=4))


def entered(crowd: Crowd[Someone], count: int, address: str, stage: Stage) -> list[Someone]:
    made = [Someone(address) for _ in range(count)]
    for each in made:
        crowd.enter(each)
        crowd.reach(each, stage)
    return made


def test_the_oldest_that_says_nothing_goes_for_the_newest_of_its_address(
    crowd: Crowd[Someone],
) -> None:
    silent = entered(crowd, 6, "one", Stage.SILENT)
    assert [each.hung_up for each in silent] == [True, True, False, False, False, False]
    assert len(crowd) == 4


def test_one_address_displaces_nobody_elses_silence(crowd: Crowd[Someone]) -> None:
    (other,) = entered(crowd, 1, "another", Stage.SILENT)
    entered(crowd, 100, "one", Stage.SILENT)
    assert not other.hung_up


def test_who_asks_is_not_counted_by_address(crowd: Crowd[Someone]) -> None:
    visitors = entered(crowd, 8, "a proxy", Stage.ASKING)
    assert not any(each.hung_up for each in visitors)


@pytest.mark.parametrize("least", [Stage.SILENT, Stage.IDLE, Stage.ASKING])
def test_the_newest_is_let_in_for_the_one_that_matters_least(
    crowd: Crowd[Someone], least: Stage
) -> None:
    entered(crowd, 3, "page", Stage.FOLLOWING)
    if least is not Stage.ASKING:
        entered(crowd, 3, "page", Stage.ASKING)
    oldest = entered(crowd, 8 - len(crowd), "page", least)[0]
    newest = Someone("newest")
    crowd.enter(newest)
    assert (oldest.hung_up, newest.hung_up, len(crowd)) == (True, False, 8)


def test_who_was_hung_up_on_or_has_left_counts_no_more(crowd: Crowd[Someone]) -> None:
    silent = entered(crowd, 5, "one", Stage.SILENT)
    crowd.leave(silent[0])
    crowd.reach(silent[0], Stage.ASKING)
    assert crowd.stage(silent[0]) is None
    for each in silent:
        crowd.leave(each)
    assert len(crowd) == 0
    assert not any(each.hung_up for each in entered(crowd, 4, "one", Stage.SILENT))
