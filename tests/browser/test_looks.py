"""How the page looks: on a desktop, a phone and in the dark, with all that a story shows.

With MINTCAST_SHOTS set to a folder, every step leaves a screenshot there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.alerts import AlertFacts, alert
from bot.model import (
    Action,
    Broadcast,
    Button,
    Coin,
    Message,
    MessageKind,
    Person,
    Span,
    StreamState,
    Tone,
    Verb,
)
from bot.platforms.local.render import typed
from tests.browser.media import stored_clip, stored_picture
from tests.browser.tab import Tab
from tests.fakes.commands import suggestion
from tests.platforms.local.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="package")

COINS = (
    Coin("7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "MINT", "Mint Condition"),
    Coin("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263", "WOOF", "A Very Good Dog"),
    Coin("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", "NIGHT", "Night Shift"),
    Coin("So11111111111111111111111111111111111111112", "QUIET", "Nobody Home"),
)
MINT = COINS[0].mint
DESKTOP: dict[str, Any] = {"width": 1360, "height": 860}
TABLET: dict[str, Any] = {"width": 1000, "height": 720}
PHONE: dict[str, Any] = {"width": 390, "height": 844, "touch": True}


_FOCUS = """() => {
  const it = document.activeElement;
  if (it === document.body) return ["", "auto"];
  return [it.textContent.trim() || it.id, getComputedStyle(it).outlineStyle];
}"""


class Story:
    """Tells what a first evening with Mintcast looks like, a step at a time."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.send = service.local.sender.send

    async def subscribe(self) -> None:
        now, target = self.service.clock.now(), await self.service.target()
        for name, detail in (
            ("database", "12 KB"),
            ("pump.fun", "4 coins, asked every 10 s"),
            ("clips", "0 recording, 0 waiting"),
        ):
            self.service.health.part(name).good(detail)
        for name in ("discord", "telegram"):
            self.service.health.part(name).off(f"off, no {name.upper()}_TOKEN")
        async with self.service.store.write() as unit:
            asked, _ = await unit.page.add("message", None, typed(f"/subscribe {MINT}"), now)
            for coin in COINS:
                await unit.coins.put(coin)
                await unit.subscriptions.add(target.id, coin.mint, Person("local", "you"), now)
        answer = Message(
            title="Following Mint Condition ($MINT)",
            lines=(
                (
                    Span("Mint Condition ($MINT)", bold=True),
                    Span(": offline; I'll post within seconds of it going live"),
                ),
            ),
            tone=Tone.GOOD,
        )
        await self.send(target, answer, nonce="s", reply_to=asked)

    async def go_live(self) -> str:
        now, target = self.service.clock.now(), await self.service.target()
        self.cast = Broadcast(
            state=StreamState.LIVE,
            first_seen_at=now,
            last_seen_at=now,
            site_id=1,
            started_at=now - timedelta(minutes=3),
            title="minting live until we hit 1k viewers",
            viewers=128,
            peak_viewers=214,
        )
        async with self.service.store.write() as unit:
            stream = await unit.streams.insert(MINT, self.cast)
            grace = replace(self.cast, state=StreamState.GRACE, site_id=2, paused_at=now)
            await unit.streams.insert(COINS[1].mint, grace)
            starting = replace(self.cast, state=StreamState.STARTING, site_id=3)
            await unit.streams.insert(COINS[2].mint, starting)
            await unit.deliveries.owe_alerts(stream, now, silent=False)
            (delivery,) = await unit.deliveries.claim("local", "h", 5, now)
            await unit.deliveries.mark_sending(delivery, now)
            await unit.deliveries.mark_shown(delivery, "1", now)
        picture = await stored_picture(self.service.files)
        self.facts = AlertFacts(MINT, self.cast, COINS[0], picture)
        return await self.send(target, alert(self.facts, now), nonce="a")

    async def clip(self) -> None:
        now, target = self.service.clock.now(), await self.service.target()
        async with self.service.store.write() as unit:
            asked, _ = await unit.page.add("message", None, typed("/clip 30s"), now)
        self.asked = asked
        bar = Message(
            kind=MessageKind.PROGRESS,
            title="Recording $MINT",
            lines=((Span("12 of 30 s"),),),
            progress=0.4,
            buttons=((Button("Cancel", Action(Verb.CANCEL_CLIP, "1").encode()),),),
        )
        self.bar = await self.send(target, bar, nonce="b", reply_to=asked)

    async def deliver(self) -> None:
        target = await self.service.target()
        await self.service.local.sender.delete(target, self.bar)
        clip = Message(
            kind=MessageKind.CLIP,
            title="🎬 3 s of $MINT",
            lines=((Span("Clipped by you"),),),
            video=stored_clip(self.service.files),
            buttons=(
                (
                    Button("Again", Action(Verb.CLIP_AGAIN, "1").encode()),
                    Button("Delete", Action(Verb.DELETE_CLIP, "1").encode()),
                ),
            ),
        )
        await self.send(target, clip, nonce="c", reply_to=self.asked)

    async def end(self, message: str) -> None:
        now, target = self.service.clock.now(), await self.service.target()
        over = replace(self.cast, state=StreamState.ENDED, ended_at=now)
        shown = alert(replace(self.facts, broadcast=over), now)
        await self.service.local.sender.edit(target, message, shown)


