"""What holds for every command: names, rights, errors, buttons, suggestions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerts import Fault, SendError
from bot.commands import CATALOGUE
from bot.commands.parsing.preferences import WITHOUT_ROLES
from bot.errors import DatabaseBusy, PumpfunError
from bot.model import Action, Asker, Coin, CoinMarks, Preference, Reason, Tone, Verb
from bot.store import Store, Unit
from tests.commands.harness import ELSEWHERE, FAR_AWAY, HERE, THIRD_MINT, CommandHarness
from tests.fakes.buttons import labels
from tests.fakes.chat import FakeCaller, channel
from tests.pumpfun.samples import MINT, OTHER_MINT

# The catalogue


def test_the_catalogue_is_that_of_the_design() -> None:
    assert [command.usage for command in CATALOGUE] == [
        "/subscribe <mint>",
        "/unsubscribe <mint>",
        "/subscriptions [which]",
        "/live [mint]",
        "/clip [duration] [ago] [mint]",
        "/clips [mint]",
        "/history [mint]",
        "/test [mint]",
        "/settings [change] [mint]",
        "/resume",
        "/help [command]",
    ]


def test_names_and_words_fit_what_the_platforms_take() -> None:
    for command in CATALOGUE:
        assert command.name.isascii()
        assert command.name.islower()
        assert len(command.name) <= 32
        assert 10 < len(command.summary) <= 100
        assert not command.summary.endswith(".")
        for parameter in command.parameters:
            assert 10 < len(parameter.description) <= 100


def test_alerts_need_a_manager_and_the_rest_does_not() -> None:
    managing = {command.name for command in CATALOGUE if command.manages}
    assert managing == {"subscribe", "unsubscribe", "test", "settings", "resume"}


def test_every_command_is_told_of_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert not [command.name for command in CATALOGUE if f"`/{command.name}" not in readme]


def test_everything_that_can_be_set_is_told_of_by_help() -> None:
    (details,) = [command.details for command in CATALOGUE if command.name == "settings"]
    assert not [topic for topic in WITHOUT_ROLES if f"/settings {topic} " not in details]


# What was typed


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("/subscrbe x", "Unknown command. Did you mean /subscribe?"),
        ("/clipp", "Did you mean /clip?"),
        ("hello there", "Unknown command. Did you mean /help?"),
        ("/qqqqq", "Unknown command. Try /help."),
        ("", "Start with a command, for example /help."),
        ("/", "Start with a command"),
        ("/\u202eevil\x00", "Unknown command."),
        ("x" * 1_000_000, "over 8000 characters"),
    ],
)
async def test_what_is_no_command_gets_a_sentence(
    harness: CommandHarness, text: str, part: str
) -> None:
    reply = await harness.say(text)
    assert part in reply.text
    assert reply.last.tone is Tone.BAD
    assert len(reply.text) < 200


async def test_a_platform_may_take_a_command_apart_by_itself(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    request, reply = harness.request()
    await harness.service.call(request, "clip", ["45s", MINT])
    assert "Recording the next 45 s · ready in about 55 s" in reply.text
    assert (await harness.job()).order.window.seconds == 45.0


@pytest.mark.parametrize("text", [MINT, f"https://pump.fun/coin/{MINT}", f"look: pump.fun/{MINT}"])
async def test_a_coin_that_is_named_without_a_command_is_offered(
    harness: CommandHarness, text: str
) -> None:
    reply = await harness.say(text)
    assert reply.text == f"Post here when {MINT} goes live?"
    assert reply.button("Subscribe").action == f"sub:{MINT}"
    assert reply.button("Is it live?").action == f"live:{MINT}"


async def test_a_coin_that_is_followed_is_not_offered_to_be_followed(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    reply = await harness.say(MINT)
    assert reply.text == "Minty coin ($MINTY) is followed here."
    assert labels(reply.last) == ["Is it live?", "Settings"]


async def test_a_slip_in_a_command_is_no_offer(harness: CommandHarness) -> None:
    assert (await harness.say(f"clp {MINT}")).text == "Unknown command. Did you mean /clip?"


async def test_rights_are_asked_for_each_command_that_manages(harness: CommandHarness) -> None:
    for command in CATALOGUE:
        request, reply = harness.request(manages=False)
        await harness.service.run(request, command.name)
        assert isinstance(request.caller, FakeCaller)
        assert request.caller.asked == (1 if command.manages else 0)
        assert ("Only managers can use" in reply.text) is command.manages


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([command.name for command in CATALOGUE if command.name != "subscribe"]),
    st.lists(
        st.text(max_size=20) | st.sampled_from([MINT, "30s", "ago", "all", "night", "-1m", "$X"]),
        max_size=4,
    ),
)
async def test_any_words_get_an_answer(
    harness: CommandHarness, name: str, words: list[str]
) -> None:
    request, reply = harness.request()
    await harness.service.call(request, name, words)
    assert reply.shown
    assert reply.text
    await harness.service.stop()


@pytest.mark.parametrize("name", ["settings", "subscriptions", "clip", "live", "history", "test"])
async def test_words_by_the_thousand_are_refused_before_they_are_looked_up(
    harness: CommandHarness, name: str
) -> None:
    """Two thousand took the whole service two seconds, and a database read each."""
    request, reply = harness.request()
    await harness.service.call(request, name, ["night", "a " * 2000])
    assert reply.text.startswith("That's over 40 words. Usage: ")


async def test_as_many_coins_as_fit_are_told_as_coins(harness: CommandHarness) -> None:
    reply = await harness.say(f"/unsubscribe {MINT} " + "a " * 60)
    assert "40 words" not in reply.text


# Buttons


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.text(max_size=80)
    | st.builds(lambda verb, text: f"{verb}:{text}", st.sampled_from(Verb), st.text(max_size=60))
)
async def test_any_text_as_a_button_gets_an_answer(harness: CommandHarness, action: str) -> None:
    reply = await harness.press(action)
    assert reply.shown
    assert reply.text
    await harness.service.stop()


@pytest.mark.parametrize("action", ["", "clip", "clip:x", "sub:all", "fly:1", "live:a b", "x" * 99])
async def test_a_button_that_we_never_made_gets_a_sentence(
    harness: CommandHarness, action: str
) -> None:
    if action == "clip":
        await harness.follow()
    reply = await harness.press(action)
    assert reply.text
    assert reply.last.tone is Tone.BAD


async def test_the_buttons_of_a_coin_do_what_their_commands_do(harness: CommandHarness) -> None:
    await harness.follow()
    titles = {
        Verb.LIVE: "Minty coin ($MINTY) is offline.",
        Verb.HISTORY: "",
        Verb.TEST: "Minty coin ($MINTY) is live",
        Verb.SETTINGS: "Settings for Minty coin ($MINTY)",
        Verb.SUBSCRIBE: "Already following Minty coin ($MINTY)",
    }
    for verb, title in titles.items():
        reply = await harness.press(Action(verb, MINT).encode())
        assert title in reply.last.title, verb


async def test_buttons_are_checked_like_commands(harness: CommandHarness) -> None:
    for verb in (Verb.SUBSCRIBE, Verb.TEST, Verb.SETTINGS):
        reply = await harness.press(Action(verb, MINT).encode(), manages=False)
        assert "managers" in reply.text
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 0


async def test_copying_shows_the_address_to_mark(harness: CommandHarness) -> None:
    reply = await harness.press(f"copy:{MINT}")
    (line,) = reply.last.lines
    assert [(span.text, span.code) for span in line] == [(MINT, True)]
    assert (await harness.press("copy:")).last.tone is Tone.BAD


# Errors


class Broken(Store):
    """A database that does not answer."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        raise DatabaseBusy("x.db", "database is locked")
        yield

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        raise DatabaseBusy("x.db", "database is locked")
        yield


