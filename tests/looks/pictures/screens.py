"""One person's client of one platform, on a desktop and a phone, dark and light."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as TooLate

TALL = 1800
"""Pixels: no message is longer, and none is cut."""

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": TALL}},
    "phone": {
        "viewport": {"width": 390, "height": TALL},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
HEIGHTS = {"desktop": 900, "phone": 844}
"""Of the whole window, in a picture of that."""

THEMES = ("dark", "light")
FIRST = "desktop-dark"
"""Where one types and presses; the others only look on."""

_LONG = 90_000.0
_SHORT = 3_000.0

_WORDS = """(window.words ??= (id) => {
  const copy = document.getElementById(id)?.cloneNode(true);
  copy?.querySelectorAll("time").forEach((each) => each.remove());
  return copy?.textContent ?? "";
})"""
"""All that a message says but times, which change by themselves."""

_STILL = f"""(window.isStill ??= (id, seconds) => {{
  const text = {_WORDS}(id);
  if (window.still?.id !== id || window.still.text !== text)
    window.still = {{ id, text, since: performance.now() }};
  return text !== "" && performance.now() - window.still.since >= 1000 * seconds;
}})"""
_FRESH = f"""([known, holding, seconds]) => {{
  const all = [...document.querySelectorAll("article:not(.mine, .service)")];
  const fresh = all.filter((one) => !known.includes(one.id) && !one.querySelector(".thinking"));
  const held = fresh.filter((one) => !holding || one.querySelector(holding)).at(-1)?.id;
  return held && {_STILL}(held, seconds) ? held : null;
}}"""
_OTHER = f"([id, text]) => {_WORDS}(id) !== text"
_SAME = f"""([id, text]) => {{
  const one = document.getElementById(id);
  const drawn = [...(one?.querySelectorAll("img") ?? [])].every((image) => image.complete);
  const plays = [...(one?.querySelectorAll("video") ?? [])].every((each) => each.readyState > 1);
  return {_WORDS}(id) === text && drawn && plays;
}}"""


@dataclass(slots=True)
class Screens:
    """`pages` are by size and theme; `taken` the names of the pictures, in their order."""

    platform: str
    folder: Path
    url: str
    person: str
    pages: dict[str, Page] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The one that is used."""
        return self.pages[FIRST]

    async def move(self, place: str) -> None:
        """Go to another place."""
        for screen, page in self.pages.items():
            theme = screen.partition("-")[2]
            told = urlencode({"person": self.person, "place": place, "theme": theme})
            await page.goto(f"{self.url}/?{told}", wait_until="load")

    async def say(self, line: str, *, still: float = 1.5) -> str:
        """Type it; the id of the answer, once that has not changed for so many seconds."""
        known = await self.known()
        await self.type(line)
        return await self.answer(known, still=still)

    async def type(self, line: str) -> None:
        """Type it and send it."""
        await self.page.locator("#line").fill(line)
        await self.page.locator("#line").press("Enter")

    async def known(self) -> list[str]:
        """The ids of what is there by now."""
        ids: list[str] = await self.page.eval_on_selector_all(
            "article", "(all) => all.map(a => a.id)"
        )
        return ids

    async def answer(self, known: list[str], *, holding: str = "", still: float = 1.5) -> str:
        """The newest message that is not among those and holds such a thing, once that has not
        changed for so many seconds."""
        wait, arg = self.page.wait_for_function, [known, holding, still]
        found = await wait(_FRESH, arg=arg, timeout=_LONG, polling=100)
        return str(await found.json_value())

    async def count(self, selector: str) -> int:
        """How many there are in the window."""
        return await self.page.locator(selector).count()

    async def settled(self, shown: str, seconds: float = 1.5) -> None:
        """Wait until it has not changed for so long."""
        wait, still = self.page.wait_for_function, f"([id, seconds]) => {_STILL}(id, seconds)"
        await wait(still, arg=[shown, seconds], timeout=_LONG, polling=100)

    async def gone(self, selector: str) -> None:
        """Wait until there is none in the window."""
        await self.page.locator(selector).first.wait_for(state="detached", timeout=_LONG)

    async def until(self, shown: str, condition: str) -> None:
        """Wait until a selector matches, or with `not `, no more matches, within it."""
        wanted = "detached" if condition.startswith("not ") else "attached"
        inside = f"#{shown} {condition.removeprefix('not ')}"
        await self.page.locator(inside).first.wait_for(state=wanted, timeout=_LONG)  # type: ignore[arg-type]

    async def changed(self, shown: str, before: str) -> None:
        """Wait until it says something else."""
        arg = [shown, before]
        await self.page.wait_for_function(_OTHER, arg=arg, timeout=_LONG, polling=100)

    async def text(self, shown: str) -> str:
        """What it says."""
        return str(await self.page.evaluate(f"(id) => {_WORDS}(id)", shown))

    async def press(self, shown: str, selector: str) -> None:
        """Press the first such thing in a message."""
        await self.page.locator(f"#{shown} {selector}").first.click(timeout=_LONG)

    async def shoot(self, name: str, shown: str) -> None:
        """The message on every screen, as it is now."""
        text = await self.text(shown)
        await self.page.mouse.move(0, 0)
        self.taken.append(name)
        for screen, page in self.pages.items():
            with contextlib.suppress(TooLate):  # what moves on meanwhile is shot as it is by then
                await page.wait_for_function(_SAME, arg=[shown, text], timeout=_SHORT)
            path = self.folder / f"{self.platform}-{name}-{screen}.png"
            await page.locator(f"#{shown}").screenshot(path=path)

    async def shoot_windows(self) -> None:
        """All that the client shows."""
        self.taken.append("window")
        for screen, page in self.pages.items():
            size, _, _ = screen.partition("-")
            width = SIZES[size]["viewport"]["width"]
            await page.set_viewport_size({"width": width, "height": HEIGHTS[size]})
            await page.screenshot(path=self.folder / f"{self.platform}-window-{screen}.png")


@contextlib.asynccontextmanager
async def screens(
    browser: Browser, platform: str, folder: Path, url: str, person: str, place: str
) -> AsyncIterator[Screens]:
    """The place as that person sees it."""
    async with contextlib.AsyncExitStack() as stack:
        shown = Screens(platform, folder, url, person)
        for size, options in SIZES.items():
            for theme in THEMES:
                context = await browser.new_context(**options, reduced_motion="reduce")
                stack.push_async_callback(context.close)
                page = shown.pages[f"{size}-{theme}"] = await context.new_page()
                page.set_default_timeout(_LONG)
        await shown.move(place)
        yield shown
