"""The capture process whose event loop stands still for three seconds at each SIGUSR1.

A signal's handler runs in the loop's thread, and sleeping there frees the GIL: the SDK's threads
and the encoder go on, as they do while the loop waits for something that blocks.
"""

from __future__ import annotations

import signal
import time

from bot.clips.capture.__main__ import main

STALL_SECONDS = 3.0


def _stall(*_: object) -> None:
    time.sleep(STALL_SECONDS)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _stall)
    main()
