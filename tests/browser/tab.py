"""One tab of the browser: what a person does in it, and proof that nothing else happened."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, BrowserContext, Locator, Page

from tests.patience import PATIENCE

SHOTS = "MINTCAST_SHOTS"
"""The folder for screenshots; none are made unless it is set."""

_WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""
_EXPECTED = ("net::ERR_", "Failed to load resource", "Opener-Policy header has been ignored")
"""What the console says of a service that is away, a clip that is gone, a name without HTTPS."""


@dataclass
class Tab:
    """`troubles` are dialogs, script errors, console errors and requests to elsewhere."""

    page: Page
    origin: str
    troubles: list[str] = field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls,
        browser: Browser,
        origin: str,
        *,
        width: int = 1280,
        height: int = 800,
        scheme: Literal["light", "dark"] = "light",
        touch: bool = False,
        **more: Any,
    ) -> AsyncIterator[Tab]:
        """Open the page, wait until it follows events; at the end fail for any trouble."""
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=touch,
            is_mobile=touch,
            device_scale_factor=2 if touch else 1,
            reduced_motion="reduce",
            locale="en-GB",
            **more,
        )
        tab = cls(await context.new_page(), origin)
        await tab._watch(context)
        await tab.open()
        try:
            yield tab
            violations = await tab.page.evaluate("window.violations")
            assert not violations, violations
            assert not tab.troubles, tab.troubles
        finally:
            await context.close()

    async def open(self) -> None:
        """Load the page anew, and wait until it follows events."""
        async with self.page.expect_response("**/api/events*"):
            await self.page.goto(self.origin)

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message to Mintcast")

    @property
    def options(self) -> Locator:
        return self.page.get_by_role("option")

    def messages(self, kind: str) -> Locator:
        return self.page.locator(f'.message[data-kind="{kind}"]')

    async def say(self, text: str) -> None:
        """Type it, and press Enter."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def shoot(self, name: str) -> None:
        """A screenshot for the eye, where somebody asked for it."""
        folder = os.environ.get(SHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=Path(folder) / f"{name}.png")

    async def sideways(self) -> int:
        """By how many pixels anything stands out of the screen."""
        return int(
            await self.page.evaluate(
                "Math.max(document.documentElement.scrollWidth,"
                " document.getElementById('scroller').scrollWidth) - window.innerWidth"
            )
        )

    async def _watch(self, context: BrowserContext) -> None:
        page = self.page
        page.set_default_timeout(1000 * PATIENCE)
        await context.add_init_script(_WATCH)
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda said: self._heard(said.type, said.text))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(known in text for known in _EXPECTED):
            self.troubles.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.troubles.append(f"request: {url}")
