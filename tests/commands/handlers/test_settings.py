from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import texts
from bot.alerts import parse_hours
from bot.commands.parsing.parser import split
from bot.commands.parsing.preferences import (
    HERE,
    TOPICS,
    Change,
    ParseContext,
    may_be_symbols,
    parse_change,
)
from bot.commands.parsing.time_zones import every_zone, find_zone
from bot.errors import Refused
from bot.model import Preference, Scope
from tests.commands.harness import ELSEWHERE, FAR_AWAY, THIRD_MINT, CommandHarness
from tests.pumpfun.samples import MINT, OTHER_MINT

CONTEXT = ParseContext(every_zone(), everyone="100")
P = Preference


def read(text: str) -> Change:
    return parse_change(split([text]), CONTEXT)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("role 123", {P.ROLE: "123"}),
        ("role <@&123>", {P.ROLE: "123"}),
        ("role=123", {P.ROLE: "123"}),
        ("mention 123", {P.ROLE: "123"}),
        ("role none", {P.ROLE: ""}),
        ("role default", {P.ROLE: None}),
        ("night 22:00-08:00", {P.NIGHT: "22:00-08:00"}),
        ("NIGHT 22-8", {P.NIGHT: "22:00-08:00"}),
        ("night 22.30 – 8:15", {P.NIGHT: "22:30-08:15"}),
        ("night 22:00 to 8:00", {P.NIGHT: "22:00-08:00"}),
        ("night 0-6", {P.NIGHT: "00:00-06:00"}),
        (
            "night 22:00-08:00 Europe/Berlin silent",
            {P.NIGHT: "22:00-08:00", P.TIME_ZONE: "Europe/Berlin", P.NIGHT_MODE: "silent"},
        ),
        (
            "night digest berlin 23-7 no-mention",
            {
                P.NIGHT: "23:00-07:00",
                P.TIME_ZONE: "Europe/Berlin",
                P.NIGHT_MODE: "digest",
                P.NIGHT_MENTION: "no",
            },
        ),
        ("night skip", {P.NIGHT_MODE: "skip"}),
        ("night america/port-au-prince", {P.TIME_ZONE: "America/Port-au-Prince"}),
        ("night off", {P.NIGHT: "off"}),
        (
            "night default",
            {P.NIGHT: None, P.TIME_ZONE: None, P.NIGHT_MODE: None, P.NIGHT_MENTION: None},
        ),
        ("zone utc", {P.TIME_ZONE: "UTC"}),
        ("time-zone Asia/Tokyo", {P.TIME_ZONE: "Asia/Tokyo"}),
        ("night-mention yes", {P.NIGHT_MENTION: "yes"}),
        ("night_mention off", {P.NIGHT_MENTION: "no"}),
        ("at-end delete", {P.AT_END: "delete"}),
        ("end keep", {P.AT_END: "leave"}),
        ("clip-by mods", {P.CLIP_BY: "managers"}),
        ("clip_by everyone", {P.CLIP_BY: "everyone"}),
        ("notices here", {P.NOTICES: HERE}),
        ("notice here", {P.NOTICES: HERE}),
        ("notices none", {P.NOTICES: ""}),
        ("updates yes", {P.UPDATES: "yes"}),
    ],
)
def test_words_become_preferences(text: str, values: dict[Preference, str | None]) -> None:
    assert read(text) == Change(values)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("at-end edit place", Scope.PLACE),
        ("at-end edit Everywhere", Scope.PLACE),
        ("server at-end edit", Scope.PLACE),
        ("at-end chat edit", Scope.PLACE),
        ("at-end edit here", Scope.TARGET),
        ("notices here place", Scope.PLACE),
        ("place", Scope.PLACE),
        ("default everywhere", Scope.PLACE),
    ],
)
def test_a_word_names_the_scope(text: str, scope: Scope) -> None:
    assert read(text).scope is scope


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("roel 5", "“roel” is not a setting. Did you mean role?"),
        ("QQQ 5", "“QQQ” is not a setting. Settings: role, night, zone"),
        ("role", "Add a value: a role, none or default. Example: /settings role 123456789"),
        ("role 1 2", "Give one value only: a role, none or default."),
        ("at-end edit leave", "Give one value only: edit, delete, leave or default."),
        ("clip-by", "Add a value: everyone, managers or default."),
        ("role everyone", "not a role I can mention"),
        ("role 100", "I don't mention everyone"),
        ("night 22:00-08:00 Europe/Berln", "Did you mean Europe/Berlin?"),
        ("night 25-8", "“25-8” is not a range of hours"),
        ("night 22:75-8", "not a range of hours"),
        ("night 9AM to 5pm", "“9AM-5pm” is not a range of hours"),
        ("night 8-8", "ends when it begins"),
        ("night silnt", "Did you mean silent?"),
        ("night QQQQqq", "I don't understand “QQQQqq” here. Example: /settings night"),
        ("zone Euroep/Paris", "“Euroep/Paris” is not a time zone. Did you mean Europe/Paris?"),
        ("zone ../../etc/passwd", "not a time zone"),
        ("zone qqqq", "Examples: Europe/Berlin, UTC."),
        ("at-end delet", "Did you mean delete?"),
        ("at-end QQQ", "“QQQ” isn't a choice here. Choices: edit, delete, leave."),
        ("clip-by me", "Choices: everyone, managers."),
        ("updates maybe", "Choices: yes, no."),
        ("notices There", "can't go to “There”. Run /settings notices here in the channel"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_nearest(text: str, part: str) -> None:
    with pytest.raises(Refused) as caught:
        read(text)
    assert part in caught.value.sentence
    assert caught.value.sentence.endswith((".", "?")) or "xample: /settings" in (
        caught.value.sentence
    )


@pytest.mark.parametrize("text", ["default", "reset", "Default all", "reset everything here"])
def test_all_choices_can_be_taken_back_at_once(text: str) -> None:
    change = read(text)
    assert change.is_reset
    assert not change.values


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("minty", ["minty"]),
        ("MINTY everywhere", ["MINTY"]),
        ("at-end delete minty", ["minty"]),
        ("minty at-end=delete", ["minty"]),
        ("night 22:00 to 8:00 berlin silent minty", ["minty"]),
        ("role", []),
        ("default place", []),
        ("edit", ["edit"]),
        ("at-end edit", []),
        ("at-end delet", ["delet"]),
    ],
)
def test_what_no_preference_knows_may_be_a_coin(text: str, symbols: list[str]) -> None:
    assert list(may_be_symbols(split([text]), CONTEXT)) == symbols


