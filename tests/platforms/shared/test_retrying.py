"""What failed for a moment is tried again; what will not work is not."""

from __future__ import annotations

import pytest

from bot.alerts import Fault, SendError
from bot.platforms.shared.retrying import RetryPolicy, retry
from tests.fakes.clock import PassingClock

POLICY = RetryPolicy((0.5, 1.5), frozenset({Fault.NOT_SENT, Fault.RATE_LIMITED}), longest=10.0)


@pytest.mark.parametrize(
    ("failed", "error", "pause"),
    [
        (1, SendError(Fault.NOT_SENT), 0.5),
        (2, SendError(Fault.NOT_SENT), 1.5),
        (3, SendError(Fault.NOT_SENT), None),
        (1, SendError(Fault.RATE_LIMITED, retry_after=0.1), 0.5),
        (1, SendError(Fault.RATE_LIMITED, retry_after=10.0), 10.0),
        (1, SendError(Fault.RATE_LIMITED, retry_after=10.1), None),
        (1, SendError(Fault.REFUSED), None),
    ],
)
def test_the_pause_before_the_next_try(failed: int, error: SendError, pause: float | None) -> None:
    assert POLICY.pause(failed, error) == pause


class Flaky:
    """Fails with each of `errors` in turn, then works."""

    def __init__(self, *errors: Exception) -> None:
        self.tries = 0
        self._errors = errors

    async def act(self) -> str:
        self.tries += 1
        if self.tries <= len(self._errors):
            raise self._errors[self.tries - 1]
        return "done"


async def test_what_fails_for_a_moment_is_done_in_the_end(clock: PassingClock) -> None:
    flaky = Flaky(SendError(Fault.NOT_SENT), SendError(Fault.RATE_LIMITED, retry_after=3.0))
    assert await retry(flaky.act, POLICY, clock) == "done"
    assert clock.slept == [0.5, 3.0]


async def test_the_last_failure_is_told_when_no_try_is_left(clock: PassingClock) -> None:
    last = SendError(Fault.NOT_SENT, detail="the last")
    flaky = Flaky(SendError(Fault.NOT_SENT), SendError(Fault.NOT_SENT), last)
    with pytest.raises(SendError, match="the last"):
        await retry(flaky.act, POLICY, clock)
    assert flaky.tries == 3


@pytest.mark.parametrize("error", [SendError(Fault.FORBIDDEN), ValueError("a defect")])
async def test_what_a_repeat_would_not_mend_is_told_at_once(
    clock: PassingClock, error: Exception
) -> None:
    flaky = Flaky(error)
    with pytest.raises(type(error)):
        await retry(flaky.act, POLICY, clock)
    assert (flaky.tries, clock.slept) == (1, [])