async def test_a_database_that_does_not_answer_is_a_sentence(
    harness: CommandHarness, tmp_path: Path
) -> None:
    commands = harness.fresh(store=Broken(tmp_path / "other.db"))
    for command in CATALOGUE:
        request, reply = harness.request()
        await commands.run(request, f"/{command.name} {MINT}")
        assert reply.text == "The database is busy. Try again in a minute."
    for action in (f"clip:{MINT}", "cancel:1", "delete:1", "again:1"):
        request, reply = harness.request()
        await commands.press(request, action)
        assert "The database is busy" in reply.text
    assert await commands.suggest(HERE, "/live m", 5) == ()


async def test_whoever_may_not_be_asked_about_may_not_manage(harness: CommandHarness) -> None:
    request, reply = harness.request(manages=SendError(Fault.NOT_SENT))
    await harness.service.run(request, f"/subscribe {MINT}")
    assert reply.text == "That didn't work. Try again in a minute."
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 0


async def test_an_answer_that_cannot_be_shown_breaks_nothing(harness: CommandHarness) -> None:
    request, reply = harness.request()
    reply.broken = SendError(Fault.FORBIDDEN)
    await harness.service.run(request, "/help")
    await harness.service.run(request, "x" * 9000)
    await harness.service.press(request, "??")
    assert not reply.shown


