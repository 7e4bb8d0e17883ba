"""`/start`, and a coin that was named without a command."""

from __future__ import annotations

import pytest

from tests.commands.harness import CommandHarness
from tests.fakes.buttons import labels
from tests.pumpfun.samples import MINT, OTHER_MINT

LINK = f"https://pump.fun/coin/{MINT}"


async def test_start_says_what_it_is_for_two_steps_and_where_the_rest_is(
    harness: CommandHarness,
) -> None:
    lines = (await harness.say("/start")).text.splitlines()
    assert lines[0] == "Mintcast 1.2.3"
    assert [line.split()[1] for line in lines[2:4]] == ["/subscribe", "/clip"]
    assert lines[4:] == ["/help shows the rest."]


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        MINT,
        f"look: {LINK}?x=1",
        f"pump.fun/{MINT}",
        f"{MINT},{OTHER_MINT}",
        f"<{LINK}>",
        f"/start {MINT}",
    ],
)
async def test_a_coin_without_a_command_is_offered(harness: CommandHarness, text: str) -> None:
    reply = await harness.say(text)
    assert MINT in reply.text
    assert labels(reply.last) == ["Subscribe", "Is it live?"]
    assert reply.button("Subscribe").action == f"sub:{MINT}"
    assert harness.pumpfun.asked == []


async def test_a_coin_that_is_followed_is_not_offered_again(harness: CommandHarness) -> None:
    await harness.follow()
    reply = await harness.say(LINK)
    assert reply.text == "Minty coin ($MINTY) is followed here."
    assert labels(reply.last) == ["Is it live?", "Settings"]


async def test_a_coin_that_is_on_can_be_clipped(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    assert labels((await harness.say(LINK)).last) == ["Is it live?", "Clip", "Settings"]


async def test_where_nothing_can_be_posted_no_alerts_are_offered(harness: CommandHarness) -> None:
    reply = await harness.say(LINK, only_answers=True)
    assert labels(reply.last) == ["Is it live?"]
    assert "post" not in reply.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"https://pump.fun/profile/{MINT}", "a creator's profile"),
        (f"https://evil.example/{MINT}", "doesn't lead to pump.fun"),
        (MINT[:-4], f"“{MINT[:-4]}” is too short"),
        (LINK.lower(), "isn't a coin's address"),
    ],
)
async def test_what_is_no_coin_is_told_in_its_own_case(
    harness: CommandHarness, text: str, told: str
) -> None:
    reply = await harness.say(text)
    assert told in reply.text
    assert reply.last.buttons == ()


async def test_a_command_goes_before_the_coin_that_it_names(harness: CommandHarness) -> None:
    assert "Following " in (await harness.say(f"subscribe {LINK}")).text
    assert "Did you mean /clip?" in (await harness.say(f"/clp {LINK}")).text
