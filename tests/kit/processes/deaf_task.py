"""A process that reads nothing of what it is asked."""

from __future__ import annotations

import time

if __name__ == "__main__":
    time.sleep(60)
