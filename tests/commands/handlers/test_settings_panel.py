"""What can be chosen by a press: made of the preferences' entries, and shown anew each time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from base58 import b58encode

from bot import texts
from bot.commands import Level, PanelPress, PickedChannel, Readiness
from bot.commands.parsing.time_zones import every_zone
from bot.commands.settings.selects import PanelState, selects_of
from bot.model import (
    LONGEST,
    PICKED,
    UNDO_FOR,
    Action,
    ControlGroup,
    Message,
    Option,
    Pick,
    Preference,
    Scope,
    Select,
    Tone,
)
from tests.commands.harness import ELSEWHERE, HERE, CommandHarness
from tests.fakes.buttons import labels
from tests.fakes.chat import FakeReply
from tests.pumpfun.samples import MINT, OTHER_MINT

P = Preference
LONG_MINT = b58encode(b"\xff" * 32).decode()
"""Of 44 characters, as many as any has."""


def select(message: Message, name: Preference) -> Select:
    label = texts.preferences.WORDS[name].control
    return next(one for one in message.selects if one.label == label)


def chosen(message: Message, name: Preference) -> str:
    """The label of the one option that holds."""
    (found,) = [one.label for one in select(message, name).options if one.is_chosen]
    return found


async def choose(
    harness: CommandHarness, panel: Message, name: Preference, label: str
) -> FakeReply:
    one = select(panel, name)
    option = next(option for option in one.options if option.label == label)
    return await harness.press(f"{one.action}{option.value}")


async def stored(
    harness: CommandHarness, mint: str | None = None
) -> dict[Preference, tuple[str, Scope]]:
    target = await harness.target()
    async with harness.store.read() as unit:
        found = await unit.preferences.of(target.id, mint)
    return {name: (one.value, one.scope) for name, one in found.items()}


# What there is


def every_select(level: Level) -> tuple[Select, ...]:
    told = dict.fromkeys(Preference, ())
    return selects_of(PanelState(level, "discord", told, {}, {}, every_zone()))


@pytest.mark.parametrize("level", [Level(), Level(is_place=True), Level(LONG_MINT)])
def test_every_button_fits_and_is_understood_again(level: Level) -> None:
    for one in every_select(level):
        for text in (*(f"{one.action}{option.value}" for option in one.options), one.opens):
            action = Action.decode(text)
            assert action is not None
            assert len(text.encode()) <= LONGEST
            pressed = PanelPress.read(action.argument)
            assert pressed is not None
            assert pressed.action == text
            assert pressed.level == level


def test_every_preference_has_its_control_beside_those_of_its_group() -> None:
    selects = every_select(Level())
    assert {one.label for one in selects} == {
        words.control for words in texts.preferences.WORDS.values()
    }
    groups = list(dict.fromkeys(one.group for one in selects))
    assert groups == [texts.settings.GROUPS[group] for group in ControlGroup]
    assert [one.group for one in selects] == sorted(
        (one.group for one in selects), key=groups.index
    )


def test_a_coin_has_no_control_for_what_only_a_place_chooses() -> None:
    labels = {one.label for one in every_select(Level(MINT))}
    assert texts.preferences.WORDS[P.NOTICES].control not in labels
    assert len(labels) == len(Preference) - 1


def test_what_stands_behind_old_buttons_stays() -> None:
    assert {name: name.spec.control.key for name in Preference} == {
        P.ROLE: "r",
        P.NIGHT: "n",
        P.TIME_ZONE: "z",
        P.NIGHT_MODE: "m",
        P.NIGHT_MENTION: "p",
        P.AT_END: "a",
        P.CLIP_BY: "c",
        P.NOTICES: "o",
        P.UPDATES: "u",
        P.PICTURE: "i",
        P.REPLAY: "y",
    }


@pytest.mark.parametrize("name", Preference)
async def test_every_option_can_be_chosen_and_then_holds(
    harness: CommandHarness, name: Preference
) -> None:
    panel = (await harness.say("/settings")).last
    for option in select(panel, name).options:
        reply = await choose(harness, panel, name, option.label)
        assert chosen(reply.last, name) == option.label
        assert reply.last.title == "Settings"


# Levels


async def test_the_default_is_named_and_holds_until_something_is_chosen(
    harness: CommandHarness,
) -> None:
    panel = (await harness.say("/settings")).last
    assert chosen(panel, P.AT_END) == "Default: Edit the alert"
    assert chosen(panel, P.NIGHT) == "Default: Off"
    changed = (await choose(harness, panel, P.AT_END, "Delete it")).last
    assert chosen(changed, P.AT_END) == "Delete it"
    assert select(changed, P.AT_END).is_open
    assert (await stored(harness))[P.AT_END] == ("delete", Scope.TARGET)
    back = (await choose(harness, changed, P.AT_END, "Default: Edit the alert")).last
    assert chosen(back, P.AT_END) == "Default: Edit the alert"
    assert await stored(harness) == {}


async def test_what_a_wider_level_chose_is_told_as_the_default(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.say("/settings at-end leave everywhere")
    here = (await harness.say("/settings")).last
    assert chosen(here, P.AT_END) == "Everywhere: Leave it"
    await choose(harness, here, P.AT_END, "Delete it")
    assert chosen((await harness.say("/settings")).last, P.AT_END) == "Delete it"
    of_coin = (await harness.say("/settings minty")).last
    assert chosen(of_coin, P.AT_END) == "This channel: Delete it"
    reply = await choose(harness, of_coin, P.AT_END, "Edit the alert")
    assert reply.last.title == "Settings for Minty coin ($MINTY)"
    assert (await stored(harness, MINT))[P.AT_END] == ("edit", Scope.SUBSCRIPTION)


async def test_the_whole_place_has_a_panel_where_it_has_channels(
    harness: CommandHarness,
) -> None:
    request, reply = harness.request()
    await harness.service.run(request, "/settings")
    assert not reply.last.buttons
    request, reply = harness.request(has_channels=True)
    await harness.service.run(request, "/settings")
    await harness.press(reply.button("Everywhere").action)
    request, reply = harness.request(has_channels=True)
    await harness.service.press(request, "panel:all:")
    assert reply.last.title == "Settings: everywhere"
    changed = await choose(harness, reply.last, P.UPDATES, "Yes")
    assert (await stored(harness))[P.UPDATES] == ("yes", Scope.PLACE)
    assert "Keep up to date: yes" in changed.text
    typed = await harness.say("/settings everywhere")
    assert typed.last.title == "Settings: everywhere"
    assert chosen(typed.last, P.UPDATES) == "Yes"


async def test_what_was_typed_is_an_option_of_its_own(harness: CommandHarness) -> None:
    await harness.say("/settings night 21:30-6 America/Port-au-Prince")
    panel = (await harness.say("/settings")).last
    assert chosen(panel, P.NIGHT) == "21:30–06:00"
    assert chosen(panel, P.TIME_ZONE) == "America/Port-au-Prince"
    again = (await choose(harness, panel, P.NIGHT, "21:30–06:00")).last
    assert chosen(again, P.NIGHT) == "21:30–06:00"


async def test_the_digest_tells_its_hour_where_a_night_ends(harness: CommandHarness) -> None:
    def digest(panel: Message) -> str:
        (found,) = [o.label for o in select(panel, P.NIGHT_MODE).options if o.value == "digest"]
        return found

    assert digest((await harness.say("/settings")).last) == "Digest in the morning"
    await harness.say("/settings night 23:30-7:05 digest everywhere")
    panel = (await harness.say("/settings")).last
    assert digest(panel) == "Digest at 7:05"
    assert chosen(panel, P.NIGHT_MODE) == "Everywhere: Digest at 7:05"


async def test_a_part_of_the_night_is_taken_back_alone(harness: CommandHarness) -> None:
    await harness.say("/settings night 22-8 berlin digest")
    panel = (await harness.say("/settings")).last
    await choose(harness, panel, P.NIGHT_MODE, "Default: Silent")
    assert set(await stored(harness)) == {P.NIGHT, P.TIME_ZONE}


async def test_a_coin_that_is_not_followed_has_no_controls(harness: CommandHarness) -> None:
    reply = await harness.say(f"/settings {OTHER_MINT}")
    assert not reply.last.selects
    assert "When it ends: edit" in reply.text
    assert "is not followed here" in reply.text
    pressed = await harness.press(f"pick:{OTHER_MINT}:a:delete")
    assert "is not followed here" in pressed.text
    assert pressed.last.tone is Tone.BAD


# Roles and channels


async def test_a_role_is_picked(harness: CommandHarness) -> None:
    panel = (await harness.say("/settings")).last
    one = select(panel, P.ROLE)
    assert (one.picks, one.picked) == (Pick.ROLE, "")
    request, reply = harness.request(role="4711")
    await harness.service.press(request, f"{one.action}{PICKED}")
    assert select(reply.last, P.ROLE).picked == "4711"
    assert (await stored(harness))[P.ROLE] == ("4711", Scope.TARGET)
    cleared = await harness.press(one.action)
    assert select(cleared.last, P.ROLE).picked == ""
    assert await stored(harness) == {}


async def test_to_pick_nobody_overrides_a_role_of_the_place(harness: CommandHarness) -> None:
    await harness.say("/settings role 4711 everywhere")
    panel = (await harness.say("/settings")).last
    assert chosen(panel, P.ROLE) == "Everywhere: A role"
    await harness.press(select(panel, P.ROLE).action)
    assert (await stored(harness))[P.ROLE] == ("", Scope.TARGET)


async def test_a_channel_is_picked_for_notices(harness: CommandHarness) -> None:
    one = select((await harness.say("/settings")).last, P.NOTICES)
    assert one.picks is Pick.CHANNEL
    request, reply = harness.request(picked=PickedChannel(ELSEWHERE))
    await harness.service.press(request, f"{one.action}{PICKED}")
    assert reply.last.title == "Settings"
    assert "Notices: to news (everywhere)" in reply.text
    assert select(reply.last, P.NOTICES).picked == ELSEWHERE.channel
    there = await harness.target(ELSEWHERE)
    assert (await stored(harness))[P.NOTICES] == (str(there.id), Scope.PLACE)


async def test_a_channel_where_nothing_can_be_posted_is_not_taken(harness: CommandHarness) -> None:
    async def missing() -> Readiness:
        return Readiness(missing=("Send Messages",))

    request, reply = harness.request(picked=PickedChannel(ELSEWHERE, missing))
    await harness.service.press(request, f"pick::o:{PICKED}")
    assert "Send Messages" in reply.text
    assert reply.last.tone is Tone.BAD
    assert await stored(harness) == {}


async def test_a_channel_that_one_cannot_see_is_not_named(harness: CommandHarness) -> None:
    await harness.say("/settings notices here", where=ELSEWHERE)
    request, reply = harness.request(sees=lambda address: address == HERE)
    await harness.service.run(request, "/settings")
    assert chosen(reply.last, P.NOTICES) == texts.settings.UNSEEN_CHANNEL
    assert select(reply.last, P.NOTICES).picked == ""


async def test_where_there_are_no_roles_nothing_asks_for_one(harness: CommandHarness) -> None:
    panel = (await harness.say("/settings", has_roles=False)).last
    labels = [one.label for one in panel.selects]
    assert "Role" not in labels
    assert "Mention at night" not in labels
    pressed = await harness.press("pick::r:picked", has_roles=False)
    assert pressed.last.tone is Tone.BAD


# Back to the beginning


async def test_all_choices_of_a_level_are_reset_and_no_others(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.say("/settings night 22-8 berlin")
    await harness.say("/settings at-end delete minty")
    await harness.say("/settings updates yes everywhere")
    reply = await harness.say("/settings default", has_channels=True)
    assert "Settings reset." in reply.text
    assert await stored(harness, MINT) == {
        P.AT_END: ("delete", Scope.SUBSCRIPTION),
        P.UPDATES: ("yes", Scope.PLACE),
    }
    await harness.say("/settings $minty default")
    await harness.say("/settings reset everywhere")
    assert await stored(harness, MINT) == {}
    assert "Nothing to reset" in (await harness.say("/settings default")).text


@pytest.mark.parametrize(
    ("platform", "text", "where"),
    [
        ("discord", "/settings default", "for this channel"),
        ("discord", "/settings default $minty", "for this coin"),
        ("telegram", "/settings default", "here"),
        ("telegram", "/settings default $minty", "for this coin"),
    ],
)
async def test_where_a_wider_level_chose_there_is_nothing_to_reset_at_this_one(
    harness: CommandHarness, platform: str, text: str, where: str
) -> None:
    at = replace(HERE, platform=platform)
    await harness.follow(where=at)
    await harness.say("/settings night 22-8 everywhere", where=at)
    reply = await harness.say(text, where=at, has_channels=True)
    assert f"Nothing to reset: nothing was chosen {where}." in reply.text
    assert "22:00–08:00" in reply.text


async def test_the_word_default_is_offered_for_what_it_does(harness: CommandHarness) -> None:
    """What holds then may be a wider level's."""
    offered = await harness.service.suggest(HERE, "/settings night def", 5)
    assert [one.label for one in offered] == ["default – undo the choice"]


