"""Whether it can be posted there is asked before anything is saved; and whom alerts mention."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.alerts import Fault, SendError
from bot.commands import Readiness, Request
from bot.errors import MintcastError
from bot.model import Preference, Scope, Tone
from tests.commands.harness import ELSEWHERE, HERE, Room
from tests.fakes.chat import FakeReply
from tests.pumpfun.samples import MINT, OTHER_MINT


class Platform:
    """Says what is told of a channel, and counts how often it was asked."""

    def __init__(self, room: Room, answer: Readiness | MintcastError) -> None:
        self.room = room
        self.answer = answer
        self.asked = 0

    async def look(self) -> Readiness:
        self.asked += 1
        async with self.room.store.read() as unit:
            assert await unit.subscriptions.count() == 0, "saved before it was asked"
        if isinstance(self.answer, MintcastError):
            raise self.answer
        return self.answer


async def say(
    room: Room, text: str, platform: Platform | None = None, **about: object
) -> FakeReply:
    request, reply = room.request()
    asked: Request = replace(request, **about)  # type: ignore[arg-type]
    if platform is not None:
        asked = replace(asked, readiness=platform.look)
    await room.commands.run(asked, text)
    return reply


async def roles(room: Room) -> dict[str, tuple[str, Scope]]:
    target = await room.target()
    found = {}
    async with room.store.read() as unit:
        for one in await unit.subscriptions.of_target(target.id):
            chosen = (await unit.preferences.of(target.id, one.mint)).get(Preference.ROLE)
            if chosen is not None:
                found[one.mint] = (chosen.value, chosen.scope)
    return found


# Readiness


async def test_nothing_is_saved_where_nothing_can_be_posted(room: Room) -> None:
    platform = Platform(room, Readiness(missing=("View Channel", "Send Messages", "Embed Links")))
    reply = await say(room, f"/subscribe {MINT}", platform)
    assert reply.text == (
        "I cannot post in general yet, because there I lack View Channel, Send Messages and Embed"
        " Links; please allow me that in the settings of the channel, and then say /subscribe"
        " again."
    )
    assert reply.last.tone is Tone.BAD
    assert platform.asked == 1
    assert not room.pumpfun.asked
    async with room.store.read() as unit:
        assert await unit.subscriptions.count() == 0


async def test_what_would_be_lacking_is_told_beside_what_was_done(room: Room) -> None:
    platform = Platform(room, Readiness(notes=("Pictures would be missing.", "So would clips.")))
    reply = await say(room, f"/subscribe {MINT}", platform)
    assert reply.last.title == "1 coin is followed now"
    assert reply.text.splitlines()[-2:] == ["Pictures would be missing.", "So would clips."]


@pytest.mark.parametrize("text", [f"/subscribe {MINT}", "/resume"])
async def test_a_platform_that_does_not_say_stops_nobody(room: Room, text: str) -> None:
    platform = Platform(room, SendError(Fault.NOT_SENT))
    target = await room.target()
    async with room.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", room.clock.now())
    reply = await say(room, text, platform)
    assert reply.last.tone is Tone.GOOD
    assert "I could not check whether I may post there" in reply.text


async def test_a_command_that_names_nothing_asks_nobody(room: Room) -> None:
    platform = Platform(room, Readiness(missing=("Send Messages",)))
    reply = await say(room, "/subscribe hello!", platform)
    assert "“hello!” is neither" in reply.text
    assert platform.asked == 0


async def test_resume_where_it_still_cannot_be_posted_says_what_is_missing(room: Room) -> None:
    target = await room.target()
    async with room.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", room.clock.now())
    reply = await say(room, "/resume", Platform(room, Readiness(missing=("Send Messages",))))
    assert "I lack Send Messages" in reply.text
    assert "say /resume again" in reply.text
    assert (await room.target()).disabled == "forbidden"
    reply = await say(room, "/resume", Platform(room, Readiness(notes=("No pictures there.",))))
    assert "No pictures there." in reply.text
    assert (await room.target()).disabled is None


async def test_a_channel_without_a_name_is_that_channel(room: Room) -> None:
    platform = Platform(room, Readiness(missing=("Send Messages",)))
    where = replace(HERE, channel_name="")
    reply = await say(room, f"/subscribe {MINT}", platform, address=where)
    assert "in that channel yet" in reply.text


@pytest.mark.parametrize(
    ("ready", "part"),
    [
        (Readiness(missing=("Send Messages",)), "I cannot post in general yet"),
        (Readiness(refusal="That thread is locked."), "That thread is locked."),
    ],
)
@pytest.mark.parametrize(
    ("text", "role"), [("/settings notices here", None), ("/settings role 42", "42")]
)
async def test_nothing_is_chosen_where_nothing_can_be_posted(
    room: Room, ready: Readiness, part: str, text: str, role: str | None
) -> None:
    reply = await say(room, text, Platform(room, ready), role=role)
    assert part in reply.text
    assert reply.last.tone is Tone.BAD
    async with room.store.read() as unit:
        assert not await unit.preferences.of((await room.target()).id, None)


async def test_what_would_be_lacking_is_told_beside_what_was_chosen(room: Room) -> None:
    platform = Platform(room, Readiness(missing=("Send Messages",), notes=("Nobody hears it.",)))
    reply = await say(room, "/settings role 42 place", platform, role="42")
    assert reply.text.splitlines()[-1] == "Nobody hears it."
    assert "the role 42 is mentioned (for all of this place)" in reply.text


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
async def test_what_needs_no_place_to_post_asks_nobody(room: Room, text: str) -> None:
    platform = Platform(room, Readiness(missing=("Send Messages",)))
    reply = await say(room, text, platform)
    assert reply.last.tone is not Tone.BAD
    assert platform.asked == 0


# The role


async def test_the_role_is_kept_with_each_coin_of_the_command(room: Room) -> None:
    await room.follow(MINT)
    await say(room, "/settings role 41")
    reply = await say(room, f"/subscribe {MINT} {OTHER_MINT}", role="42")
    assert await roles(room) == {
        MINT: ("42", Scope.SUBSCRIPTION),
        OTHER_MINT: ("42", Scope.SUBSCRIPTION),
    }
    assert "The role is mentioned with each alert." in reply.text
    assert "42" not in reply.text


async def test_a_command_without_a_role_changes_none(room: Room) -> None:
    await say(room, f"/subscribe {MINT}", role="42")
    reply = await say(room, f"/subscribe {MINT} {OTHER_MINT}")
    assert await roles(room) == {MINT: ("42", Scope.SUBSCRIPTION)}
    assert "role" not in reply.text


async def test_a_coin_that_is_none_leaves_no_role_behind(room: Room) -> None:
    reply = await say(room, "/subscribe hello!", role="42")
    assert "role" not in reply.text
    assert await roles(room) == {}


async def test_everyone_is_no_role(room: Room) -> None:
    reply = await say(room, f"/subscribe {MINT}", role=HERE.place)
    assert "I do not mention everyone" in reply.text
    async with room.store.read() as unit:
        assert await unit.subscriptions.count() == 0


# Another channel than the one where it was typed


async def test_an_answer_that_is_read_elsewhere_says_what_here_means(room: Room) -> None:
    reply = await say(room, f"/subscribe {MINT}", address=ELSEWHERE, is_elsewhere=True)
    assert "Here means news: all of it is posted there." in reply.text
    reply = await say(room, f"/subscribe {MINT}")
    assert "Here means" not in reply.text