words = st.lists(
    st.sampled_from([*TOPICS, "place", "here", "off", "none", "22-8", "default", "silent", "5"])
    | st.text(max_size=12),
    min_size=1,
    max_size=5,
)


@given(words)
@settings(deadline=None)
def test_any_words_are_a_change_or_a_sentence(typed: list[str]) -> None:
    try:
        change = parse_change(split(typed), CONTEXT)
    except Refused:
        return
    for preference, value in change.values.items():
        if preference is P.NIGHT and value not in (None, "off"):
            assert parse_hours(value or "") is not None
        if preference is P.TIME_ZONE and value is not None:
            assert value in every_zone()


def test_every_zone_of_the_list_is_found_by_its_name_in_any_case() -> None:
    for zone in every_zone():
        assert find_zone(zone.swapcase(), every_zone()) == (zone, None)


# The command


async def test_without_words_everything_is_shown_with_its_level(harness: CommandHarness) -> None:
    reply = await harness.say("/settings")
    lines = reply.text.splitlines()
    assert lines[0] == "Settings"
    assert len(lines) == 2 + len(Preference)
    assert "Role: nobody (default)" in lines
    assert "Quiet hours: off (default)" in lines
    assert all(line.endswith(" (default)") for line in lines[1:-1])


async def test_the_nearest_level_wins_and_is_named(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.say("/settings at-end leave place")
    await harness.say("/settings at-end delete")
    await harness.say(f"/settings at-end edit {MINT}")
    await harness.say("/settings clip-by managers server")
    of_coin = (await harness.say(f"/settings {MINT}")).text
    assert "Settings for Minty coin ($MINTY)" in of_coin
    assert "When it ends: edit – the alert shows how long it lasted (this coin)" in of_coin
    assert "Who can clip: managers only (everywhere)" in of_coin
    assert (
        "When it ends: delete – the alert is removed (this channel)"
        in (await harness.say("/settings")).text
    )
    elsewhere = (await harness.say("/settings", where=ELSEWHERE)).text
    assert "When it ends: leave – the alert stays as it is (everywhere)" in elsewhere
    assert "(default)" in (await harness.say("/settings", where=FAR_AWAY)).text
    await harness.say("/settings at-end default")
    assert "When it ends: leave" in (await harness.say("/settings")).text


async def test_a_night_is_set_in_one_line_and_told_back(harness: CommandHarness) -> None:
    reply = await harness.say("/settings night 22-8 europe/berlin skip")
    assert reply.text.splitlines() == [
        "Changed",
        "Quiet hours: 22:00–08:00 (this channel)",
        "Time zone: Europe/Berlin (this channel)",
        "At night: skip – no alerts (this channel)",
    ]
    target = await harness.target()
    async with harness.store.read() as unit:
        chosen = await unit.preferences.of(target.id)
    assert chosen[P.NIGHT].value == "22:00-08:00"


async def test_no_night_here_overrides_a_night_of_the_place(harness: CommandHarness) -> None:
    await harness.say("/settings night 22-8 place")
    reply = await harness.say("/settings night off")
    assert "Quiet hours: off (this channel)" in reply.text


async def test_a_role_is_set_and_taken_back(harness: CommandHarness) -> None:
    reply = await harness.say("/settings role 4711")
    assert "Role: the role 4711 is mentioned (this channel)" in reply.text
    reply = await harness.say("/settings role none")
    assert "Role: nobody (this channel)" in reply.text


async def test_notices_are_the_places_own(harness: CommandHarness) -> None:
    reply = await harness.say("/settings notices here", where=ELSEWHERE)
    assert "Notices: to news (here) (everywhere)" in reply.text
    assert "Notices: to news (everywhere)" in (await harness.say("/settings")).text
    await harness.follow()
    assert "can't be set for one coin" in (await harness.say(f"/settings notices here {MINT}")).text


async def test_notices_that_would_go_to_another_place_go_nowhere(harness: CommandHarness) -> None:
    target, foreign = await harness.target(), await harness.target(FAR_AWAY)
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.PLACE, target.place_id, P.NOTICES, str(foreign.id))
    assert "Notices: to the subscriber (everywhere)" in (await harness.say("/settings")).text


