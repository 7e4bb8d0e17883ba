"""Mistakes of ours that what somebody else sent has met: each goes into the log once."""

from __future__ import annotations

import logging

from bot.kit.bounded_dict import BoundedDict
from bot.kit.error_text import reason

_log = logging.getLogger(__name__)

_MOST = 200


class Mistakes:
    """Those of one kind of work: the same one is met again whenever that is tried again."""

    def __init__(self) -> None:
        self._noted: BoundedDict[str, str] = BoundedDict(_MOST)

    def note(self, work: str, error: Exception) -> None:
        """`work` says in a few words what met it, and for whom: it begins the line."""
        words = reason(error)
        if self._noted.get(work) != words:
            self._noted.put(work, words)
            _log.error("%s met a mistake of ours", work, exc_info=error)
