"""What is done when a platform does not do what was asked: one table, and the times it needs.

A first showing can be in doubt; an edit never is, since repeating it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from bot.alerts.ports import Fault
from bot.model import Delivery


class Action(StrEnum):
    """What is done. A delivery that is not shown now stays owed unless it says otherwise."""

    WAIT = "wait"  # for as long as the platform said; the target sleeps, or all do
    BACK_OFF = "back-off"  # and try again, after ever longer pauses
    LATER = "later"  # this delivery alone, when the platform said
    SETTLE = "settle"  # ask the platform what became of it; never repeat it blindly
    MOVE = "move"  # to the address that the platform gave, and try again there
    DISABLE = "disable"  # the target, with the reason; keep everything
    PLAINER = "plainer"  # at once, without its file; give up if it has none
    FORGET = "forget"  # the message: what was shown counts, and nothing more will be
    DONE = "done"  # as good as shown
    GIVE_UP = "give-up"  # a first showing is dead; of an edit, only this revision is passed over
    STOP = "stop"  # the whole sender, for a long while


class Rule(NamedTuple):
    """By what was being done: a first showing, or the change of a message."""

    first: Action
    change: Action

    def of(self, d: Delivery) -> Action:
        """What is done with it."""
        return self.first if d.message_id is None else self.change


TABLE = MappingProxyType(
    {
        Fault.NOT_SENT: Rule(Action.BACK_OFF, Action.BACK_OFF),
        Fault.MAYBE_SENT: Rule(Action.SETTLE, Action.BACK_OFF),
        Fault.SERVER_ERROR: Rule(Action.SETTLE, Action.BACK_OFF),
        Fault.RATE_LIMITED: Rule(Action.WAIT, Action.WAIT),
        Fault.FORBIDDEN: Rule(Action.DISABLE, Action.DISABLE),
        Fault.TARGET_GONE: Rule(Action.DISABLE, Action.DISABLE),
        Fault.TARGET_CLOSED: Rule(Action.DISABLE, Action.DISABLE),
        Fault.MOVED: Rule(Action.MOVE, Action.MOVE),
        # Of a first showing: an earlier try did arrive, and was deleted since.
        Fault.MESSAGE_GONE: Rule(Action.GIVE_UP, Action.FORGET),
        Fault.NOT_CHANGED: Rule(Action.GIVE_UP, Action.DONE),
        Fault.TOO_OLD: Rule(Action.GIVE_UP, Action.FORGET),
        Fault.NOT_YET: Rule(Action.LATER, Action.LATER),
        Fault.TOO_LARGE: Rule(Action.PLAINER, Action.PLAINER),
        Fault.REFUSED: Rule(Action.PLAINER, Action.PLAINER),
        Fault.UNAUTHORIZED: Rule(Action.STOP, Action.STOP),
    }
)

MOST_TRIES_OF_A_CHANGE = 360
"""About six hours of pauses: then this revision is passed over. The next is tried anew."""

MOST_FAULTS = 6
"""A delivery that meets a defect of ours so often is given up."""

SETTLE_WITHIN = timedelta(hours=1)
"""A platform that cannot be asked for so long what became of a send leaves it uncertain."""

REPEATABLE_WITHIN = timedelta(minutes=2)
"""Platforms that know a repeated send by its nonce remember that nonce for some minutes only. A
sender says whether its own still does; this is how long no answer of that kind goes stale."""

LONGEST_WAIT = timedelta(hours=1)
"""What an earlier run put off for longer is tried at once: its clock may have been ahead."""

STOPPED_SECONDS = 600.0
"""A token that is refused is tried again so rarely that no platform minds."""

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0


def back_off(tries: int) -> float:
    """Seconds before the next try, after `tries` that failed: 2, 4, 8 … at most 60, so that what
    is owed goes out within a minute of a platform's return."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries, 16))
