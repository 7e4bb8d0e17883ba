"""Discord's stand-in in a real browser: what one does there reaches the real discord.py."""

from __future__ import annotations

import io

import discord
import pytest
import yarl
from playwright.async_api import Browser, Page, expect

from tests.fakes.clock import until
from tests.fakes.discord import Channel, FakeDiscord
from tests.fakes.discord.conftest import PNG, Bot, bot_in
from tests.fakes.discord.test_components import Panel
from tests.looks.discord.view import DiscordView
from tests.looks.samples import HOSTILE
from tests.looks.server import serving

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def post(client: Bot, here: Channel, panel: Panel) -> None:
    channel = client.get_channel(here.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=panel, file=discord.File(io.BytesIO(PNG), "a.png"))
    await channel.send(embed=discord.Embed(title=" ".join(HOSTILE), description=HOSTILE[0]))


async def chosen_filled_in_and_typed(page: Page, panel: Panel) -> None:
    await page.locator("details.select").click()
    await page.get_by_text("off", exact=True).click()
    await until(lambda: panel.chosen == ("off",))
    await page.get_by_role("button", name="Ask").click()
    await page.get_by_label("Name").fill("Minty")
    await page.get_by_label("Size").select_option("L")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator(".ephemeral")).to_contain_text("thanks")
    assert panel.told == "Minty L"
    await page.get_by_label("Message", exact=True).fill("/ec")
    await page.get_by_role("option").click()
    await page.keyboard.type("hello")
    await page.keyboard.press("Enter")
    await expect(page.locator(".ephemeral").last).to_contain_text("hello")


async def test_what_is_chosen_filled_in_and_typed_reaches_the_bot_and_names_stay_names(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = await browser.new_context()
    async with FakeDiscord() as fake:
        monkeypatch.setattr(discord.http.Route, "BASE", fake.api_url)
        gateway = yarl.URL(fake.gateway_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        guild = fake.add_guild("Home")
        here, al = guild.add_text_channel("general"), fake.add_user("al")
        guild.add_member(al)
        panel = Panel()
        async with bot_in(fake) as client, serving(DiscordView(fake, [al])) as origin:
            await post(client, here, panel)
            page = await context.new_page()
            await page.goto(origin)
            await chosen_filled_in_and_typed(page, panel)
            title = page.locator(".embed-title")
            await expect(title).to_have_text(" ".join(HOSTILE))
            assert await page.evaluate("typeof window.pwned") == "undefined"
            assert await page.locator("main script, main svg").count() == 0
            await context.close()
        assert fake.rejected == []
