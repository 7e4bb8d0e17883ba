"""JSON that another program wrote: whatever it is, it is a value or a ValueError."""

from __future__ import annotations

import json
from typing import Any


def parse(text: str | bytes) -> Any:
    """The value; NaN and Infinity, which are no JSON, are None. Raises ValueError, also for what is
    nested too deeply, or has a number of too many digits."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None
