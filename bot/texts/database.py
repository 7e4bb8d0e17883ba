"""What a person who asked for something hears when the database fails."""

from __future__ import annotations

from bot.errors import DatabaseBusy, DatabaseFull, StoreError


def store_failed(error: StoreError, *, has_saved: bool = False) -> str:
    """Why it was not done, and what to do next. `has_saved`: a part of it was saved before."""
    if error.in_doubt:
        return (
            "The database failed while it was saving. This may be done or not:"
            " check before you try again."
        )
    why, next_step = _said(error)
    done = " A part of this is done: check before you try again." if has_saved else ""
    return f"{why}{done or f' {next_step}'}"


def _said(error: StoreError) -> tuple[str, str]:
    if isinstance(error, DatabaseBusy):
        return "The database is busy.", "Try again in a minute."
    if isinstance(error, DatabaseFull):
        return "The disk is full, so nothing can be saved.", "Tell the bot's operator."
    return "The database cannot be used.", "Try again in a minute, then tell the bot's operator."
