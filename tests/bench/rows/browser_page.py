"""The page in a browser, with many messages."""

from __future__ import annotations

import time
from dataclasses import replace

from playwright.async_api import Browser, Page, async_playwright

from bot.kit.timing.clock import SystemClock
from bot.model import Message, MessageKind, StoredPicture
from bot.store import Store
from tests.bench.figures import Effort, Figure, Section
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.media import stored_picture
from tests.browser.test_chat import ALERT
from tests.platforms.local.conftest import Service

_MOST_SECONDS = 1.0
_MOST_MEGABYTES = 12.0
_HOW = """\
The page on the real port and a real database, in Debian's Chromium. Half of the messages are alerts
with a picture and three buttons. *Reload*: from the request to the newest message on the screen,
the median of five. *First paint* and *bytes*: an empty page, an empty cache. The heap is
JavaScript's after a collection, when so many messages had arrived while the page was open."""


async def measure(effort: Effort) -> Section:
    """Reload, heap, first paint."""
    async with (
        Store(effort.folder / "page.db") as store,
        async_playwright() as playwright,
    ):
        service = Service(effort.folder, store, SystemClock())
        picture = await stored_picture(service.files)
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        async with service.serving() as origin:
            paint, requests, count = await _first_look(browser, origin)
            tab = await browser.new_page()
            await tab.goto(origin)
            arrived = effort.times(1000, 320)
            await _show(service, arrived, picture)
            await tab.wait_for_selector(f"text=news {arrived - 1} is live")
            heap = await _heap(tab)
            seconds = sorted([await _reload(tab, arrived - 1) for _ in range(5)])[2]
        await browser.close()
    return Section("The page", _HOW, [
        Figure(
            f"reload with {arrived} messages", f"{seconds:.2f} s", f"≤ {_MOST_SECONDS:g} s",
            seconds <= _MOST_SECONDS,
        ),
        Figure(
            f"heap after {arrived} messages have arrived", f"{heap:.1f} MB",
            f"≤ {_MOST_MEGABYTES:g} MB", heap <= _MOST_MEGABYTES,
        ),
        Figure("first paint", f"{paint:.2f} s"),
        Figure("requests, bytes of them", f"{requests}, {count / 1000:.0f} kB"),
    ])  # fmt: skip


async def _first_look(browser: Browser, origin: str) -> tuple[float, int, int]:
    """Seconds to the first paint, requests, and their bytes."""
    page = await browser.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(0))
    await page.goto(origin)
    await page.wait_for_selector("text=Nothing here yet")
    paint = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    count = await page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".reduce((sum, one) => sum + one.transferSize, 0)"
    )
    await page.close()
    return paint / 1000, len(sizes), int(count)


async def _show(service: Service, count: int, picture: StoredPicture) -> None:
    target = await service.target()
    for number in range(count):
        title = f"news {number} is live"
        alert = replace(ALERT, title=title, picture=picture)
        reply = Message(kind=MessageKind.REPLY, title=title, lines=ALERT.lines)
        message = alert if number % 2 else reply
        await service.local.sender.send(target, message, nonce=str(number))


async def _heap(page: Page) -> float:
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await session.send("HeapProfiler.collectGarbage")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize")) / 1e6


async def _reload(page: Page, last: int) -> float:
    began = time.monotonic()
    await page.reload(wait_until="commit")
    await page.wait_for_selector(f"text=news {last} is live")
    return time.monotonic() - began