async def test_where_there_is_one_channel_all_of_it_is_reset(harness: CommandHarness) -> None:
    await harness.say("/settings notices here")
    reply = await harness.say("/settings")
    await harness.press(reply.button("Reset all").action)
    assert await stored(harness) == {}


async def test_a_reset_can_be_undone_in_the_panel(harness: CommandHarness) -> None:
    panel = (await harness.say("/settings")).last
    assert not panel.buttons
    reply = await choose(harness, panel, P.AT_END, "Delete it")
    done = await harness.press(reply.button("Reset all").action)
    assert labels(done.last) == ["Undo"]
    assert chosen(done.last, P.AT_END) == "Default: Edit the alert"
    undone = await harness.press(done.button("Undo").action)
    assert "Settings restored." in undone.text
    assert chosen(undone.last, P.AT_END) == "Delete it"
    assert await stored(harness) == {P.AT_END: ("delete", Scope.TARGET)}


async def test_it_is_too_late_to_undo_a_reset_after_half_a_minute(harness: CommandHarness) -> None:
    await harness.say("/settings at-end delete")
    undo = (await harness.say("/settings default")).button("Undo").action
    await harness.clock.advance(UNDO_FOR.total_seconds() + 1)
    reply = await harness.press(undo)
    assert "Too late to undo." in reply.text
    assert reply.last.tone is Tone.BAD
    assert await stored(harness) == {}


