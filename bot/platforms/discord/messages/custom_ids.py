"""What stands in the `custom_id` of our buttons. Pure.

The action, so that a button works after a restart and in another process; and the nonce of the
message, so that a send that was in doubt is found again in the channel's history.
"""

from __future__ import annotations

import re

LONGEST = 100
"""Characters of a `custom_id`, as Discord has it."""

TEMPLATE = r"mc:(?P<action>[^#]{1,64})(?:#(?P<nonce>[A-Za-z0-9_-]{1,25}))?"
"""What `custom_id` writes; `discord.ui.DynamicItem` matches the whole of it."""

_PATTERN = re.compile(TEMPLATE)


def custom_id(action: str, nonce: str = "") -> str:
    """The `custom_id` of a button. Raises ValueError for what would not be read back."""
    made = f"mc:{action}#{nonce}" if nonce else f"mc:{action}"
    if len(made) > LONGEST or not _PATTERN.fullmatch(made):
        raise ValueError(f"no custom_id of ours: {made!r}")
    return made


SELECT_TEMPLATE = r"ms:(?P<action>[^#]{0,64})"
"""What `select_id` writes."""


def select_id(action: str) -> str:
    """The `custom_id` of a select; the value that is chosen is the rest of the action. Raises
    ValueError for what would not be read back."""
    made = f"ms:{action}"
    if not re.fullmatch(SELECT_TEMPLATE, made):
        raise ValueError(f"no custom_id of ours: {made!r}")
    return made


def nonce_of(text: str) -> str | None:
    """The nonce in a `custom_id`; None where there is none, or the button is not ours."""
    found = _PATTERN.fullmatch(text)
    return found["nonce"] if found else None
