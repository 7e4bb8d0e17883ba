"""A segment of the look-alike's recording is the same whenever the same is wished for: in one run
of the tests each is encoded once, whoever asks, in whichever worker."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from bot.demo.recording.segment_spec import SegmentSpec
from bot.demo.recording.segments import Segments


@contextlib.contextmanager
def segments_made_once(folder: Path) -> Iterator[None]:
    """Meanwhile the segments are kept in `folder`, which may be shared by several processes."""
    ask = Segments._ask

    async def found_or_asked(self: Segments, spec: SegmentSpec) -> bytes:
        if spec.clock_zero:  # it shows the time of day of its broadcast, and never comes again
            return await ask(self, spec)
        path = folder / hashlib.sha256(repr(spec).encode()).hexdigest()
        with contextlib.suppress(FileNotFoundError):
            return path.read_bytes()
        body = await ask(self, spec)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(body)
        part.replace(path)
        return body

    with patch.object(Segments, "_ask", found_or_asked):
        yield
