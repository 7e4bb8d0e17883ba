"""Become a program, and die with our parent: `python -m …die_with_parent -- PROGRAM ARGUMENT…`.

A program that is not ours has no rule that the end of stdin means stop. The kernel's signal on
the parent's death survives `execv`, so it holds for what this process becomes (Linux; elsewhere
only an orderly stop ends the program).
"""

from __future__ import annotations

import os
import sys

from bot.kit.processes.json_pipe import die_with_parent


def main() -> None:
    """Replace this process by the command after `--`; exits 127 where it cannot be run."""
    command = sys.argv[sys.argv.index("--") + 1 :]
    die_with_parent()
    try:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
