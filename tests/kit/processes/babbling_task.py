"""A process that answers with half a line, and lives on."""

from __future__ import annotations

import os
import sys
import time

if __name__ == "__main__":
    os.write(int(sys.argv[sys.argv.index("--events-fd") + 1]), b'{"event": "al\n')
    time.sleep(60)
