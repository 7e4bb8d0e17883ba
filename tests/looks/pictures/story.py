"""The story that is photographed: from the first command to the end of a stream.

What is waited for is where something stands and what one can press, never the words: those change.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import base58

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.running import SMALL
from bot.demo.site.coins import DemoCoin
from bot.demo.site.faults import Fault
from tests.looks.pictures.clips import (
    begin_clip,
    cancelled_clip,
    highlights,
    outcome_of,
    past_clip,
    recorded_clip,
    whole_clip,
    without_rings,
)
from tests.looks.pictures.screens import Screens
from tests.looks.running import Looks, invited

PRESSABLE = "[data-press]"
PICTURE = ".media img"
PLAYER = ".media video"
_RECORDED = ("STILL", "A still of it"), ("MOVE", "It moves")
WHOLE_STREAM = 'a[href*="?clip="]'
COVERED = ".media.spoiler"
NO_COIN = base58.b58encode(hashlib.sha256(b"no coin").digest()).decode()

_UNTIL_FORGOTTEN = 45.0
"""Seconds: what lies around the last clip is still being made for half a minute."""

Step = Callable[[Screens], Coroutine[Any, Any, Any]]


class Story:
    """Told on all `screens` at once, step by step."""

    def __init__(self, looks: Looks, screens: Sequence[Screens]) -> None:
        self._looks = looks
        self._world = looks.demo.world
        self._coins = looks.demo.coins
        self._screens = screens

    async def tell(self) -> None:
        """All of it."""
        await self._before_anything()
        alerts, caster = await self._go_live()
        paused = await self._clips(alerts, caster)
        await self._changed("alert-ended", alerts, paused)
        for one, alert in self._with(alerts):
            await one.until(alert, WHOLE_STREAM)
            await one.settled(alert)
            await one.shoot("alert-whole-stream", alert)
        await self._odd_alerts()
        await self._recorded_alerts()
        await self._afterwards()

    async def _each(self, step: Step) -> list[Any]:
        """The step on all platforms, at the same time."""
        return list(await asyncio.gather(*(step(one) for one in self._screens)))

    async def _ask(self, name: str, line: Callable[[Screens], str] | str) -> None:
        async def ask(on: Screens) -> None:
            said = line if isinstance(line, str) else line(on)
            await on.shoot(name, await on.say(said))

        await self._each(ask)

    async def _before_anything(self) -> None:
        main, others = self._coins.main, (self._coins.flapping, self._coins.ending)
        await self._ask("help", "/help")
        await self._ask("live-nothing", "/live")
        await self._ask("subscriptions-none", "/subscriptions")
        await self._ask("subscribe-wrong", _line("/subscribe", "not-an-address"))
        await self._ask("subscribe-one", _line("/subscribe", main.mint))
        mints = " ".join(one.mint for one in others)
        await self._ask("subscribe-many", _line("/subscribe", mints))
        await self._each(_settings)
        await self._ask("clip-refused", "/clip")
        await self._ask("subscriptions", "/subscriptions")
        await self._notice()

    async def _notice(self) -> None:
        """Subscribed while the site is away; then it turns out to be no coin."""
        self._world.site.fail("coins-v3", Fault.SERVER_ERROR)
        self._world.site.fail("coins-v2", Fault.SERVER_ERROR)
        await self._ask("subscribe-unchecked", _line("/subscribe", NO_COIN))
        known = [await one.known() for one in self._screens]
        self._world.site.heal()
        for one, before in zip(self._screens, known, strict=True):
            await one.shoot("notice", await one.answer(before))

    async def _go_live(self) -> tuple[list[str], Broadcaster]:
        known = [await one.known() for one in self._screens]
        caster = await self._broadcast(self._coins.main, "Live from the mint")
        alerts = await self._alerts("alert-live", known)
        await self._ask("live", "/live")
        return alerts, caster

    async def _alerts(
        self, name: str, known: list[list[str]], *, picture: str = PICTURE
    ) -> list[str]:
        """Those that have come by themselves, with such a picture; empty: with none."""
        alerts = []
        for one, before in zip(self._screens, known, strict=True):
            alerts.append(await one.answer(before))
            if picture:
                await one.until(alerts[-1], picture)
            await one.shoot(name, alerts[-1])
        return alerts

    async def _clips(self, alerts: list[str], caster: Broadcaster) -> list[str]:
        """The last one ends because the creator leaves; what the alerts say then."""
        await self._ask("live-at-hand", "/live")
        for one in self._screens:
            await past_clip(one)
        await self._each(without_rings)
        await asyncio.sleep(_UNTIL_FORGOTTEN)
        for seconds in (30.0, 12.0, 7.0):
            self._coins.main.add_highlight(seconds)
        for one in self._screens:
            await highlights(one, self._coins.main.mint, self._coins.flapping.mint)
        for one in self._screens:
            await whole_clip(one)
            await cancelled_clip(one)
        known = await self._each(recorded_clip)
        await asyncio.sleep(5)  # so much of it there will be
        live = [await one.text(alert) for one, alert in self._with(alerts)]
        await caster.stop()
        self._coins.main.drop()
        await self._changed("alert-paused", alerts, live)
        paused = [await one.text(alert) for one, alert in self._with(alerts)]
        for one, before in zip(self._screens, known, strict=True):
            await one.shoot("clip-partial", await outcome_of(one, before))
        return paused

    async def _changed(self, name: str, alerts: list[str], before: list[str]) -> None:
        """Pictures of them once they say something else."""
        for (one, alert), text in zip(self._with(alerts), before, strict=True):
            await one.changed(alert, text)
            await one.settled(alert)
            await one.shoot(name, alert)

    def _with(self, shown: list[str]) -> Iterator[tuple[Screens, str]]:
        return zip(self._screens, shown, strict=True)

    async def _odd_alerts(self) -> None:
        """Without a picture, and live for pump.fun without anybody in the room."""
        coin = self._world.add_coin("PLAIN", "Plain coin")
        coin.image = None
        await self._ask("subscribe-plain", _line("/subscribe", coin.mint))
        known = [await one.known() for one in self._screens]
        coin.go_live("No camera today", viewers=3, media=False)
        await self._alerts("alert-plain", known, picture="")

        async def fail(on: Screens) -> None:
            before = await begin_clip(on, "3s")
            await on.shoot("clip-failed", await outcome_of(on, before))

        await self._each(fail)
        coin.end()
        known = [await one.known() for one in self._screens]
        self._coins.ending.nsfw = True
        self._coins.ending.go_live("Late show", viewers=8)
        await self._alerts("alert-nsfw", known, picture=COVERED)

    async def _recorded_alerts(self) -> None:
        """The site has no thumbnail, and records: a still is shown, or four seconds that move."""
        still, moving = (self._world.add_coin(*name) for name in _RECORDED)
        self._world.site.fail("thumbnails", Fault.NOT_FOUND)
        await self._ask("subscribe-recorded", _line("/subscribe", f"{still.mint} {moving.mint}"))
        chosen = {"discord": f"/settings picture:moving mint:{moving.mint}"}
        typed = f"/settings {moving.mint} picture moving"
        await self._ask("settings-moving", lambda on: chosen.get(on.platform, typed))
        for name, coin, picture in (("still", still, PICTURE), ("moving", moving, PLAYER)):
            known = [await one.known() for one in self._screens]
            self._world.record(coin, past=60.0, title=coin.name, symbol=coin.symbol, **SMALL)
            await self._alerts(f"alert-{name}", known, picture=picture)
            coin.end()
        self._world.site.heal()

    async def _afterwards(self) -> None:
        await self._ask("history", "/history")
        await self._ask("unsubscribe", _line("/unsubscribe", self._coins.flapping.mint))
        await self._each(Screens.shoot_windows)
        places = invited(self._looks)
        await asyncio.gather(*(_welcome(one, place) for one, place in self._with(places)))

    async def _broadcast(self, coin: DemoCoin, title: str) -> Broadcaster:
        return await self._world.broadcast(coin, title=title, **SMALL)


def _line(command: str, mint: str) -> Callable[[Screens], str]:
    """As one types it there."""
    return lambda on: f"{command} {'mint:' if on.platform == 'discord' else ''}{mint}"


async def _welcome(on: Screens, place: str) -> None:
    await on.move(place)
    await on.shoot("welcome", await on.answer([]))


async def _settings(on: Screens) -> None:
    """The answer, and what the first control of it leads to."""
    shown = await on.say("/settings")
    await on.shoot("settings", shown)
    if await on.count(f"#{shown} {PRESSABLE}"):
        await on.press(shown, PRESSABLE)
        await on.settled(shown)
        await on.shoot("settings-one", shown)
