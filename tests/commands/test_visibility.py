"""Where a place has channels that not everybody sees, nobody is told of those they do not see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Address
from tests.commands.harness import BEN, ELSEWHERE, HERE, THIRD_MINT, CommandHarness
from tests.fakes.buttons import labels
from tests.fakes.chat import FakeReply, channel
from tests.pumpfun.samples import MINT, OTHER_MINT

SECRET = channel("moderators-only")


def sees(address: Address) -> bool:
    return address.channel != SECRET.channel


async def say(
    harness: CommandHarness, text: str, *, manages: bool = False, where: Address = HERE
) -> FakeReply:
    """As somebody who does not see every channel."""
    request, reply = harness.request(who=BEN, where=where, manages=manages)
    await harness.service.run(replace(request, sees=sees), text)
    return reply


@pytest.fixture
async def followed(harness: CommandHarness) -> CommandHarness:
    """A coin in each of three channels, all of them live and announced."""
    for mint, where in ((MINT, HERE), (OTHER_MINT, ELSEWHERE), (THIRD_MINT, SECRET)):
        await harness.follow(mint, where)
        await harness.go_live(mint)
    await harness.show_all()
    return harness


@pytest.mark.parametrize("text", ["/subscriptions", "/history", f"/history {THIRD_MINT}", "/live"])
async def test_nothing_is_told_of_a_channel_that_one_does_not_see(
    followed: CommandHarness, text: str
) -> None:
    everything = (await followed.say(text)).text
    assert "moderators-only" in everything or text == "/live"
    assert "THIRD" in everything
    told = (await say(followed, text)).text
    assert "moderators-only" not in told
    assert "THIRD" not in told or text.endswith(THIRD_MINT)
    assert "OTHER" in told or text.endswith(THIRD_MINT)


async def test_a_list_that_leaves_out_something_says_so(followed: CommandHarness) -> None:
    reply = await say(followed, "/subscriptions")
    assert reply.last.title == "Following 2 coins in 2 channels"
    assert reply.text.endswith("Channels you can't see are left out.")
    assert "left out" not in (await followed.say("/subscriptions")).text
    assert "is not followed here" in (await say(followed, f"/subscriptions {THIRD_MINT}")).text


async def test_one_sees_where_one_is(followed: CommandHarness) -> None:
    reply = await say(followed, "/subscriptions", where=SECRET)
    assert "moderators-only (here)" in reply.text
    assert "THIRD" in reply.text


async def test_no_coin_is_offered_that_is_followed_only_there(followed: CommandHarness) -> None:
    offered = await followed.service.suggest(HERE, "/live ", 9, sees)
    assert {one.value for one in offered} == {MINT, OTHER_MINT}
    choice = await say(followed, "/clip")
    assert labels(choice.last) == ["$MINTY", "$OTHER"]


@pytest.mark.parametrize("command", ["live", "clip", "history", "subscriptions"])
async def test_no_symbol_names_a_coin_that_is_followed_only_there(
    followed: CommandHarness, command: str
) -> None:
    told = (await say(followed, f"/{command} THIRD")).text
    assert THIRD_MINT[:4] not in told
    nobodys = (await say(followed, f"/{command} NOBODY")).text
    assert told == nobodys.replace("NOBODY", "THIRD")
    assert (await say(followed, f"/{command} THIRD", where=SECRET)).text != told


async def test_whoever_was_let_in_without_seeing_all_is_warned_of_what_they_see(
    followed: CommandHarness,
) -> None:
    for where in (ELSEWHERE, SECRET):
        target = await followed.target(where)
        async with followed.store.write() as unit:
            await unit.places.disable(target.id, "forbidden", followed.clock.now())
    warned = (await say(followed, "/test", manages=True)).text
    assert "news" in warned
    assert "moderators-only" not in warned


async def test_where_notices_go_is_not_named_to_whom_it_is_hidden(harness: CommandHarness) -> None:
    await harness.say("/settings notices here", where=SECRET)
    assert "moderators-only" in (await harness.say("/settings")).text
    told = (await say(harness, "/settings", manages=True)).text
    assert "moderators-only" not in told
    assert "a channel you can't see" in told