async def test_an_error_of_pumpfun_is_its_own_sentence(harness: CommandHarness) -> None:
    class Refusing:
        async def coin(self, mint: str, *, asker: Asker) -> Any:
            raise PumpfunError(Reason.FORBIDDEN, status=403)

    harness.watch.errors[MINT] = PumpfunError(Reason.FORBIDDEN, status=403)
    commands = harness.fresh(pumpfun=Refusing())
    request, reply = harness.request()
    await commands.run(request, f"/live {MINT}")
    assert "pump.fun refuses to answer" in reply.text


# Suggestions


async def test_commands_are_suggested_by_how_they_begin(harness: CommandHarness) -> None:
    found = await harness.service.suggest(HERE, "/su", 10)
    assert [one.text for one in found] == ["/subscribe ", "/subscriptions "]
    assert found[0].label.startswith("/subscribe – ")
    assert len(await harness.service.suggest(HERE, "/", 3)) == 3
    assert await harness.service.suggest(HERE, "/qq", 3) == ()


async def test_coins_of_the_place_are_suggested_from_the_store_alone(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT, ELSEWHERE)
    await harness.follow(THIRD_MINT, FAR_AWAY)
    harness.pumpfun.asked.clear()
    found = await harness.service.suggest(HERE, "/clip 30s ", 10)
    assert {one.value for one in found} == {MINT, OTHER_MINT}
    assert all(one.text == f"/clip 30s {one.value}" for one in found)
    (one,) = await harness.service.suggest(HERE, "/live@bot $mint", 10)
    assert (one.value, one.text) == (MINT, f"/live@bot {MINT}")
    assert one.label == "Minty coin ($MINTY) 4F21…pump"
    (one,) = await harness.service.suggest(HERE, "other", 10)  # as Discord asks
    assert (one.value, one.text) == (OTHER_MINT, OTHER_MINT)
    assert await harness.service.suggest(HERE, MINT[:6], 10)
    assert await harness.service.suggest(FAR_AWAY, "mint", 10) == ()
    assert not harness.pumpfun.asked
    assert not harness.watch.looked


