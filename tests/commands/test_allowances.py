from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands import Limits, Request
from bot.commands.allowances import Allowance, Allowances
from bot.errors import Refused
from bot.model import ANONYMOUS, Person
from tests.fakes.chat import FakeCaller, FakeReply, channel
from tests.fakes.clock import FakeClock


async def test_a_place_may_ask_so_much_in_each_minute_for_ever() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=3)
    for _ in range(4):
        assert [allowance.take(1, 1) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
        await clock.advance(60)


async def test_places_do_not_share() -> None:
    allowance = Allowance(FakeClock(), most=1)
    assert allowance.take(1, 1) == 0.0
    assert allowance.take(2, 1) == 0.0
    assert allowance.take(1, 1) == 60.0


async def test_what_is_refused_does_not_count() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=5)
    assert allowance.take(1, 4) == 0.0
    await clock.advance(30)
    assert allowance.take(1, 2) == 30.0
    assert allowance.take(1, 1) == 0.0
    await clock.advance(30)
    assert allowance.take(1, 4) == 0.0


async def test_more_than_is_ever_allowed_is_allowed_once_nothing_was_asked() -> None:
    allowance = Allowance(FakeClock(), most=5)
    assert allowance.take(1, 20) == 0.0
    assert allowance.take(1, 1) == 60.0


async def test_places_that_are_quiet_are_forgotten() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=5)
    for place in range(1500):
        allowance.take(place, 1)
    await clock.advance(61)
    allowance.take(1, 1)
    assert len(allowance._asked) == 1


@example([(4.299970430494774, 1), (30.0, 2), (30.0, 4)])  # where a sum is rounded to nothing
@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 4)), max_size=40))
@settings(deadline=None)
async def test_no_minute_ever_has_more_than_is_allowed(steps: list[tuple[float, int]]) -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=6)
    taken: list[float] = []
    for pause, count in steps:
        clock._elapsed += pause
        if allowance.take(1, count) == 0.0:
            taken += [clock.monotonic()] * count
        now = clock.monotonic()
        assert sum(at > now - 60 for at in taken) <= 6


LIMITS = Limits(
    questions_a_minute=6,
    questions_a_minute_person=4,
    questions_a_minute_service=8,
    questions_a_minute_always=1,
)


class Asking:
    """Requests of people in places, and what each is told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.allowances = Allowances(self.clock, LIMITS)

    def ask(self, who: str, place: str, count: int = 1, *, operator: bool = False) -> str:
        """Empty: it may be asked."""
        request = Request(
            address=channel("general", place),
            sender="fake",
            caller=FakeCaller(Person(who)),
            reply=FakeReply(),
            is_operator=operator,
        )
        try:
            self.allowances.take(request, count)
        except Refused as refusal:
            return refusal.sentence
        return ""


async def test_a_person_has_one_allowance_over_all_places() -> None:
    asking = Asking()
    assert [asking.ask("mallory", f"group-{n}") for n in range(4)] == [""] * 4
    assert asking.ask("mallory", "group-9") == "Too many requests from you. Try again in 1 min."
    assert asking.ask("ada", "group-9") == ""


async def test_those_without_a_name_share_one() -> None:
    asking = Asking()
    for n in range(4):
        assert asking.ask(f"{ANONYMOUS}-{n}", f"group-{n}") == ""
    refused = asking.ask(f"{ANONYMOUS}-9", "group-9")
    assert refused.startswith("Too many requests from anonymous admins and channels. Send it from")
    assert asking.ask("ada", "group-9") == ""


async def test_a_place_has_one_allowance_for_all_who_are_there() -> None:
    asking = Asking()
    assert [asking.ask(f"person-{n}", "here") for n in range(6)] == [""] * 6
    assert asking.ask("ada", "here") == "Too many requests here. Try again in 1 min."


async def test_all_together_have_one_but_who_asks_little_is_answered() -> None:
    asking = Asking()
    assert [asking.ask(f"person-{n}", f"place-{n}", 4) for n in range(2)] == [""] * 2
    refused = asking.ask("ben", "elsewhere", 2)
    assert refused == "I'm busy with other requests. Try again in 1 min."
    assert asking.ask("ada", "elsewhere") == ""
    await asking.clock.advance(60)
    assert asking.ask("ben", "elsewhere", 2) == ""


async def test_what_one_allowance_refuses_none_counts() -> None:
    asking = Asking()
    assert asking.ask("mallory", "one", 4) == ""
    for _ in range(9):
        assert asking.ask("mallory", "two")
    assert asking.ask("ada", "two", 4) == ""


async def test_the_operator_is_never_refused() -> None:
    asking = Asking()
    assert [asking.ask("local", "page", 5, operator=True) for _ in range(9)] == [""] * 9


async def test_the_wait_that_is_told_is_enough() -> None:
    clock = FakeClock()
    allowance = Allowance(clock, most=4)
    for _ in range(4):
        allowance.take(1, 1)
        await clock.advance(10)
    wait = allowance.take(1, 3)
    assert wait == 40.0
    await clock.advance(wait)
    assert allowance.take(1, 3) == 0.0