async def test_a_coin_that_is_not_followed_has_no_settings(harness: CommandHarness) -> None:
    reply = await harness.say(f"/settings at-end edit {OTHER_MINT}")
    assert "is not followed here. /subscribe to it first." in reply.text
    await harness.follow()
    reply = await harness.say(f"/settings at-end edit {MINT} place")
    assert "either a coin or a scope" in reply.text


async def test_a_coin_is_known_by_its_symbol(harness: CommandHarness) -> None:
    await harness.follow()
    assert "Settings for Minty coin" in (await harness.say("/settings minty")).text
    assert "Changed: Minty coin" in (await harness.say("/settings at-end delete MINTY")).text
    assert "“mintz” is not a setting." in (await harness.say("/settings mintz")).text
    for mint in (OTHER_MINT, THIRD_MINT):
        harness.pumpfun.know(mint, "TWICE")
        await harness.follow(mint)
    assert (
        "Several coins here are called" in (await harness.say("/settings twice updates yes")).text
    )


async def test_a_symbol_that_is_a_word_of_settings_needs_a_dollar_sign(
    harness: CommandHarness,
) -> None:
    harness.pumpfun.know(MINT, "ROLE")
    await harness.follow()
    assert "Add a value: a role" in (await harness.say("/settings role")).text
    assert "Changed: ROLE coin ($ROLE)" in (await harness.say("/settings at-end edit $role")).text


async def test_a_coin_may_be_named_as_such(harness: CommandHarness) -> None:
    harness.pumpfun.know(MINT, "ROLE")
    await harness.follow()
    for name in ("mint=role", f"mint={MINT}", "coin=$role"):
        assert "Settings for ROLE coin" in (await harness.say(f"/settings {name}")).text
    reply = await harness.say("/settings at-end edit mint=night")
    assert "No coin followed here is called “night”" in reply.text


async def test_where_words_are_typed_hints_are_words(harness: CommandHarness) -> None:
    shown = (await harness.say("/settings")).text
    assert "Other values: /settings night 22:00-08:00 Europe/Berlin silent." in shown
    assert "at_night:" not in (await harness.say("/help settings")).text


@pytest.mark.parametrize("name", [name for name in Preference if not name.spec.is_part])
def test_every_preference_has_an_example_that_does_what_it_says(name: Preference) -> None:
    typed = texts.settings.say_a_value(name).partition("/settings ")[2]
    assert name in read(typed).values
    filled = texts.settings.one_value(name, by_options=True).partition("/settings ")[2]
    assert filled.startswith(f"{name.spec.option}:")


async def test_a_typo_changes_nothing(harness: CommandHarness) -> None:
    assert "Did you mean delete?" in (await harness.say("/settings at-end delet")).text
    shown = (await harness.say("/settings")).text
    assert "When it ends: edit – the alert shows how long it lasted (default)" in shown


async def test_only_managers_see_and_change_settings(harness: CommandHarness) -> None:
    reply = await harness.say("/settings at-end delete", manages=False)
    assert "Only managers can use /settings" in reply.text
    reply = await harness.press(f"set:{MINT}", manages=False)
    assert "managers" in reply.text


async def test_where_there_are_no_roles_none_is_shown_or_taken(harness: CommandHarness) -> None:
    for text in ("/settings role 777", "/settings night-mention yes", "/settings ping none"):
        assert "Only Discord has roles" in (await harness.say(text, has_roles=False)).text
    shown = (await harness.say("/settings", has_roles=False)).text
    assert "Quiet hours: off" in shown
    assert "mention" not in shown
    assert "role" not in (await harness.say("/settings rol 777", has_roles=False)).text


async def test_another_choice_of_picture_changes_the_alerts_that_stand_there(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    await harness.follow(where=FAR_AWAY)
    await harness.go_live()
    here, far = await harness.show_all()
    await harness.say("/settings updates yes")
    await harness.say("/settings picture none")
    async with harness.store.read() as unit:
        wanted = [await unit.deliveries.get(one.id) for one in (here, far)]
    assert [one.wanted for one in wanted if one is not None] == [2, 1]


async def test_so_do_a_reset_of_it_and_its_undo(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.say("/settings picture none")
    (here,) = await harness.show_all()

    async def wanted() -> int:
        async with harness.store.read() as unit:
            row = await unit.deliveries.get(here.id)
        assert row is not None
        return row.wanted

    before = await wanted()
    reply = await harness.say("/settings default")
    assert await wanted() == before + 1
    await harness.press(reply.button("Undo").action)
    assert await wanted() == before + 2
