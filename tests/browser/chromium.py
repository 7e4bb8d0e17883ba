"""The browser that this machine has."""

from __future__ import annotations

import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_NOT_WANTED = (
    # The list under the address bar is a page: each window costs half a second of the processor.
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    # What Playwright leaves out: only the last list of those on the command line counts.
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
ARGUMENTS = (
    "--no-sandbox",
    "--headless=new",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    "--disable-gpu",
    f"--disable-features={','.join(_NOT_WANTED)}",
    "--disable-site-isolation-trials",  # a third of its processes, for sites that no test has
    "--host-resolver-rules=MAP mint.example 127.0.0.1",
)


def find_chromium() -> str | None:
    """Where this machine keeps it."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
