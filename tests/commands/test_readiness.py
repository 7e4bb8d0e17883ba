"""Whether it can be posted there is asked before anything is saved; and whom alerts mention."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts import Fault, SendError
from bot.commands import Readiness, Request
from bot.errors import MintcastError
from bot.model import Preference, Scope, Tone
from tests.commands.harness import ELSEWHERE, HERE, CommandHarness
from tests.fakes.buttons import labels
from tests.fakes.chat import FakeReply
from tests.pumpfun.samples import MINT, OTHER_MINT


class Platform:
    """Says what is told of a channel, and counts how often it was asked."""

    def __init__(self, harness: CommandHarness, answer: Readiness | MintcastError) -> None:
        self.harness = harness
        self.answer = answer
        self.asked = 0

    async def look(self) -> Readiness:
        self.asked += 1
        async with self.harness.store.read() as unit:
            assert await unit.subscriptions.count() == 0, "saved before it was asked"
        if isinstance(self.answer, MintcastError):
            raise self.answer
        return self.answer


async def say(
    harness: CommandHarness, text: str, platform: Platform | None = None, **about: object
) -> FakeReply:
    request, reply = harness.request()
    asked: Request = replace(request, **about)  # type: ignore[arg-type]
    if platform is not None:
        asked = replace(asked, readiness=platform.look)
    await harness.service.run(asked, text)
    return reply


async def roles(harness: CommandHarness) -> dict[str, tuple[str, Scope]]:
    target = await harness.target()
    found = {}
    async with harness.store.read() as unit:
        for one in await unit.subscriptions.of_target(target.id):
            chosen = (await unit.preferences.of(target.id, one.mint)).get(Preference.ROLE)
            if chosen is not None:
                found[one.mint] = (chosen.value, chosen.scope)
    return found


# Readiness


async def test_nothing_is_saved_where_nothing_can_be_posted(harness: CommandHarness) -> None:
    platform = Platform(
        harness, Readiness(missing=("View Channel", "Send Messages", "Embed Links"))
    )
    reply = await say(harness, f"/subscribe {MINT}", platform)
    assert reply.text == (
        "I need View Channel, Send Messages and Embed Links in general. Grant them, then run"
        " /subscribe again."
    )
    assert reply.last.tone is Tone.BAD
    assert platform.asked == 1
    assert not harness.pumpfun.asked
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 0


async def test_what_would_be_lacking_is_told_beside_what_was_done(harness: CommandHarness) -> None:
    platform = Platform(harness, Readiness(notes=("Pictures would be missing.", "So would clips.")))
    reply = await say(harness, f"/subscribe {MINT}", platform)
    assert reply.last.title == "Following Minty coin ($MINTY)"
    assert reply.text.splitlines()[-2:] == ["Pictures would be missing.", "So would clips."]


@pytest.mark.parametrize("text", [f"/subscribe {MINT}", "/resume"])
async def test_a_platform_that_does_not_say_stops_nobody(
    harness: CommandHarness, text: str
) -> None:
    platform = Platform(harness, SendError(Fault.NOT_SENT))
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", harness.clock.now())
    reply = await say(harness, text, platform)
    assert reply.last.tone is Tone.GOOD
    assert "I couldn't check my permissions there" in reply.text


async def test_a_command_that_names_nothing_asks_nobody(harness: CommandHarness) -> None:
    platform = Platform(harness, Readiness(missing=("Send Messages",)))
    reply = await say(harness, "/subscribe hello!", platform)
    assert "“hello!” isn't a coin's address" in reply.text
    assert platform.asked == 0


async def test_resume_where_it_still_cannot_be_posted_says_what_is_missing(
    harness: CommandHarness,
) -> None:
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", harness.clock.now())
    reply = await say(harness, "/resume", Platform(harness, Readiness(missing=("Send Messages",))))
    assert "I need Send Messages" in reply.text
    assert "run /resume again" in reply.text
    assert (await harness.target()).disabled == "forbidden"
    reply = await say(
        harness, "/resume", Platform(harness, Readiness(notes=("No pictures there.",)))
    )
    assert "No pictures there." in reply.text
    assert (await harness.target()).disabled is None


async def test_a_channel_without_a_name_is_that_channel(harness: CommandHarness) -> None:
    platform = Platform(harness, Readiness(missing=("Send Messages",)))
    where = replace(HERE, channel_name="")
    reply = await say(harness, f"/subscribe {MINT}", platform, address=where)
    assert "in that channel. Grant it, then" in reply.text


@pytest.mark.parametrize(
    ("ready", "part"),
    [
        (Readiness(missing=("Send Messages",)), "I need Send Messages in general."),
        (Readiness(refusal="That thread is locked."), "That thread is locked."),
    ],
)
@pytest.mark.parametrize(
    ("text", "role"), [("/settings notices here", None), ("/settings role 42", "42")]
)
async def test_nothing_is_chosen_where_nothing_can_be_posted(
    harness: CommandHarness, ready: Readiness, part: str, text: str, role: str | None
) -> None:
    reply = await say(harness, text, Platform(harness, ready), role=role)
    assert part in reply.text
    assert reply.last.tone is Tone.BAD
    async with harness.store.read() as unit:
        assert not await unit.preferences.of((await harness.target()).id, None)


async def test_what_would_be_lacking_is_told_beside_what_was_chosen(
    harness: CommandHarness,
) -> None:
    platform = Platform(harness, Readiness(missing=("Send Messages",), notes=("Nobody hears it.",)))
    reply = await say(harness, "/settings role 42 place", platform, role="42")
    assert reply.text.splitlines()[-1] == "Nobody hears it."
    assert "Role: the role 42 is mentioned (everywhere)" in reply.text


@pytest.mark.parametrize(
    "text",
    [
        "/settings",
        "/settings at-end edit",
        "/settings notices none",
        "/settings notices default",
        "/settings role none",
        "/settings role 42",  # of a platform that does not know roles
    ],
)
async def test_what_needs_no_place_to_post_asks_nobody(harness: CommandHarness, text: str) -> None:
    platform = Platform(harness, Readiness(missing=("Send Messages",)))
    reply = await say(harness, text, platform)
    assert reply.last.tone is not Tone.BAD
    assert platform.asked == 0


# The role


async def test_the_role_is_kept_with_each_coin_of_the_command(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await say(harness, "/settings role 41")
    reply = await say(harness, f"/subscribe {MINT} {OTHER_MINT}", role="42")
    assert await roles(harness) == {
        MINT: ("42", Scope.SUBSCRIPTION),
        OTHER_MINT: ("42", Scope.SUBSCRIPTION),
    }
    assert "Alerts will mention the role." in reply.text
    assert "42" not in reply.text


async def test_a_command_without_a_role_changes_none(harness: CommandHarness) -> None:
    await say(harness, f"/subscribe {MINT}", role="42")
    reply = await say(harness, f"/subscribe {MINT} {OTHER_MINT}")
    assert await roles(harness) == {MINT: ("42", Scope.SUBSCRIPTION)}
    assert "role" not in reply.text


async def test_a_coin_that_is_none_leaves_no_role_behind(harness: CommandHarness) -> None:
    reply = await say(harness, "/subscribe hello!", role="42")
    assert "role" not in reply.text
    assert await roles(harness) == {}


async def test_everyone_is_no_role(harness: CommandHarness) -> None:
    reply = await say(harness, f"/subscribe {MINT}", role=HERE.place)
    assert "I don't mention everyone" in reply.text
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 0


# Another channel than the one where it was typed


async def test_an_answer_that_is_read_elsewhere_says_what_here_means(
    harness: CommandHarness,
) -> None:
    reply = await say(harness, f"/subscribe {MINT}", address=ELSEWHERE, is_elsewhere=True)
    assert "Alerts go to news." in reply.text
    reply = await say(harness, f"/subscribe {MINT}")
    assert "Alerts go to" not in reply.text


async def test_an_answer_that_is_read_elsewhere_has_no_buttons_that_mean_here(
    harness: CommandHarness,
) -> None:
    """A press is about the channel where the answer stands, and the coin isn't followed there."""
    reply = await say(harness, f"/subscribe {MINT}", address=ELSEWHERE, is_elsewhere=True)
    assert labels(reply.last) == []
    reply = await say(harness, f"/subscribe {MINT}")
    assert labels(reply.last) == ["Preview alert", "Settings"]


async def test_an_answer_that_is_read_elsewhere_names_the_channel_that_takes_nothing(
    harness: CommandHarness,
) -> None:
    target = await harness.target(ELSEWHERE)
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, Fault.FORBIDDEN, harness.clock.now())
    reply = await say(harness, f"/subscribe {MINT}", address=ELSEWHERE, is_elsewhere=True)
    assert "I can't post in news. /subscriptions says why." in reply.text
    assert "not posting here" not in reply.text
