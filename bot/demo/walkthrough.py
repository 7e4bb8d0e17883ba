"""`mintcast demo --once`: the whole story without a browser, a step at a time, each one seen."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rich.console import Console

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.page_client import Message
from bot.demo.running import SMALL, RunningDemo
from bot.errors import PageError

CLIP_SECONDS = 5
_AT_HAND_SECONDS = 9
_HIGHLIGHT_SECONDS = 5.0
_PATIENCE_SECONDS = 180.0
"""What does not come within so long does not come. Only a demo that fails waits so long: on a small
and busy machine a good part of it is needed."""
_LONGER = "longer:"
"""How the id of a button begins that makes a clip longer (`docs/http.md`)."""
_CLIP_OF_SITE = "clip"
"""What names a clip in a link to the site's page of a coin."""


class Walkthrough:
    """Walks the steps, prints what each one showed, and keeps the files in `folder`."""

    def __init__(self, demo: RunningDemo, folder: Path, console: Console) -> None:
        self._demo = demo
        self._page = demo.page
        self._coin = demo.coins.main
        self._folder = folder
        self._console = console
        self._number = 0

    async def run(self) -> None:
        """From an empty page to the end of a stream. Raises PageError where a step fails."""
        await self._refuse_a_typo()
        await self._subscribe()
        caster = await self._go_on_air()
        alert = await self._see_the_alert()
        await self._longer(await self._clip())
        await self._highlight()
        await caster.stop()
        caster = await self._pause_and_return(alert)
        await caster.stop()
        await self._end(alert)
        await self._look_back()
        await self._replay(alert)

    async def _refuse_a_typo(self) -> None:
        async with self._step("A typo gets a hint"):
            answer = await self._ask("/subscrbe")
            self._show(answer)
            _expect("/subscribe" in answer["text"], "the answer names the nearest command")

    async def _subscribe(self) -> None:
        async with self._step(f"/subscribe {self._coin.symbol}, which is still offline"):
            answer = await self._ask(f"/subscribe {self._coin.mint}")
            self._show(answer)
            _expect(self._coin.symbol in answer["text"], "the answer names the coin")

    async def _see_the_alert(self) -> Message:
        async with self._step("The creator goes live, and the alert arrives"):
            began = time.monotonic()
            alert = await self._until("the alert", _is("alert"))
            self._say(f"after {time.monotonic() - began:.1f} s")
            self._show(alert)
            alert = await self._with_picture(alert)
            picture = await self._keep(alert["image"], "alert.jpg")
            _expect(picture[:3] == b"\xff\xd8\xff", "the picture is a JPEG")
            return alert

    async def _with_picture(self, alert: Message) -> Message:
        """The thumbnail may come a moment after the alert, as an edit."""
        if alert.get("image"):
            return alert
        return await self._until(
            "the picture",
            lambda e: e["id"] == alert["id"] and bool(e.get("image")),
        )

    async def _clip(self) -> Message:
        async with self._step(f"/clip {CLIP_SECONDS}s, of what was just on"):
            self._say(f"waiting for {_AT_HAND_SECONDS} s of it …")
            await self._past_is_at_hand()
            since, asked_at = len(self._page.events), time.monotonic()
            await self._page.say(f"/clip {CLIP_SECONDS}s")
            clip = await self._until("the clip", _is("clip"), since)
            self._say(f"after {time.monotonic() - asked_at:.1f} s")
            await self._see_video(clip, "clip.mp4")
            return clip

    async def _longer(self, clip: Message) -> None:
        async with self._step("Longer, by the button under it"):
            since = len(self._page.events)
            ids = [b["id"] for b in clip["buttons"] if b["id"].startswith(_LONGER)]
            _expect(bool(ids), "the clip can be made longer")
            await self._page.press(clip["id"], ids[0])
            longer = await self._until(
                "the longer clip",
                lambda e: e["id"] == clip["id"] and e.get("video") != clip["video"],
                since,
            )
            await self._see_video(longer, "longer.mp4")

    async def _highlight(self) -> None:
        async with self._step("/clips: what viewers have cut on pump.fun, and one of them posted"):
            await self._recorded(_HIGHLIGHT_SECONDS)
            self._coin.add_highlight(_HIGHLIGHT_SECONDS)
            listed = await self._ask(f"/clips {self._coin.symbol}")
            self._show(listed)
            _expect(bool(listed["buttons"]), "each highlight has a button")
            since = len(self._page.events)
            await self._page.press(listed["id"], listed["buttons"][0]["id"])
            posted = await self._until("the highlight", _is("clip"), since)
            await self._see_video(posted, "highlight.mp4")

    async def _recorded(self, seconds: float) -> None:
        """The site begins to record some time after the beginning."""
        async with _patience(f"{seconds:g} s of the site's recording"):
            while self._coin.recorded() < seconds + 1:  # noqa: ASYNC110 - the site tells nobody
                await asyncio.sleep(0.2)

    async def _past_is_at_hand(self) -> None:
        """The last seconds of the stream: those of the clip, and some before them."""
        async with _patience(f"{_AT_HAND_SECONDS} s at hand"):
            while await self._at_hand() < _AT_HAND_SECONDS:  # noqa: ASYNC110 - the page tells no news of it
                await asyncio.sleep(0.2)

    async def _at_hand(self) -> float:
        """Seconds, out of "last 7 s at hand"."""
        coins = json.loads(await self._page.fetch("/api/status"))["coins"]
        words = next((c["at_hand"] for c in coins if c["mint"] == self._coin.mint), None)
        return float(re.sub(r"[^0-9]", "", words or "") or 0)

    async def _see_video(self, clip: Message, name: str) -> None:
        self._show(clip)
        _expect(bool(clip.get("video")), "the clip has a video")
        data = await self._keep(clip["video"], name)
        _expect(data[4:8] == b"ftyp", "the clip is an MP4")

    async def _go_on_air(self) -> Broadcaster:
        return await self._demo.world.broadcast(self._coin, title="Live from the mint", **SMALL)

    async def _pause_and_return(self, alert: Message) -> Broadcaster:
        async with self._step("The connection drops and comes back, with a new id"):
            since = len(self._page.events)
            self._coin.drop()
            self._show(await self._edit_of(alert, "paused", since))
            since = len(self._page.events)
            caster = await self._go_on_air()
            self._show(await self._edit_of(alert, "live", since))
            alerts = [m for m in await self._page.history() if m["kind"] == "alert"]
            _expect(len(alerts) == 1, "there is still one alert")
            return caster

    async def _end(self, alert: Message) -> None:
        async with self._step("The stream ends"):
            since = len(self._page.events)
            self._coin.end()
            ended = await self._edit_of(alert, "ended", since)
            self._show(ended)

    async def _look_back(self) -> None:
        async with self._step("/history and /subscriptions"):
            self._show(await self._ask("/history"))
            self._show(await self._ask("/subscriptions"))

    async def _replay(self, alert: Message) -> None:
        async with self._step("The whole stream, under the alert of the stream that is over"):
            ended = await self._until(
                "the whole stream",
                lambda e: e["id"] == alert["id"] and _whole_stream(e) is not None,
            )
            self._say(f"the whole stream: {_whole_stream(ended)}")

    async def _edit_of(self, alert: Message, tone: str, since: int) -> Message:
        return await self._until(
            f"the alert's change to {tone!r}",
            lambda e: e["id"] == alert["id"] and e.get("tone") == tone,
            since,
        )

    async def _until(self, what: str, wanted: Callable[[Message], bool], since: int = 0) -> Message:
        return await self._page.until(what, wanted, _PATIENCE_SECONDS, since)

    async def _ask(self, text: str) -> Message:
        since = len(self._page.events)
        typed = await self._page.say(text)
        return await self._until(
            f"an answer to {text.split()[0]}",
            lambda e: e.get("reply_to") == typed,
            since,
        )

    async def _keep(self, path: str, name: str) -> bytes:
        data = await self._page.fetch(path)
        file = self._folder / name
        await asyncio.to_thread(file.write_bytes, data)
        self._say(f"{file}  ({len(data) / 1024:.0f} KB)")
        return data

    @asynccontextmanager
    async def _step(self, title: str) -> AsyncIterator[None]:
        self._number += 1
        began = time.monotonic()
        self._console.print(f"[bold]{self._number}. {title}[/bold]")
        yield
        self._console.print(f"   [green]ok[/green] ({time.monotonic() - began:.1f} s)\n")

    def _show(self, message: Message) -> None:
        for line in str(message["text"]).splitlines():
            self._say(f"│ {line}")

    def _say(self, text: str) -> None:
        self._console.print(f"   {text}", markup=False)


@asynccontextmanager
async def _patience(what: str) -> AsyncIterator[None]:
    """Raises PageError where that takes too long."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            yield
    except TimeoutError:
        raise PageError(f"{what} didn't come within {_PATIENCE_SECONDS:g} s") from None


def _is(kind: str) -> Callable[[Message], bool]:
    return lambda event: event["kind"] == kind


def _whole_stream(message: Message) -> str | None:
    """Where the button leads that plays the site's own clip."""
    links = [b["url"] for b in message["buttons"] if b["url"] is not None]
    return next((url for url in links if _CLIP_OF_SITE in parse_qs(urlsplit(url).query)), None)


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise PageError(f"this was expected, but didn't happen: {what}")
