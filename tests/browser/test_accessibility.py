"""What axe-core finds on the page, and the story by the keyboard alone."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Locator, expect

from bot.commands import Request
from bot.model import Action, Button, Message, MessageKind, Verb, plain
from tests.browser.tab import Tab
from tests.browser.test_chat import ALERT, MINT, show
from tests.browser.test_looks import DESKTOP, PHONE, Story
from tests.platforms.local.conftest import Service

Scheme = Literal["light", "dark"]
CANCEL = Action(Verb.CANCEL_CLIP, "1").encode()
BAR = Message(
    kind=MessageKind.PROGRESS,
    title="Clip of $MINT, 30 s",
    progress=0.4,
    buttons=((Button("Cancel", action=CANCEL),),),
)

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def violations(tab: Tab) -> list[str]:
    """A line for each rule that is broken, with the elements that break it."""
    results = await Axe().run(tab.page)
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in results.response["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing(
    service: Service, browser: Browser, origin: str, screen: dict[str, Any], scheme: Scheme
) -> None:
    story = Story(service)
    service.health.part("pump.fun board").bad("it doesn't answer in time")
    async with Tab.opened(browser, origin, **screen, scheme=scheme) as tab:
        await expect(tab.page.get_by_text("Nothing here yet")).to_be_visible()
        assert await violations(tab) == [], "empty"
        await story.subscribe()
        await story.go_live()
        await story.clip()
        await story.deliver()
        await show(service, BAR, "bar")
        await expect(tab.messages("progress")).to_be_visible()
        await expect(tab.page.locator("#summary")).to_have_text("4 coins, 1 live")
        await tab.messages("alert").get_by_role("button", name="Reply").click()
        assert await violations(tab) == [], "in the middle of the story"
        if screen is PHONE:
            await tab.page.keyboard.press("Escape")
            await tab.page.get_by_role("button", name="Coins and status").click()
        await tab.page.locator("#coins summary").first.click()
        await tab.page.locator(".services summary").first.click()
        assert await violations(tab) == [], "with the sides open"
        await tab.shoot(f"sides-{'phone' if screen is PHONE else 'desktop'}-{scheme}")


async def focused(tab: Tab) -> str:
    """What has the focus: its text or its name, empty for the page itself."""
    return str(
        await tab.page.evaluate(
            "() => { const it = document.activeElement;"
            " return it === document.body ? '' : it.ariaLabel || it.textContent.trim() || it.id; }"
        )
    )


async def press(button: Locator) -> None:
    await button.focus()
    await button.press("Enter")


async def test_the_focus_stays_where_a_button_was(service: Service, tab: Tab) -> None:
    again = Action(Verb.CLIP_AGAIN, "1").encode()
    cancelled = Message(
        kind=MessageKind.PROGRESS, title="Clip", buttons=((Button("Again", action=again),),)
    )
    sent = await show(service, BAR, "1")
    target = await service.target()

    async def end(request: Request) -> None:
        await service.local.sender.edit(target, sent, cancelled)

    async def delete(request: Request) -> None:
        await service.local.sender.delete(target, sent)

    service.commands.acts[CANCEL] = end
    service.commands.acts[again] = delete
    await show(service, ALERT, "2")
    await press(tab.page.get_by_role("button", name="Cancel"))
    await expect(tab.page.get_by_role("button", name="Again")).to_be_focused()
    await tab.page.keyboard.press("Enter")
    await expect(tab.messages("progress")).to_have_count(0)
    assert (await focused(tab)).startswith("Mintcast: $MINT is live")


async def test_escape_leaves_an_answer_and_the_drawer(
    service: Service, browser: Browser, origin: str
) -> None:
    await show(service, ALERT, "1")
    async with Tab.opened(browser, origin, **PHONE) as tab:
        await press(tab.messages("alert").get_by_role("button", name="Reply"))
        await expect(tab.page.locator("#answering")).to_contain_text("Replying to")
        await expect(tab.field).to_be_focused()
        await tab.page.keyboard.press("Escape")
        await expect(tab.page.locator("#answering")).to_be_hidden()
        await expect(tab.field).to_be_focused()
        menu = tab.page.get_by_role("button", name="Coins and status")
        await press(menu)
        close = tab.page.locator("#close-side")
        await expect(close).to_be_focused()
        await close.press("Enter")
        await expect(menu).to_be_focused()


async def test_what_is_pressed_is_large_enough_for_a_finger(
    service: Service, browser: Browser, origin: str
) -> None:
    await show(service, ALERT, "1")
    async with Tab.opened(browser, origin, **PHONE) as tab:
        buttons = tab.messages("alert").locator("button, .actions a")
        await expect(buttons).to_have_count(4)
        for button in await buttons.all():
            box = await button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44, await button.inner_text()


async def test_another_tab_takes_nobody_from_what_they_read(
    service: Service, browser: Browser, origin: str, tab: Tab
) -> None:
    for number in range(30):
        await show(service, plain(f"message {number}"), str(number))
    await expect(tab.messages("reply")).to_have_count(30)
    scroller = tab.page.locator("#scroller")
    await scroller.hover()
    await tab.page.mouse.wheel(0, -100_000)
    await tab.page.wait_for_function("() => document.getElementById('scroller').scrollTop === 0")
    async with Tab.opened(browser, origin) as other:
        await other.say("/help")
        await expect(other.messages("reply")).to_have_count(31)
    await expect(tab.page.get_by_role("button", name="2 new messages")).to_be_visible()
    assert await scroller.evaluate("element => element.scrollTop") == 0
    await tab.say("/help")
    await expect(tab.messages("reply").last).to_be_in_viewport()


async def test_a_status_that_nobody_confirms_is_grey(service: Service, browser: Browser) -> None:
    service.health.part("discord").off("off, no DISCORD_TOKEN")
    async with service.serving() as origin:
        opening = Tab.opened(browser, origin)
        tab = await opening.__aenter__()
        discord = tab.page.locator('[data-service="discord"]')
        await expect(discord).to_have_attribute("data-state", "off")
        await expect(discord).to_contain_text("off")
        await expect(tab.page.locator("#as-of")).to_be_hidden()
    try:
        await expect(tab.page.locator("#as-of")).to_contain_text("As of")
        await expect(tab.page.locator("body.stale")).to_have_count(1)
    finally:
        await opening.__aexit__(None, None, None)


async def go_to(tab: Tab, name: str, key: str) -> None:
    """By that key alone; the focus is never lost on the way."""
    for _ in range(40):
        await tab.page.keyboard.press(key)
        now = await focused(tab)
        assert now, f"the focus was lost on the way to {name}"
        if now == name:
            return
    raise AssertionError(f"{name} is not reached")


async def test_the_story_goes_by_the_keyboard_alone(
    service: Service, browser: Browser, origin: str
) -> None:
    clip = Action(Verb.CLIP, MINT).encode()

    async def record(request: Request) -> None:
        await show(service, BAR, "bar")

    async def cancel(request: Request) -> None:
        again = Button("Try again", action=Action(Verb.CLIP_AGAIN, "1").encode())
        over = Message(kind=MessageKind.PROGRESS, title="Clip cancelled.", buttons=((again,),))
        await service.local.sender.edit(await service.target(), str(request.message_id), over)

    service.commands.acts |= {clip: record, CANCEL: cancel}
    async with Tab.opened(browser, origin, **DESKTOP) as tab:
        keys = tab.page.keyboard
        await expect(tab.field).to_be_focused()
        await keys.type(f"/subscribe {MINT}")
        await keys.press("Enter")
        await expect(tab.messages("reply")).to_be_visible()
        await show(service, ALERT, "1")
        await expect(tab.messages("alert")).to_be_visible()
        await go_to(tab, "Clip", "Shift+Tab")
        await keys.press("Enter")
        await expect(tab.messages("progress")).to_be_visible()
        await go_to(tab, "Cancel", "Tab")
        await keys.press("Enter")
        await expect(tab.page.get_by_role("button", name="Try again")).to_be_focused()
        await go_to(tab, "Reply", "Shift+Tab")
        await keys.press("Enter")
        await expect(tab.field).to_be_focused()
        await keys.press("Escape")
        await expect(tab.page.locator("#answering")).to_be_hidden()
        await keys.type("/help")
        await keys.press("Enter")
        await expect(tab.messages("reply")).to_have_count(2)
        assert await focused(tab)
