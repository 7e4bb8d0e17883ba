"""Starts it all, tells the story, and makes a page of the pictures."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import async_playwright

from bot.kit.tasks import background
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.looks.html import Markup, join, tag
from tests.looks.pictures.screens import SIZES, THEMES, Screens, screens
from tests.looks.pictures.story import Story
from tests.looks.running import Looks, open_looks
from tests.patience import PATIENCE

_PACE = {"MINTCAST_PUMPFUN__END_GRACE_SECONDS": "40"}
"""A pause is long enough for its pictures."""

_STYLE = "body{font:16px sans-serif;background:#888} figure{display:inline-block;margin:8px}"
_STYLE += "img{max-width:640px;max-height:900px;display:block}"


async def take_pictures(folder: Path) -> None:
    """`<platform>-<message>-<size>-<theme>.png` each, and `index.html` with all of them."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("There is no Chromium: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="mintcast-looks-"))
        log = stack.enter_context((folder / "service.log").open("w", buffering=1))
        opened = open_looks(Path(data), lambda line: print(line, file=log), more=_PACE)
        looks = await stack.enter_async_context(opened)
        looks.discord.acknowledge_within = PATIENCE  # the browser takes the machine
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        stack.push_async_callback(browser.close)
        every = [
            await stack.enter_async_context(screens(browser, platform, folder, *where))
            for platform, where in _places(looks).items()
        ]
        async with background(looks.demo.service.wait(), "service-end"):
            await Story(looks, every).tell()
    await asyncio.to_thread((folder / "index.html").write_text, index(every))
    print(f"{sum(len(one.taken) for one in every)} messages: {folder / 'index.html'}")


def _places(looks: Looks) -> dict[str, tuple[str, str, str]]:
    """Where the story is told: the address, the person and the place."""
    (guild,) = looks.discord.guilds.values()
    channel = next(iter(guild.channels))
    olga = next(one for one in looks.telegram.users.values() if one.name == "Olga")
    return {
        "discord": (looks.discord_url, "olga", str(channel)),
        "telegram": (looks.telegram_url, "Olga", str(olga.chat.id)),
    }


def index(every: Sequence[Screens]) -> Markup:
    """A page of all pictures."""
    parts = [
        join([tag("h2", f"{one.platform}: {name}"), *_figures(one.platform, name)])
        for one in every
        for name in one.taken
    ]
    head = tag("head", tag("meta", charset="utf-8"), tag("style", _STYLE))
    return Markup("<!doctype html>") + tag("html", head, tag("body", *parts))


def _figures(platform: str, name: str) -> list[Markup]:
    files = [f"{platform}-{name}-{size}-{theme}.png" for size in SIZES for theme in THEMES]
    return [tag("figure", tag("img", src=file, loading="lazy", alt=file)) for file in files]
