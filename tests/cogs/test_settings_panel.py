"""`/settings` as a panel that only who asked sees, and that changes in its place."""

from __future__ import annotations

from typing import Any

from bot.model import Preference, Scope
from tests.cogs.harness import Harness, build_platform, text_of
from tests.cogs.test_settings import NO_SENDING, chosen
from tests.pumpfun.samples import MINT

P = Preference


def rows(message: Any) -> list[list[dict[str, Any]]]:
    return [row["components"] for row in message.components]


def buttons(message: Any) -> list[str]:
    return [part["label"] for row in rows(message) for part in row if part["type"] == 2]


def selects(message: Any) -> list[dict[str, Any]]:
    return [part for row in rows(message) for part in row if part["type"] != 2]


def placeholders(message: Any) -> list[str]:
    return [one["placeholder"] for one in selects(message)]


def select(message: Any, label: str) -> dict[str, Any]:
    return next(one for one in selects(message) if one["placeholder"].startswith(label))


async def choose(harness: Harness, panel: Any, label: str, value: Any) -> Any:
    """Choose by the label of an option, or pick a role or a channel; what came of it."""
    one = select(panel, label)
    values = [value]
    if isinstance(value, str):
        options = {o["label"].removeprefix("✓ "): o["value"] for o in one["options"]}
        values = [options[value]]
    return await harness.ada.select(panel, values, custom_id=one["custom_id"])


async def open_panel(harness: Harness, **options: Any) -> Any:
    result = await harness.say("settings", **options)
    assert result.ephemeral
    return result.response


async def test_each_page_has_the_selects_of_a_group(harness: Harness) -> None:
    panel = await open_panel(harness)
    assert buttons(panel) == ["Alerts", "Night", "Clips and notices", "Whole server"]
    assert placeholders(panel) == [
        "Role · Default: Nobody",
        "When it ends · Default: Edit the alert",
        "Keep up to date · Default: No",
        "Picture · Default: Live, NSFW hidden",
    ]
    assert "**Quiet hours**: off (default)" in text_of_message(panel)
    result = await harness.ada.click(panel, label="Night")
    assert (result.response.id, result.followups) == (panel.id, [])
    assert placeholders(result.response) == [
        "Quiet hours · Default: Off",
        "Time zone · Default: UTC",
        "At night · Default: Silent",
        "Mention at night · Default: No",
    ]
    assert len(rows(result.response)) == 5


def text_of_message(message: Any) -> str:
    (embed,) = message.embeds
    return f"{embed.title}\n{embed.description}".replace("\\", "")


async def test_a_choice_changes_the_panel_that_it_was_made_in(harness: Harness) -> None:
    panel = await open_panel(harness)
    result = await choose(harness, panel, "When it ends", "Delete it")
    assert result.response.id == panel.id
    assert len(result.followups) == 0
    assert await chosen(harness) == {P.AT_END: ("delete", Scope.TARGET)}
    assert select(result.response, "When it ends")["placeholder"] == "When it ends · Delete it"
    assert "**When it ends**: delete" in text_of_message(result.response)
    back = await choose(harness, result.response, "When it ends", "Default: Edit the alert")
    assert await chosen(harness) == {}
    assert back.response.id == panel.id


async def test_the_night_is_chosen_on_its_page(harness: Harness) -> None:
    panel = await open_panel(harness)
    page = (await harness.ada.click(panel, label="Night")).response
    page = (await choose(harness, page, "Quiet hours", "22:00–08:00")).response
    page = (await choose(harness, page, "Time zone", "Berlin")).response
    page = (await choose(harness, page, "At night", "Digest at 8:00")).response
    assert await chosen(harness) == {
        P.NIGHT: ("22:00-08:00", Scope.TARGET),
        P.TIME_ZONE: ("Europe/Berlin", Scope.TARGET),
        P.NIGHT_MODE: ("digest", Scope.TARGET),
    }
    assert select(page, "Quiet hours")["placeholder"] == "Quiet hours · 22:00–08:00"


async def test_a_role_is_picked_from_those_of_the_server(harness: Harness) -> None:
    role = harness.guild.create_role("Pingers", mentionable=True)
    panel = await open_panel(harness)
    result = await choose(harness, panel, "Role", role)
    assert await chosen(harness) == {P.ROLE: (str(role.id), Scope.TARGET)}
    (picked,) = select(result.response, "Role")["default_values"]
    assert picked["id"] == str(role.id)
    one = select(result.response, "Role")
    await harness.ada.select(result.response, [], custom_id=one["custom_id"])
    assert await chosen(harness) == {}


async def test_everyone_is_refused_and_the_panel_stays(harness: Harness) -> None:
    panel = await open_panel(harness)
    result = await choose(harness, panel, "Role", harness.guild.default_role)
    assert "don't mention everyone" in text_of(result)
    assert result.ephemeral
    assert await chosen(harness) == {}


async def test_the_channel_of_notices_is_picked(harness: Harness) -> None:
    office = harness.guild.create_text_channel("office")
    panel = await open_panel(harness)
    page = (await harness.ada.click(panel, label="Clips and notices")).response
    page = (await choose(harness, page, "Notices", office)).response
    async with harness.commands.store.read() as unit:
        (there,) = [t for t in await unit.places.in_use(1) if t.address.channel == str(office.id)]
    assert (await chosen(harness))[P.NOTICES] == (str(there.id), Scope.PLACE)
    assert f"to <#{office.id}>" in text_of_message(page)
    (picked,) = select(page, "Notices")["default_values"]
    assert picked["id"] == str(office.id)


async def test_notices_do_not_go_where_nothing_can_be_posted(harness: Harness) -> None:
    shut = harness.guild.create_text_channel(
        "shut", overwrites={harness.guild.default_role: NO_SENDING}
    )
    panel = await open_panel(harness)
    page = (await harness.ada.click(panel, label="Clips and notices")).response
    result = await choose(harness, page, "Notices", shut)
    assert "Send Messages" in text_of(result)
    assert P.NOTICES not in await chosen(harness)


async def test_a_choice_counts_for_the_whole_server_or_for_one_coin(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    panel = await open_panel(harness)
    page = (await harness.ada.click(panel, label="Whole server")).response
    assert "Settings: whole server" in text_of_message(page)
    await choose(harness, page, "When it ends", "Leave it")
    assert (await chosen(harness))[P.AT_END] == ("leave", Scope.PLACE)
    of_coin = await open_panel(harness, mint="minty")
    assert "Whole server" not in buttons(of_coin)
    await choose(harness, of_coin, "When it ends", "Delete it")
    assert (await chosen(harness, MINT))[P.AT_END] == ("delete", Scope.SUBSCRIPTION)


async def test_a_panel_works_in_another_process(harness: Harness) -> None:
    panel = await open_panel(harness)
    again = build_platform(harness.commands, harness.health)
    await harness.env.restart_bot(again.build_client())
    result = await choose(harness, panel, "When it ends", "Delete it")
    assert result.response.id == panel.id
    assert (await chosen(harness))[P.AT_END] == ("delete", Scope.TARGET)
    await again.close()


async def test_all_is_reset_and_restored_in_place(harness: Harness) -> None:
    await harness.say("settings", at_end="delete", updates="yes")
    panel = await open_panel(harness)
    page = (await harness.ada.click(panel, label="Reset all")).response
    assert await chosen(harness) == {}
    assert "Settings reset." in text_of_message(page)
    assert buttons(page)[-1] == "Undo"
    page = (await harness.ada.click(page, label="Undo")).response
    assert page.id == panel.id
    assert set(await chosen(harness)) == {P.AT_END, P.UPDATES}
