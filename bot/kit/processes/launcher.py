"""What every child runs first: `python -P …/launcher.py MODULE ARGUMENT…`.

Started by its path, so that it finds the very `bot` of its parent, installed or not, and never a
file of the current folder (`-P`). What it holds, hostile bytes or tokens, never becomes a core
file.
"""

from __future__ import annotations

import resource
import runpy
import sys
from pathlib import Path

_ROOT = str(Path(__file__).parents[3])


def main() -> None:
    """Become the module."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _ROOT not in sys.path:
        sys.path.append(_ROOT)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
