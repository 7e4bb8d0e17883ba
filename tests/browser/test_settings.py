"""`/settings` on the page, with real commands behind it: what is chosen holds at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from bot.kit.timing.clock import SystemClock
from bot.model import Coin, Person, Preference
from bot.store import Store
from tests.browser.tab import Tab
from tests.browser.test_accessibility import focused, violations
from tests.commands.harness import CommandHarness
from tests.fakes.commands import FakeCommands
from tests.platforms.local.conftest import Service
from tests.pumpfun.samples import MINT

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """With the commands that there are."""
    async with Store(tmp_path / "mintcast.db") as store:
        service = Service(tmp_path, store, SystemClock())
        harness = CommandHarness(store, service.files)
        real = Service(tmp_path, store, SystemClock(), commands=cast(FakeCommands, harness.service))
        yield real
        await harness.service.stop()


async def chosen(service: Service) -> dict[Preference, str]:
    target = await service.target()
    async with service.store.read() as unit:
        return {name: one.value for name, one in (await unit.preferences.of(target.id)).items()}


async def reads(select: Locator, label: str) -> None:
    """Wait until that option holds."""
    await expect(select.locator("option:checked")).to_have_text(label)


async def test_a_setting_is_chosen_where_it_stands(service: Service, tab: Tab) -> None:
    await tab.say("/settings")
    panel = tab.messages("reply")
    at_end = panel.get_by_label("When it ends")
    await reads(at_end, "Default: Edit the alert")
    await expect(panel.get_by_role("group", name="Night")).to_contain_text("Quiet hours")
    await expect(panel).not_to_contain_text("channel")
    await at_end.focus()
    await at_end.select_option(label="Delete it")
    await expect(panel.get_by_role("button", name="Reset all")).to_be_visible()
    await reads(at_end, "Delete it")
    await expect(at_end).to_be_focused()
    assert await chosen(service) == {Preference.AT_END: "delete"}
    await panel.get_by_label("Quiet hours").select_option(label="22:00–08:00")
    await panel.get_by_role("button", name="Reset all").click()
    await expect(panel).to_contain_text("Settings reset.")
    await reads(at_end, "Default: Edit the alert")
    assert await chosen(service) == {}
    assert await focused(tab) in ("Reset all", "Undo")
    await panel.get_by_role("button", name="Undo").press("Enter")
    await reads(at_end, "Delete it")
    assert await focused(tab) != ""
    await expect(tab.messages("reply")).to_have_count(1)
    await expect(tab.messages("message")).to_have_count(1)


async def test_what_cannot_be_chosen_is_said_and_the_control_stays_true(
    service: Service, tab: Tab
) -> None:
    target, now = await service.target(), service.clock.now()
    async with service.store.write() as unit:
        await unit.subscriptions.add(target.id, MINT, Person("local"), now)
        await unit.coins.put(Coin(MINT, "MINTY", "Minty coin"))
    await tab.say("/settings minty")
    at_end = tab.messages("reply").get_by_label("When it ends")
    await reads(at_end, "Default: Edit the alert")
    async with service.store.write() as unit:
        await unit.subscriptions.remove(target.id, MINT)
    await at_end.select_option(label="Delete it")
    await expect(tab.page.locator("#toast")).to_contain_text("is not followed here")
    await reads(at_end, "Default: Edit the alert")
    await expect(tab.messages("reply")).to_have_count(1)


async def test_values_are_suggested_while_one_types(service: Service, tab: Tab) -> None:
    await tab.field.fill("/settings at-end ")
    await expect(tab.options).to_have_count(4)
    await tab.options.filter(has_text="leave").click()
    await expect(tab.field).to_have_value("/settings at-end leave")
    await tab.field.press("Enter")
    await expect(tab.messages("reply")).to_contain_text("Changed")
    assert await chosen(service) == {Preference.AT_END: "leave"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_controls_fit_a_phone(browser: Browser, origin: str, scheme: Any) -> None:
    async with Tab.opened(browser, origin, width=390, height=780, touch=True, scheme=scheme) as tab:
        await tab.say("/settings")
        panel = tab.messages("reply")
        await expect(panel.get_by_label("Notices")).to_be_visible()
        assert await tab.sideways() <= 0
        for select in await panel.locator("select").all():
            box = await select.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        assert await violations(tab) == []
        await tab.shoot(f"settings-phone-{scheme}")
