"""How a sender is asked for what must not be done twice, and what that tells of the way to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.alerts.ports import Sender, SendError, Settled
from bot.kit.leadership import note_reach, require_lease
from bot.model import Target

T = TypeVar("T")

_FROM_MEMORY = frozenset({Settled.REPEATABLE, Settled.UNCERTAIN})
"""What a sender knows without asking."""


_LONGEST_TURN = 1.0
"""A target or place that has to wait longer for its own rate limit gives its slot to others."""


def crowded_for(sender: Sender, target: Target) -> float:
    """Seconds until that target may be sent to, where others can go before; else 0.0."""
    wait = sender.rate_limits.own_wait(target.id, target.place_id)
    return wait if wait > _LONGEST_TURN else 0.0


async def asked(request: Callable[[], Awaitable[T]]) -> T:
    """What it gives, if it may still be made. What became of a send in doubt a sender may know by
    itself, which tells nothing of the way. Raises SendError, LeaseLost."""
    require_lease()
    try:
        answer = await request()
    except SendError as error:
        if not error.is_ours:
            note_reach(answered=error.is_answer)
        raise
    if answer not in _FROM_MEMORY:
        note_reach(answered=True)
    return answer
