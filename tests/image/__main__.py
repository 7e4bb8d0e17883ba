"""`python -m tests.image`: build the image and check it, a line for each; exits 1 if one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from tests.image.building import Builder, BuildError, Image
from tests.image.checks import OF_IMAGE, new_data
from tests.image.serving import OF_SERVICE, OF_STARTS, service

_TOOLS = ("buildah", "debootstrap", "ip", "nsenter", "setpriv", "unshare")
_FAILURES = (AssertionError, BuildError, OSError, ValueError, subprocess.SubprocessError)


class Tally:
    """Runs checks, prints a line for each, and counts."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def take(self, name: str, check: Callable[[], str]) -> bool:
        """Whether it held."""
        began = time.monotonic()
        try:
            seen = check()
        except _FAILURES as error:
            self.failed += 1
            print(f"FAIL  {name}: {error}", flush=True)
            return False
        self.passed += 1
        print(f"ok    {name}: {seen} ({time.monotonic() - began:.1f} s)", flush=True)
        return True


def main() -> None:
    """Build and check."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        sys.exit(f"The image is checked by root, with {', '.join(missing or _TOOLS)}.")
    began, tally = time.monotonic(), Tally()
    with Builder() as builder:
        if tally.take("base", builder.make_base) and tally.take("build", builder.build):
            _check(builder.open(), tally)
    print(f"{time.monotonic() - began:.0f} s in all")
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed else 0)


def _check(image: Image, tally: Tally) -> None:
    for check in OF_IMAGE:
        tally.take(_words(check.__name__), partial(check, image))
    tally.take("serves", lambda: _serve(image, tally))
    for start in OF_STARTS:
        tally.take(_words(start.__name__), partial(start, image))


def _serve(image: Image, tally: Tally) -> str:
    with new_data(image.user) as data, service(image, data) as container:
        for check in OF_SERVICE:
            tally.take(_words(check.__name__), partial(check, container))
    return "a container of its own"


def _words(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    main()