@pytest.fixture
def story(service: Service) -> Story:
    service.commands.suggestions = [
        suggestion("/subscribe ", "/subscribe – hear of a coin when it goes live"),
        suggestion("/subscriptions ", "/subscriptions – what is followed here"),
        suggestion("/settings ", "/settings – role, night hours, what happens at the end"),
    ]
    return Story(service)


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("desktop", DESKTOP),
        ("phone", PHONE),
        # These are for the eye: `test_the_dark_is_dark` asks in every run, and the story ends on
        # a tablet's width.
        pytest.param("tablet", TABLET, marks=pytest.mark.soak),
        pytest.param("dark", {**DESKTOP, "scheme": "dark"}, marks=pytest.mark.soak),
        pytest.param("phone-dark", {**PHONE, "scheme": "dark"}, marks=pytest.mark.soak),
    ],
)
async def test_the_story_reads_well_everywhere(
    story: Story, browser: Browser, origin: str, name: str, screen: dict[str, Any]
) -> None:
    async with Tab.opened(browser, origin, **screen) as tab:

        async def look(step: str) -> None:
            assert await tab.sideways() <= 0, f"{step} stands out of the screen"
            await tab.shoot(f"{name}-{step}")

        await look("1-empty")
        await story.subscribe()
        await expect(tab.messages("reply")).to_be_visible()
        await look("2-subscribed")
        sent = await story.go_live()
        picture = tab.messages("alert").locator("img")
        await picture.evaluate("image => image.decode()")
        await expect(tab.page.locator("#summary")).to_have_text("4 coins, 1 live")
        await expect(picture).to_be_in_viewport()
        await look("3-alert")
        await story.clip()
        await expect(tab.messages("progress")).to_be_in_viewport()
        await look("4-progress")
        await story.deliver()
        video = tab.messages("clip").locator("video")
        await video.evaluate("video => { video.muted = true; return video.play(); }")
        await tab.page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
        await look("5-clip")
        await story.end(sent)
        await expect(tab.messages("alert")).to_have_attribute("data-tone", "ended")
        await tab.messages("alert").scroll_into_view_if_needed()
        await look("6-ended")
        if screen is DESKTOP:
            await tab.page.set_viewport_size({"width": TABLET["width"], "height": TABLET["height"]})
            await look("7-narrower")
        await tab.field.press_sequentially("/s")
        await expect(tab.options).to_have_count(3)
        await tab.field.press("ArrowDown")
        await look("7-suggestions")


async def test_on_a_phone_the_sides_are_a_drawer(
    story: Story, browser: Browser, origin: str
) -> None:
    await story.subscribe()
    await story.go_live()
    async with Tab.opened(browser, origin, **PHONE) as tab:
        coins = tab.page.locator("#coins")
        await expect(coins).to_be_hidden()
        menu = tab.page.get_by_role("button", name="Coins and status")
        await menu.click()
        await expect(coins).to_be_visible()
        await expect(menu).to_have_attribute("aria-expanded", "true")
        await expect(coins.locator("li").first).to_contain_text("128 viewers")
        await coins.locator("summary").first.click()
        await tab.shoot("phone-8-drawer")
        assert await tab.sideways() <= 0
        await tab.page.keyboard.press("Escape")
        await expect(coins).to_be_hidden()
        await expect(menu).to_be_focused()


async def test_the_dark_is_dark(browser: Browser, origin: str) -> None:
    lightness = "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    async with Tab.opened(browser, origin, scheme="dark") as tab:
        assert sum(await tab.page.evaluate(lightness)) < 150
        await tab.page.emulate_media(color_scheme="light")
        assert sum(await tab.page.evaluate(lightness)) > 600


async def test_everything_is_reached_by_keyboard_with_a_focus_to_be_seen(
    story: Story, browser: Browser, origin: str
) -> None:
    await story.subscribe()
    await story.go_live()
    async with Tab.opened(browser, origin, **DESKTOP) as tab:
        await expect(tab.messages("alert")).to_be_visible()
        await tab.page.evaluate("() => document.activeElement.blur()")
        seen = set()
        for _ in range(40):
            await tab.page.keyboard.press("Tab")
            name, outline = await tab.page.evaluate(_FOCUS)
            seen.add(name)
            # Around the field it is the row that shows the focus.
            assert outline != "none" or name == "text", f"{name} has no visible focus"
        assert {"Watch", "Clip 30s", "Copy address", "Reply", "Send", "text"} <= seen
