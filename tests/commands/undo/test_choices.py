"""What was chosen is forgotten, and comes back. The command that does it is the next to be made."""

from __future__ import annotations

import pytest

from bot.commands.undo.removal import forget_choices
from bot.model import Preference, Scope
from tests.commands.harness import BEN, CommandHarness


async def chosen(harness: CommandHarness) -> dict[Preference, str]:
    target = await harness.target()
    async with harness.store.read() as unit:
        return {name: one.value for name, one in (await unit.preferences.of(target.id)).items()}


async def forget(harness: CommandHarness) -> str | None:
    """As `/settings default` does; the action of its Undo button."""
    target = await harness.target()
    owners = [(Scope.PLACE, target.place_id), (Scope.TARGET, target.id)]
    request, _ = harness.request()
    async with harness.store.write() as unit:
        name = await forget_choices(unit, target, request, owners, harness.clock.now())
    return None if name is None else name.action


@pytest.fixture
async def choosy(harness: CommandHarness) -> CommandHarness:
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.PLACE, target.place_id, Preference.CLIP_BY, "managers")
        await unit.preferences.set(Scope.TARGET, target.id, Preference.AT_END, "delete")
    return harness


ALL = {Preference.CLIP_BY: "managers", Preference.AT_END: "delete"}


async def test_what_was_chosen_for_a_channel_and_its_place_comes_back(
    choosy: CommandHarness,
) -> None:
    assert await chosen(choosy) == ALL
    action = await forget(choosy)
    assert await chosen(choosy) == {}
    assert (await choosy.press(action or "")).text == "Settings restored."
    assert await chosen(choosy) == ALL
    assert (await choosy.press(action or "")).text == "Already restored."


async def test_what_was_chosen_since_stays(choosy: CommandHarness) -> None:
    action = await forget(choosy)
    await choosy.say("/settings at-end leave")
    reply = await choosy.press(action or "")
    assert "What you changed since then stays." in reply.text
    assert await chosen(choosy) == ALL | {Preference.AT_END: "leave"}


async def test_where_nothing_was_chosen_there_is_nothing_to_undo(harness: CommandHarness) -> None:
    assert await forget(harness) is None


async def test_after_half_a_minute_it_is_too_late_also_for_managers(choosy: CommandHarness) -> None:
    action = await forget(choosy)
    refused = await choosy.press(action or "", who=BEN, manages=False)
    assert "Only managers and the person" in refused.text
    await choosy.clock.advance(31)
    reply = await choosy.press(action or "", who=BEN)
    assert reply.text == "Too late to undo. Run /settings to choose again."
    assert await chosen(choosy) == {}
