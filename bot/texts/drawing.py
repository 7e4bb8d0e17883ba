"""What chats without widgets are shown in place of them."""

from __future__ import annotations

_CELLS = 12


def progress_bar(share: float) -> str:
    """A share from 0 to 1, drawn in one line."""
    whole = min(1.0, max(0.0, share))
    full = round(whole * _CELLS)
    return f"{'▰' * full}{'▱' * (_CELLS - full)} {whole:.0%}"
