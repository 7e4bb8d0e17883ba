"""`/settings` with Discord's own options."""

from __future__ import annotations

from bot.model import Preference, Scope
from tests.cogs.scene import Scene, text_of
from tests.pumpfun.samples import MINT


async def chosen(scene: Scene, mint: str | None = None) -> dict[Preference, tuple[str, Scope]]:
    async with scene.room.store.read() as unit:
        found = await unit.preferences.of(1, mint)
    return {preference: (one.value, one.scope) for preference, one in found.items()}


async def test_without_options_all_that_is_in_force_is_shown(scene: Scene) -> None:
    result = await scene.say("settings")
    assert result.ephemeral
    assert "nobody is mentioned" in text_of(result)


async def test_several_choices_are_made_at_once_and_told_in_one_answer(scene: Scene) -> None:
    role = scene.guild.create_role("Pingers")
    result = await scene.say(
        "settings",
        role=role,
        night="22:00-08:00",
        zone="berlin",
        at_night="digest",
        night_mention="yes",
        at_end="delete",
        clip_by="managers",
        updates="yes",
    )
    assert result.ephemeral
    assert len(result.followups) == 0
    assert await chosen(scene) == {
        Preference.ROLE: (str(role.id), Scope.TARGET),
        Preference.NIGHT: ("22:00-08:00", Scope.TARGET),
        Preference.TIME_ZONE: ("Europe/Berlin", Scope.TARGET),
        Preference.NIGHT_MODE: ("digest", Scope.TARGET),
        Preference.NIGHT_MENTION: ("yes", Scope.TARGET),
        Preference.AT_END: ("delete", Scope.TARGET),
        Preference.CLIP_BY: ("managers", Scope.TARGET),
        Preference.UPDATES: ("yes", Scope.TARGET),
    }
    assert "Europe/Berlin" in text_of(result)
    assert "managers" in text_of(result)


async def test_a_choice_counts_for_the_whole_server_or_for_one_coin(scene: Scene) -> None:
    await scene.say("subscribe", mints=MINT)
    await scene.say("settings", at_end="leave", everywhere=True)
    await scene.say("settings", at_end="delete", mint=MINT)
    assert (await chosen(scene))[Preference.AT_END] == ("leave", Scope.PLACE)
    assert (await chosen(scene, MINT))[Preference.AT_END] == ("delete", Scope.SUBSCRIPTION)


async def test_a_choice_is_taken_back(scene: Scene) -> None:
    await scene.say("settings", at_end="leave")
    await scene.say("settings", reset="at-end default")
    assert Preference.AT_END not in await chosen(scene)


async def test_notices_go_to_another_channel(scene: Scene) -> None:
    office = scene.guild.create_text_channel("office")
    await scene.say("settings", notices=office, at_end="leave")
    async with scene.room.store.read() as unit:
        targets = {one.address.channel: one for one in await unit.places.targets(1)}
    there = targets[str(office.id)]
    found = await chosen(scene)
    assert found[Preference.NOTICES] == (str(there.id), Scope.PLACE)
    assert Preference.AT_END in found


async def test_what_cannot_be_read_is_told_beside_what_was_done(scene: Scene) -> None:
    result = await scene.say("settings", night="whenever", at_end="leave")
    assert "whenever" in text_of(result)
    assert (await chosen(scene))[Preference.AT_END] == ("leave", Scope.TARGET)


async def test_everyone_is_no_role_to_mention(scene: Scene) -> None:
    result = await scene.say("settings", role=scene.guild.default_role)
    assert "do not mention everyone" in text_of(result)
    assert await chosen(scene) == {}
