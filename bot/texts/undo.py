"""What is said of undoing: unsubscribing, forgetting settings, deleting a clip."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import UndoKind
from bot.texts import commands, units

UNDO = "Undo"

CLIP_DELETED = "Clip deleted."
CLIP_RESTORED = "Clip restored."
CLIP_DELETED_BEFORE = "This clip is already deleted."

SETTINGS_RESTORED = "Settings restored."
NEWER_SETTINGS_STAY = "What you changed since then stays."

_NEXT = {
    UndoKind.UNSUBSCRIBED: "Run /subscribe again.",
    UndoKind.CHOICES_FORGOTTEN: "Run /settings to choose again.",
    UndoKind.CLIP_DELETED: "Run /clip for a new one.",
}


def too_late(kind: UndoKind) -> str:
    """Its time is over, or nobody ever did that here."""
    return f"Too late to undo. {_NEXT[kind]}"


def already_undone() -> str:
    """A second press."""
    return "Already restored."


def may_not_undo(platform: str) -> str:
    """Somebody else removed it."""
    return f"Only {commands.managers(platform)} and the person who removed this can undo it."


def following_again(names: Sequence[str]) -> str:
    """They were unsubscribed."""
    what = names[0] if len(names) == 1 else units.plural(len(names), "coin")
    return f"Following {what} again."


def was_followed_again(names: Sequence[str]) -> str:
    """Somebody subscribed to them meanwhile."""
    return f"Already followed again: {', '.join(names)}."


def channel_gone(names: Sequence[str]) -> str:
    """Where they were followed is no more."""
    return f"Their channel no longer exists: {', '.join(names)}."


def no_room(most: int) -> str:
    """For the coins below; meanwhile others were followed."""
    return (
        f"The limit is {units.plural(most, 'coin')}, so there is no room for these. /unsubscribe"
        " others, then press Undo again or run /subscribe:"
    )