async def test_nothing_is_suggested_where_nothing_can_be(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    assert await harness.service.suggest(channel("new", "999"), "mint", 10) == ()
    assert await harness.service.suggest(HERE, "/resume m", 10) == ()
    assert await harness.service.suggest(HERE, "mint", 0) == ()
    assert await harness.service.suggest(HERE, "m" * 1000, 10) == ()
    assert await harness.service.suggest(HERE, "%", 10) == ()


async def test_a_suggestion_is_made_harmless_and_short(harness: CommandHarness) -> None:
    harness.pumpfun.know(MINT, "A\u202eB", "@here " + "x" * 300)
    await harness.follow(MINT)
    (one,) = await harness.service.suggest(HERE, "", 5)
    assert "\u202e" not in one.label
    assert "@here" not in one.label
    assert len(one.label) <= 100


# Two places


async def test_two_places_never_see_each_others_things(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.go_live(MINT)
    await harness.show_all()
    await harness.say("/settings at-end delete everywhere")
    await harness.say("/clip 10s")
    for text in ("/subscriptions", "/history", "/live", "/settings", "/clip", "/test"):
        reply = await harness.say(text, where=FAR_AWAY, message_id="alert-1")
        assert "MINTY" not in reply.text, text
        assert "When it ends: delete" not in reply.text
    reply = await harness.say("/unsubscribe all", where=FAR_AWAY)
    assert reply.text == "No coins are followed here."
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 1


async def test_preferences_and_their_values_are_suggested_behind_settings(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    suggest = harness.service.suggest
    found = await suggest(HERE, "/settings ", 20)
    words = ["night", "zone", "at-end", "clip-by", "notices", "updates", "picture", "replay"]
    assert [one.value for one in found] == [*words, "default", MINT]
    assert found[0].text == "/settings night "
    found = await suggest(HERE, "/settings at-end ", 20)
    assert [one.value for one in found] == ["edit", "delete", "leave", "default"]
    assert found[1].text == "/settings at-end delete"
    assert found[1].label == "delete – the alert is removed"
    found = await suggest(HERE, "/settings at-end delete mi", 20)
    assert [one.value for one in found] == [MINT]
    found = await suggest(HERE, "/settings minty up", 20)
    assert [one.text for one in found] == ["/settings minty updates "]


async def test_the_values_of_a_night_are_its_hours_modes_and_zones(harness: CommandHarness) -> None:
    suggest = harness.service.suggest
    found = [one.value for one in await suggest(HERE, "/settings night ", 20)]
    assert found[:4] == ["22:00-08:00", "23:00-07:00", "00:00-09:00", "off"]
    assert {"silent", "skip", "digest", "default"} <= set(found)
    (one,) = await suggest(HERE, "/settings night 22-8 berl", 20)
    assert one.text == "/settings night 22-8 Europe/Berlin"
    assert [one.value for one in await suggest(HERE, "/settings zone tok", 20)] == ["Asia/Tokyo"]


@pytest.mark.parametrize("name", [name for name in Preference if not name.spec.needs_roles])
async def test_whatever_is_suggested_can_be_said(harness: CommandHarness, name: Preference) -> None:
    if name.spec.is_part:
        return
    for one in await harness.service.suggest(HERE, f"/settings {name.spec.word} ", 50):
        assert (await harness.say(one.text)).last.tone is Tone.GOOD


async def test_a_new_coin_is_suggested_from_those_that_are_live(harness: CommandHarness) -> None:
    await harness.say(f"/subscribe {MINT}")
    marked = Coin("marked", "MARK", "Marked", marks=CoinMarks(nsfw=True))
    harness.watch.listed = [marked, Coin(MINT, "MINTY", "Minty coin"), Coin("new", "NEWT", "Newt")]
    offered = await harness.service.suggest(HERE, "/subscribe ", 10)
    assert [one.value for one in offered] == ["new", MINT], "what is followed comes last"
    assert offered[0].text == "/subscribe new"
    assert [one.value for one in await harness.service.suggest(HERE, "/subscribe $new", 10)] == [
        "new"
    ]
    assert await harness.service.suggest(HERE, "/subscribe zzz", 10) == ()
    assert [one.value for one in await harness.service.suggest(HERE, "/live ", 10)] == [MINT]
