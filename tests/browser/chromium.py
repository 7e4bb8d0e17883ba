"""The browser that this machine has."""

from __future__ import annotations

import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    "--disable-gpu",
    "--disable-site-isolation-trials",  # a third of its processes, for sites that no test has
    "--host-resolver-rules=MAP mint.example 127.0.0.1",
)


def find_chromium() -> str | None:
    """Where this machine keeps it."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
