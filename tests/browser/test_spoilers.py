"""Pictures that are hidden until somebody asks for them: by mouse, touch and keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.model import Message, MessageKind, Spoiler, Tone
from tests.browser.media import stored_clip, stored_moving, stored_picture
from tests.browser.tab import Tab
from tests.platforms.local.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="package")

PHONE: dict[str, Any] = {"width": 390, "height": 844, "touch": True}


async def post(service: Service, spoiler: Spoiler, nonce: str = "a") -> str:
    message = Message(
        kind=MessageKind.ALERT,
        title="🔴 Minty is live",
        tone=Tone.LIVE,
        picture=await stored_picture(service.files),
        spoiler=spoiler,
    )
    return await service.local.sender.send(await service.target(), message, nonce=nonce)


async def test_a_marked_picture_is_blurred_and_out_of_reach_until_it_is_clicked(
    tab: Tab, service: Service
) -> None:
    await post(service, Spoiler.NSFW)
    card = tab.messages("alert")
    button = card.get_by_role("button", name="NSFW · Show picture")
    await expect(button).to_be_visible()
    held = card.locator(".held")
    await expect(held).to_have_attribute("inert", "")  # nor read out, nor opened
    assert "blur" in await held.evaluate("it => getComputedStyle(it).filter")
    await tab.shoot("hidden")
    await button.click()
    await expect(card.get_by_role("img")).to_be_visible()
    await expect(button).to_have_count(0)
    assert await card.locator(".picture").evaluate("it => getComputedStyle(it).filter") == "none"


async def test_enter_shows_it_and_keeps_the_focus_there(tab: Tab, service: Service) -> None:
    await post(service, Spoiler.ALWAYS)
    await tab.page.get_by_role("button", name="Show picture", exact=True).focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.messages("alert").locator("a.picture")).to_be_focused()


async def test_a_touch_anywhere_on_it_shows_it(
    browser: Browser, origin: str, service: Service
) -> None:
    async with Tab.opened(browser, origin, **PHONE) as phone:
        await post(service, Spoiler.NSFW)
        card = phone.messages("alert")
        await expect(card.locator(".spoiler")).to_be_visible()
        await phone.shoot("hidden-on-a-phone")
        await card.locator(".spoiler").tap(position={"x": 12, "y": 12})
        await expect(card.get_by_role("img")).to_be_visible()
        assert await phone.sideways() <= 0


async def test_an_edit_hides_what_was_shown_and_a_change_of_words_leaves_it_open(
    tab: Tab, service: Service
) -> None:
    target, message_id = await service.target(), await post(service, Spoiler.NO)
    card = tab.messages("alert")
    await expect(card.get_by_role("img")).to_be_visible()
    marked = Message(
        kind=MessageKind.ALERT,
        title="🔴 Minty is live",
        picture=await stored_picture(service.files),
        spoiler=Spoiler.NSFW,
    )
    await service.local.sender.edit(target, message_id, marked)
    await card.get_by_role("button", name="NSFW · Show picture").click()
    other = replace(marked, title="⚫ Minty was live")
    await service.local.sender.edit(target, message_id, other)
    await expect(card.get_by_role("heading")).to_contain_text("was live")
    await expect(card.get_by_role("img")).to_be_visible()


async def test_a_hidden_clip_is_shown_by_a_press(tab: Tab, service: Service) -> None:
    message = Message(
        kind=MessageKind.CLIP,
        title="🎬 2 s of $MINT",
        video=stored_clip(service.files),
        spoiler=Spoiler.NSFW,
    )
    await service.local.sender.send(await service.target(), message, nonce="clip")
    card = tab.messages("clip")
    await card.get_by_role("button", name="NSFW · Show clip").click()
    await expect(card.locator("video")).to_be_visible()
    await expect(card.locator(".spoiler")).to_have_count(0)


async def test_a_hidden_clip_that_is_gone_says_so_when_it_is_shown(
    tab: Tab, service: Service
) -> None:
    video = stored_clip(service.files)
    await service.files.delete(video.key)
    message = Message(kind=MessageKind.CLIP, title="🎬 2 s", video=video, spoiler=Spoiler.NSFW)
    await service.local.sender.send(await service.target(), message, nonce="clip")
    card = tab.messages("clip")
    await expect(card.locator(".missing")).to_be_attached()
    await card.get_by_role("button", name="NSFW · Show clip").click()
    await expect(card.get_by_text("This clip is no longer kept.")).to_be_visible()
    await expect(card.locator("video")).to_have_count(0)


async def test_a_moving_picture_is_hidden_as_any_other(tab: Tab, service: Service) -> None:
    moving = await stored_moving(service.files)
    message = Message(
        kind=MessageKind.ALERT, title="🔴 Minty is live", moving=moving, spoiler=Spoiler.NSFW
    )
    await service.local.sender.send(await service.target(), message, nonce="a")
    card = tab.messages("alert")
    button = card.get_by_role("button", name="NSFW · Show picture")
    held = card.locator(".held")
    await expect(held.locator("video")).to_be_attached()
    await expect(held).to_have_attribute("inert", "")
    assert "blur" in await held.evaluate("it => getComputedStyle(it).filter")
    await tab.shoot("moving-hidden")
    await button.click()
    assert await card.locator("video").evaluate("it => getComputedStyle(it).filter") == "none"