# Presses that nobody should make


@pytest.mark.parametrize(
    "action",
    [
        "panel:",
        "panel:nowhere:",
        "panel::x",
        f"panel:{MINT}pump:a",
        "pick::a:explode",
        "pick::q:edit",
        "pick::r:picked",
        "pick::o:picked",
        "pick:::edit",
        "pick:::u1",
        "pick:::u",
        "pick::m:22-8",
        "pick::n:silent and more",
    ],
)
async def test_a_press_of_another_version_gets_a_sentence_or_the_panel(
    harness: CommandHarness, action: str
) -> None:
    reply = await harness.press(action)
    assert reply.text
    assert reply.last.tone is Tone.BAD or reply.last.selects
    assert await stored(harness) == {}


async def test_only_who_manages_may_press(harness: CommandHarness) -> None:
    for action in ("panel::", "pick::a:delete", "pick:::default"):
        reply = await harness.press(action, manages=False)
        assert "/settings" in reply.text
        assert reply.last.tone is Tone.BAD
    assert await stored(harness) == {}


def test_an_option_is_found_by_what_holds() -> None:
    options = (Option("a", "A"), Option("b", "B", is_chosen=True))
    one = Select("x:", "X", options, "group", (), "o", "c")
    assert one.chosen == options[1]


async def test_of_two_presses_in_one_message_the_later_is_shown_last(
    harness: CommandHarness,
) -> None:
    """Shown late by a slow platform, the first would hide what the second has changed."""
    slow, goes_on, order = asyncio.Event(), asyncio.Event(), list[str]()

    class Slow(FakeReply):
        async def show(self, message: Message) -> None:
            slow.set()
            await goes_on.wait()
            order.append("first")

    class Quick(FakeReply):
        async def show(self, message: Message) -> None:
            order.append("second")

    async def press(reply: FakeReply) -> None:
        request, _ = harness.request(message_id="m1")
        await harness.service.press(replace(request, reply=reply), "panel:here:")

    async with asyncio.TaskGroup() as pressing:
        pressing.create_task(press(Slow()))
        await slow.wait()
        pressing.create_task(press(Quick()))
        request, elsewhere = harness.request(message_id="m2")
        await harness.service.press(request, "panel:here:")
        assert elsewhere.shown, "another message waits for nobody"
        goes_on.set()
    assert order == ["first", "second"]
