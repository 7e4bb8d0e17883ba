"""`/subscriptions`: what is followed, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from base58 import b58encode

from bot.errors import PumpfunError
from bot.model import Reason, Tone
from tests.commands.harness import ELSEWHERE, FAR_AWAY, HERE, THIRD_MINT, CommandHarness
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_subscriptions_are_told_by_target_with_their_states(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    await harness.follow(THIRD_MINT, ELSEWHERE)
    await harness.follow(MINT, FAR_AWAY)
    await harness.go_live(MINT)
    reply = await harness.say("/subscriptions", manages=False)
    assert reply.text.splitlines() == [
        "Following 3 coins in 2 channels",
        "general (here)",
        "• Minty coin ($MINTY): live",
        "• Other one ($OTHER): offline",
        "news",
        "• Third one ($THIRD): offline",
    ]
    assert reply.button("Clip $MINTY").action == f"clip:{MINT}"
    assert [[button.label for button in row] for row in reply.last.buttons] == [
        ["About $MINTY", "Clip $MINTY"],
        ["About $OTHER"],
        ["About $THIRD"],
    ]
    assert reply.button("About $MINTY").action == f"live:{MINT}"
    assert reply.last.selects == ()


async def test_how_far_back_a_clip_can_go_stands_beside_a_coin(harness: CommandHarness) -> None:
    """Of one that is over, too, as long as something of it is left."""
    for mint in (MINT, OTHER_MINT):
        await harness.follow(mint)
        harness.lookback.seconds[mint] = 60.0
    await harness.go_live()
    reply = await harness.say("/subscriptions")
    assert "Minty coin ($MINTY): live, last 60 s ready to clip" in reply.text
    assert "Other one ($OTHER): offline, last 60 s ready to clip" in reply.text
    assert reply.button("Clip $OTHER").action == f"clip:{OTHER_MINT}"


async def test_of_many_coins_one_is_chosen(harness: CommandHarness) -> None:
    mints = await followed(harness, 12)
    reply = await harness.say("/subscriptions")
    (select,) = reply.last.selects
    assert {f"{select.action}{one.value}" for one in select.options} == {f"live:{m}" for m in mints}
    assert select.label == "Choose a coin"
    assert all(one.label.startswith("C") for one in select.options)
    assert reply.last.buttons == ()
    chosen = f"{select.action}{select.options[3].value}"
    assert "is offline" in (await harness.press(chosen)).last.title


async def test_subscriptions_warn_of_targets_that_cannot_post(harness: CommandHarness) -> None:
    await harness.follow(MINT, ELSEWHERE)
    await harness.disable("forbidden", where=ELSEWHERE)
    reply = await harness.say("/subscriptions")
    assert "⚠ I can't post there: I lack permission to post" in reply.text
    assert "/resume there" in reply.text


@pytest.mark.parametrize(
    ("platform", "where", "rest"),
    [
        ("discord", "server", ""),
        (
            "telegram",
            "group",
            " If topics were switched off, switch them on, then run /resume there.",
        ),
    ],
)
async def test_of_a_channel_that_is_gone_it_says_how_to_remove_its_coins(
    harness: CommandHarness, platform: str, where: str, rest: str
) -> None:
    here, gone = replace(HERE, platform=platform), replace(ELSEWHERE, platform=platform)
    await harness.follow(MINT, gone)
    await harness.disable("target-gone", where=gone)
    reply = await harness.say("/subscriptions", where=here)
    assert reply.text.splitlines()[2] == (
        "⚠ I can't post there: it no longer exists. To remove its coins, name them in /unsubscribe"
        f" elsewhere in the {where}, where they aren't followed.{rest}"
    )
    await harness.say("/unsubscribe $minty", where=here)
    assert "it no longer exists" not in (await harness.say("/subscriptions", where=here)).text


async def test_an_unchecked_coin_is_told_as_such(harness: CommandHarness) -> None:
    harness.pumpfun.errors[MINT] = PumpfunError(Reason.TIMEOUT)
    await harness.say(f"/subscribe {MINT}")
    reply = await harness.say("/subscriptions")
    assert "4F21…pump: offline, not confirmed by pump.fun yet" in reply.text


async def test_an_empty_list_says_how_to_begin(harness: CommandHarness) -> None:
    reply = await harness.say("/subscriptions")
    assert reply.last.title == "No coins followed here yet"
    assert "/subscribe with a coin's address" in reply.text


async def followed(harness: CommandHarness, count: int) -> list[str]:
    mints = [b58encode(bytes([7, *[number] * 31])).decode() for number in range(count)]
    for number, mint in enumerate(mints):
        harness.pumpfun.know(mint, f"C{number}")
        await harness.follow(mint)
    return mints


async def test_a_long_list_has_pages_that_name_every_coin(harness: CommandHarness) -> None:
    await followed(harness, 60)
    named = set()
    for page in (1, 2, 3):
        reply = await harness.say(f"/subscriptions {page}" if page > 1 else "/subscriptions")
        assert reply.last.title == "Following 60 coins"
        (_title, heading, *lines, last) = reply.text.splitlines()
        assert heading == "general (here)"
        assert last.startswith(f"Page {page} of 3")
        assert last.endswith("One coin: /subscriptions $SYMBOL.")
        named |= set(lines)
        if page < 3:
            turned = await harness.press(reply.button("Next ▶").action)
            assert f"Page {page + 1} of 3." in turned.text
    assert len(named) == 60
    assert (await harness.say("/subscriptions 99")).last.lines == reply.last.lines


async def test_one_may_ask_whether_a_coin_is_followed_and_where(harness: CommandHarness) -> None:
    mints = await followed(harness, 60)
    await harness.follow(mints[45], ELSEWHERE)
    for named in ("$C45", "c45", mints[45], f"https://pump.fun/coin/{mints[45]}"):
        reply = await harness.say(f"/subscriptions {named}", manages=False)
        assert [line.strip() for line in reply.text.splitlines()] == [
            "C45 coin ($C45) is followed in 2 channels",
            "general (here)",
            "• C45 coin ($C45): offline",
            "news",
            "• C45 coin ($C45): offline",
        ]
    assert (await harness.say(f"/subscriptions {MINT}")).text == "4F21…pump is not followed here."
    unknown = await harness.say("/subscriptions $nothing")
    assert unknown.last.tone is Tone.BAD
    assert "$nothing is not followed here." in unknown.text
    assert "one coin at a time" in (await harness.say("/subscriptions c4 c5")).text


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("MINTY", "Minty coin"),
        ("minty", "Another one"),
        ("МІNTY", "Cyrillic"),  # noqa: RUF001 - that is the point
        ("M1NTY", "Digits"),
        ("OTHER", "MINTY COIN"),
        ("MINTY\u200b!", "Unseen"),
    ],
)
async def test_coins_that_could_be_confused_are_told_apart(
    harness: CommandHarness, symbol: str, name: str
) -> None:
    harness.pumpfun.know(OTHER_MINT, symbol, name)
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    reply = await harness.say("/subscriptions")
    assert "Minty coin ($MINTY) 4F21…pump: " in reply.text
    assert f" {OTHER_MINT[:4]}…{OTHER_MINT[-4:]}: " in reply.text


async def test_a_coin_cannot_be_named_as_if_it_were_told_apart(harness: CommandHarness) -> None:
    harness.pumpfun.know(OTHER_MINT, "$MINTY 4F21…pump", "Minty 4F21 … pump")
    await harness.follow(OTHER_MINT)
    reply = await harness.say("/subscriptions")
    assert f" {OTHER_MINT[:4]}…{OTHER_MINT[-4:]}: " in reply.text


async def test_coins_that_nobody_confuses_keep_their_names_alone(harness: CommandHarness) -> None:
    harness.pumpfun.know(OTHER_MINT, "OTHER", "🐸")
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    reply = await harness.say("/subscriptions")
    assert "Minty coin ($MINTY): " in reply.text
    assert "🐸 ($OTHER): " in reply.text
