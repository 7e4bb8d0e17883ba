"""What is wrong with the site's own recording, told to whoever runs the service."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot import texts
from bot.errors import PumpfunError, RecordingError

if TYPE_CHECKING:
    from bot.kit.health import Part

_log = logging.getLogger(__name__)


def note_trouble(part: Part, error: PumpfunError) -> None:
    """What is gone is gone; all else is for whoever runs the service. `part` is the recording's."""
    _log.info("pump.fun's recording: %s", error)
    if error.status not in (403, 404, 410):
        fault = error.fault if isinstance(error, RecordingError) else None
        part.bad(texts.health.recording_fails(error.reason, error.status, fault))
