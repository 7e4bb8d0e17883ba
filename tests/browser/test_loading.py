"""Pictures and clips that do not load: what is gone, and what can only not be had now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Locator, Request, Route, expect

from bot.errors import FilesUnreachable
from bot.kit.files import Files, FileStore
from bot.model import Message, MessageKind, Spoiler, StoredVideo, plain
from tests.browser.media import stored_clip, stored_moving, stored_picture
from tests.browser.tab import Tab
from tests.browser.test_accessibility import Scheme, focused, violations
from tests.browser.test_chat import ALERT, show
from tests.browser.test_looks import DESKTOP, PHONE
from tests.fakes.clock import until
from tests.platforms.local.conftest import Service

NOT_NOW = "This clip can't be loaded right now."
NO_PICTURE = "This picture can't be loaded right now."
GONE = "This clip is no longer kept."
FILES = "**/files/*"
LOADED = "it => it.readyState > 0"
DECODED = "it => it.decode().then(() => it.naturalWidth)"

pytestmark = pytest.mark.asyncio(loop_scope="package")


class Elsewhere:
    """What nodes share: it has all that was in the folder, and is out of reach at first."""

    def __init__(self, files: Files) -> None:
        self.is_away = True
        self.kept: dict[str, bytes] = {}
        for path in files.folder.iterdir():
            self.kept[path.name] = path.read_bytes()
            path.unlink()
        files.shared = cast(FileStore, self)

    async def put(self, key: str, path: Path) -> None:
        self.kept[key] = path.read_bytes()

    async def get(self, key: str, path: Path) -> None:
        if self.is_away:
            raise FilesUnreachable("planted")
        if key not in self.kept:
            raise FileNotFoundError(key)
        path.write_bytes(self.kept[key])


def clip_of(video: StoredVideo) -> Message:
    return Message(kind=MessageKind.CLIP, title="3 s of $MINT", video=video)


def again(card: Locator) -> Locator:
    return card.get_by_role("button", name="Try again")


async def loaded(video: Locator) -> None:
    await expect(video).to_be_visible()
    await video.page.wait_for_function(LOADED, arg=await video.element_handle())


class Looks:
    """How often, and how many at once, the page asks what became of a file."""

    def __init__(self) -> None:
        self.count = self.now = self.most = 0

    def are(self, times: int) -> bool:
        return self.count >= times and not self.now

    async def __call__(self, route: Route, request: Request) -> None:
        if request.method != "HEAD":
            return await route.continue_()
        self.count, self.now = self.count + 1, self.now + 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.3)
        self.now -= 1
        await route.continue_()
        return None


@dataclass
class Restart:
    """A tab, and the service that it loses and gets back."""

    service: Service
    tab: Tab
    serving: AsyncExitStack
    port: int

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, service: Service, browser: Browser, *, height: int = 800
    ) -> AsyncIterator[Restart]:
        """`height` is that of the screen."""
        async with AsyncExitStack() as serving:
            origin = await serving.enter_async_context(service.serving())
            async with Tab.opened(browser, origin, height=height) as tab:
                yield cls(service, tab, serving, int(origin.rpartition(":")[2]))

    async def begin(self) -> None:
        await self.serving.aclose()
        await expect(self.tab.page.locator("#banner")).to_contain_text("Reconnecting")

    async def end(self) -> None:
        other = Service(self.service.folder, self.service.store, self.service.clock)
        other.files.shared = self.service.files.shared
        await self.serving.enter_async_context(other.serving(self.port))
        await expect(self.tab.page.locator("#banner")).to_be_hidden()


async def test_a_clip_that_cannot_be_had_now_is_tried_again_by_hand(
    service: Service, tab: Tab
) -> None:
    video = stored_clip(service.files)
    elsewhere = Elsewhere(service.files)
    await show(service, clip_of(video), "1")
    card = tab.messages("clip")
    await expect(card.get_by_text(NOT_NOW)).to_be_visible()
    await again(card).focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("alert")).to_contain_text("It still can't be loaded.")
    await expect(again(card)).to_be_focused()
    await expect(again(card)).not_to_have_attribute("aria-disabled", "true")
    elsewhere.is_away = False
    await tab.page.keyboard.press("Enter")
    await loaded(card.locator("video"))
    await expect(card.locator("video")).to_be_focused()
    await expect(again(card)).to_have_count(0)


async def test_a_clip_that_is_gone_meanwhile_says_so_when_it_is_tried_again(
    service: Service, tab: Tab
) -> None:
    video = stored_clip(service.files)
    elsewhere = Elsewhere(service.files)
    await show(service, clip_of(video), "1")
    card = tab.messages("clip")
    await again(card).focus()
    elsewhere.is_away, elsewhere.kept = False, {}
    await tab.page.keyboard.press("Enter")
    await expect(card.get_by_text(GONE)).to_be_visible()
    await expect(again(card)).to_have_count(0)
    assert await focused(tab), "the focus is lost"
    await expect(tab.page.locator("#announcer")).to_have_text(GONE)


@pytest.mark.parametrize("status", [404, 410])
async def test_only_what_is_said_to_be_gone_is_gone(
    service: Service, tab: Tab, status: int
) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=status)

    await tab.page.route(FILES, refuse)
    await show(service, clip_of(stored_clip(service.files)), "1")
    await expect(tab.messages("clip").get_by_text(GONE)).to_be_visible()


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 0])
async def test_what_is_refused_is_not_said_to_be_gone(
    service: Service, tab: Tab, status: int
) -> None:
    async def refuse(route: Route) -> None:
        await (route.fulfill(status=status) if status else route.abort())

    await tab.page.route(FILES, refuse)
    await show(service, clip_of(stored_clip(service.files)), "1")
    card = tab.messages("clip")
    await expect(card.get_by_text(NOT_NOW)).to_be_visible()
    await tab.page.unroute(FILES)
    await again(card).click()
    await loaded(card.locator("video"))


async def test_a_clip_that_is_there_and_cannot_be_played_says_that(
    service: Service, tab: Tab
) -> None:
    video = stored_clip(service.files)
    service.files.path(video.key).write_bytes(b"no film")
    await show(service, clip_of(video), "1")
    card = tab.messages("clip")
    await expect(card.get_by_text("Your browser couldn't play this clip.")).to_be_visible()
    await expect(card.get_by_role("link", name="Download")).to_be_visible()


async def test_a_clip_that_one_scrolls_to_in_a_restart_comes_back_after_it(
    service: Service, browser: Browser
) -> None:
    await show(service, clip_of(stored_clip(service.files)), "clip")
    for number in range(40):
        await show(service, plain(f"message {number}"), str(number))
    async with Restart.opened(service, browser) as restart:
        card = restart.tab.messages("clip")
        await expect(card).to_be_attached()
        await restart.begin()
        await card.scroll_into_view_if_needed()
        await expect(card.get_by_text(NOT_NOW)).to_be_visible()
        await restart.end()
        await loaded(card.locator("video"))


async def test_what_seemed_gone_while_the_service_was_away_comes_back_with_it(
    service: Service, browser: Browser
) -> None:
    """A proxy that has lost the service says 404, too."""

    async def lose(route: Route) -> None:
        await route.fulfill(status=404)

    async with Restart.opened(service, browser) as restart:
        await restart.tab.page.route(FILES, lose)
        picture, moving = await stored_picture(service.files), await stored_moving(service.files)
        await show(service, replace(ALERT, picture=picture), "1")
        await show(service, replace(ALERT, picture=picture, moving=moving), "2")
        await show(service, clip_of(stored_clip(service.files)), "3")
        await show(service, replace(ALERT, picture=picture, spoiler=Spoiler.NSFW), "4")
        clip, alerts = (restart.tab.messages(kind) for kind in ("clip", "alert"))
        await expect(clip.get_by_text(GONE)).to_be_visible()
        await expect(alerts.first.locator(".media > div")).to_be_hidden()
        await expect(alerts.nth(1).locator(".media > div > div")).to_be_hidden()
        await expect(alerts.last.locator(".spoiler")).to_be_hidden()
        await restart.begin()
        await restart.tab.page.unroute(FILES)
        await restart.end()
        await expect(alerts.last.locator(".spoiler")).to_be_visible()
        await loaded(clip.locator("video"))
        await expect(clip.get_by_role("link", name="Download")).to_be_visible()
        await alerts.first.scroll_into_view_if_needed()  # only what is near is asked for
        await expect(alerts.first.get_by_role("img")).to_be_visible()
        await loaded(alerts.nth(1).locator("video.moving"))


async def test_a_clip_that_breaks_off_goes_on_from_there(service: Service, tab: Tab) -> None:
    await show(service, clip_of(stored_clip(service.files)), "1")
    card = tab.messages("clip")
    video = card.locator("video")
    await loaded(video)
    await video.evaluate("it => { it.muted = true; it.currentTime = 1.5; return it.play(); }")
    await tab.page.route(FILES, lambda route: route.abort())
    await video.focus()
    await video.evaluate("it => it.dispatchEvent(new Event('error'))")
    await expect(again(card)).to_be_focused()
    await expect(tab.page.locator("#announcer")).to_have_text(NOT_NOW)
    await tab.page.unroute(FILES)
    await tab.page.keyboard.press("Enter")
    await loaded(video)
    assert await video.evaluate("it => it.currentTime") >= 1.5
    assert await video.evaluate("it => !it.paused || it.ended")


async def test_a_picture_that_cannot_be_had_now_says_so_and_comes_back(
    service: Service, tab: Tab
) -> None:
    picture = await stored_picture(service.files)
    elsewhere = Elsewhere(service.files)
    await show(service, replace(ALERT, picture=picture), "1")
    alert = tab.messages("alert")
    await expect(alert.get_by_text(NO_PICTURE)).to_be_visible()
    elsewhere.is_away = False
    await again(alert).click()
    assert await alert.get_by_role("img").evaluate(DECODED) == picture.width
    await expect(alert.get_by_role("link", name="Picture: $MINT is live")).to_be_focused()


async def test_a_picture_that_is_gone_leaves_no_gap(service: Service, tab: Tab) -> None:
    picture = await stored_picture(service.files)
    await service.files.delete(picture.key)
    await show(service, replace(ALERT, picture=picture), "1")
    await expect(tab.messages("alert").locator(".media > div")).to_be_hidden()
    await expect(again(tab.messages("alert"))).to_have_count(0)


async def test_for_a_moving_picture_the_still_stands_in_until_it_can_be_had(
    service: Service, browser: Browser
) -> None:
    moving = await stored_moving(service.files)
    elsewhere = Elsewhere(service.files)
    picture = await stored_picture(service.files, "STILL")
    async with Restart.opened(service, browser) as restart:
        await show(service, replace(ALERT, picture=picture, moving=moving), "1")
        alert = restart.tab.messages("alert")
        assert await alert.get_by_role("img").evaluate(DECODED) == picture.width
        await expect(again(alert)).to_have_count(0)
        await restart.begin()
        elsewhere.is_away = False
        await restart.end()
        await loaded(alert.locator("video.moving"))
        await expect(alert.get_by_role("img")).to_have_count(0)


async def test_a_moving_picture_without_a_still_says_so(service: Service, tab: Tab) -> None:
    moving = await stored_moving(service.files)
    elsewhere = Elsewhere(service.files)
    await show(service, replace(ALERT, moving=moving), "1")
    alert = tab.messages("alert")
    await expect(alert.get_by_text(NO_PICTURE)).to_be_visible()
    elsewhere.is_away = False
    await again(alert).click()
    await loaded(alert.locator("video.moving"))


async def test_a_hidden_clip_that_cannot_be_had_now_says_so_when_it_is_shown(
    service: Service, tab: Tab
) -> None:
    video = stored_clip(service.files)
    Elsewhere(service.files)
    await show(service, replace(clip_of(video), spoiler=Spoiler.NSFW), "1")
    card = tab.messages("clip")
    await expect(card.get_by_text(NOT_NOW)).to_be_attached()
    await card.get_by_role("button", name="NSFW · Show clip").focus()
    await tab.page.keyboard.press("Enter")
    await expect(again(card)).to_be_focused()


async def test_it_is_tried_again_a_few_times_and_then_left(service: Service, tab: Tab) -> None:
    looks = Looks()
    await tab.page.clock.install()
    await tab.open()
    await tab.page.route(FILES, looks)
    picture = await stored_picture(service.files)
    elsewhere = Elsewhere(service.files)
    await show(service, replace(ALERT, picture=picture), "1")
    alert = tab.messages("alert")
    await expect(alert.get_by_text(NO_PICTURE)).to_be_visible()
    for times in (2, 3, 4, 4, 4):
        await tab.page.clock.fast_forward(120_000)
        await until(partial(looks.are, times))
        await tab.page.wait_for_timeout(200)
    assert looks.count == 4
    elsewhere.is_away = False
    await again(alert).click()
    await expect(alert.get_by_role("img")).to_be_visible()


async def test_of_many_that_wait_few_are_asked_for_at_once_and_none_far_away(
    service: Service, browser: Browser
) -> None:
    pictures = [await stored_picture(service.files, f"M{number}") for number in range(30)]
    elsewhere = Elsewhere(service.files)
    for number, picture in enumerate(pictures):
        await show(service, replace(ALERT, picture=picture), str(number))
    looks = Looks()
    async with Restart.opened(service, browser, height=2400) as restart:
        alerts = restart.tab.messages("alert")
        for number in range(29, -1, -1):
            await alerts.nth(number).scroll_into_view_if_needed()
            await expect(again(alerts.nth(number))).to_be_attached()
        await restart.begin()
        elsewhere.is_away = False
        await restart.tab.page.route(FILES, looks)
        await restart.end()
        await expect(alerts.first.get_by_role("img")).to_be_visible()
        await restart.tab.page.wait_for_timeout(1500)
        assert looks.most == 3
        assert looks.count < 15, "it asked for what nobody sees"
        await alerts.last.scroll_into_view_if_needed()
        await expect(alerts.last.get_by_role("img")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing_in_what_does_not_load(
    service: Service, browser: Browser, origin: str, screen: dict[str, Any], scheme: Scheme
) -> None:
    gone, video = stored_clip(service.files), stored_clip(service.files)
    await service.files.delete(gone.key)
    picture = await stored_picture(service.files)
    Elsewhere(service.files)
    name = f"{'phone' if screen is PHONE else 'desktop'}-{scheme}"
    async with Tab.opened(browser, origin, **screen, scheme=scheme) as tab:
        await show(service, replace(ALERT, picture=picture), "1")
        await expect(tab.messages("alert").get_by_text(NO_PICTURE)).to_be_visible()
        await tab.shoot(f"away-picture-{name}")
        await show(service, clip_of(video), "2")
        card = tab.messages("clip").last
        await expect(card.get_by_text(NOT_NOW)).to_be_visible()
        await tab.shoot(f"away-clip-{name}")
        await again(card).click()
        await expect(tab.page.get_by_role("alert")).to_be_visible()
        assert await violations(tab) == []
        assert await tab.sideways() <= 0
        await tab.shoot(f"away-still-{name}")
