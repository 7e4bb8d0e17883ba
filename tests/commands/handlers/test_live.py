"""`/live`: whether coins are live."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from base58 import b58encode

from bot.commands import Limits
from bot.errors import PumpfunError
from bot.model import CoinMarks, Preference, Reason, Scope, Spoiler, StreamState, Tone
from tests.commands.harness import ELSEWHERE, FAR_AWAY, THIRD_MINT, CommandHarness
from tests.fakes.buttons import labels
from tests.pumpfun.samples import MINT, OTHER_MINT, WALLET


async def test_a_coin_that_the_watcher_sees_is_told_without_asking_pumpfun(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    key = await harness.put_picture(await harness.go_live())
    await harness.clock.advance(20)
    reply = await harness.say(f"/live {MINT}")
    assert reply.last.title == "Minty coin ($MINTY) is live."
    assert reply.last.tone is Tone.LIVE
    assert reply.last.picture is not None
    assert (reply.last.picture.key, reply.last.picture.width) == (key, 64)
    assert "hello" in reply.text
    assert "26 viewers" in reply.text
    assert any(span.at is not None for line in reply.last.lines for span in line)
    assert not harness.watch.looked
    assert not harness.pumpfun.asked


async def test_what_was_seen_too_long_ago_is_looked_at_again(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.clock.advance(31)
    harness.watch.live(MINT, "a new title", 99)
    reply = await harness.say("/live minty")
    assert harness.watch.looked == [MINT]
    assert "a new title" in reply.text
    assert "99 viewers" in reply.text
    harness.watch.seen.clear()
    assert "is offline" in (await harness.say("/live minty")).text


async def test_without_an_answer_our_row_is_told_with_its_age(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    await harness.clock.advance(600)
    harness.watch.errors[MINT] = PumpfunError(Reason.SERVER_ERROR)
    reply = await harness.say("/live minty")
    assert reply.last.title == "Minty coin ($MINTY) is live."
    assert "Last seen at 12:00 UTC" in reply.text


async def test_any_coin_can_be_asked_about(harness: CommandHarness) -> None:
    harness.watch.live(THIRD_MINT, "a **title** @here", 1)
    reply = await harness.say(f"/live {THIRD_MINT}", manages=False)
    assert reply.last.title == "Third one ($THIRD) is live."
    assert "1 viewer" in reply.text
    assert "@here" not in reply.text
    assert reply.button("Subscribe here").action == f"sub:{THIRD_MINT}"
    assert reply.button("Watch").url == f"https://pump.fun/coin/{THIRD_MINT}"


async def test_a_coin_that_is_followed_is_not_offered_to_be_followed(
    harness: CommandHarness,
) -> None:
    await harness.follow()
    reply = await harness.say(f"/live {MINT}")
    assert reply.last.title == "Minty coin ($MINTY) is offline."
    assert labels(reply.last) == ["Watch", "Copy address"], "nor a clip of what is not on"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (4.6, "Last 4 s ready to clip"),
        (47.0, "Last 40 s ready to clip"),
        (300.0, "Last 5 min ready to clip"),
    ],
)
async def test_how_far_back_a_clip_can_go_is_told(
    harness: CommandHarness, seconds: float, told: str
) -> None:
    await harness.follow()
    await harness.go_live()
    for words in (MINT, ""):
        assert "at hand" not in (await harness.say(f"/live {words}")).text
    harness.lookback.seconds[MINT] = seconds
    assert told in (await harness.say(f"/live {MINT}")).text.splitlines()
    assert f": live, {told.lower()}, 26 viewers" in (await harness.say("/live")).text


async def test_what_is_at_hand_of_a_stream_that_is_over_is_offered_as_a_clip(
    harness: CommandHarness,
) -> None:
    harness.lookback.seconds[OTHER_MINT] = 60.0
    reply = await harness.say(f"/live {OTHER_MINT}")
    assert reply.last.title == "Other one ($OTHER) is offline."
    assert "Last 60 s ready to clip" in reply.text
    assert reply.button("Clip").action == f"clip:{OTHER_MINT}"


async def test_only_what_is_on_is_offered_as_a_clip(harness: CommandHarness) -> None:
    harness.watch.live(OTHER_MINT)
    harness.watch.starting(THIRD_MINT)
    for mint in (OTHER_MINT, THIRD_MINT):
        assert (await harness.say(f"/live {mint}")).button("Clip").action == f"clip:{mint}"
    await harness.follow()
    await harness.go_live(state=StreamState.GRACE)
    paused = await harness.say(f"/live {MINT}")
    assert "is paused" in paused.text
    assert "Clip" not in labels(paused.last)


async def test_starting_and_paused_read_differently(harness: CommandHarness) -> None:
    harness.watch.starting(OTHER_MINT)
    assert "is starting" in (await harness.say(f"/live {OTHER_MINT}")).text
    await harness.follow()
    await harness.go_live(state=StreamState.GRACE)
    reply = await harness.say(f"/live {MINT}")
    assert "is paused" in reply.text
    assert reply.last.tone is Tone.PAUSED


@pytest.mark.parametrize("is_slow", [True, False])
async def test_without_an_answer_it_says_why_it_cannot_tell(
    harness: CommandHarness, is_slow: bool
) -> None:
    if is_slow:
        harness.watch.slow.add(MINT)
    else:
        harness.watch.errors[MINT] = PumpfunError(Reason.RATE_LIMITED, retry_after=30)
    request, reply = harness.request()
    task = asyncio.create_task(harness.service.run(request, f"/live {MINT}"))
    await harness.clock.advance(6.1)
    await task
    assert reply.last.title == "I can't tell whether Minty coin ($MINTY) is live."
    assert ("didn't answer in time" if is_slow else "Try again in 30 s") in reply.text


async def test_a_coin_without_a_name_is_shown_by_its_address(harness: CommandHarness) -> None:
    harness.pumpfun.errors[MINT] = PumpfunError(Reason.TIMEOUT)
    reply = await harness.say(f"/live {MINT}")
    assert reply.last.title == "4F21…pump is offline."


async def test_without_a_coin_those_of_the_place_that_are_live_are_listed(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT, ELSEWHERE)
    await harness.follow(THIRD_MINT, FAR_AWAY)
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await harness.go_live(mint)
    reply = await harness.say("/live")
    assert reply.last.title == "2 coins live"
    assert "Minty coin ($MINTY): live, 26 viewers, “hello”, since" in reply.text
    assert "THIRD" not in reply.text
    assert reply.button("Clip $OTHER").action == f"clip:{OTHER_MINT}"


async def test_a_paused_coin_is_not_counted_as_live(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    await harness.go_live(MINT, StreamState.GRACE)
    reply = await harness.say("/live")
    assert (reply.last.title, reply.last.tone) == ("1 coin paused", Tone.PAUSED)
    assert labels(reply.last) == []
    await harness.go_live(OTHER_MINT)
    reply = await harness.say("/live")
    assert (reply.last.title, reply.last.tone) == ("1 coin live, 1 paused", Tone.LIVE)
    assert labels(reply.last) == ["Clip $OTHER"]
    harness.lookback.seconds[MINT] = 60.0
    assert sorted(labels((await harness.say("/live")).last)) == ["Clip $MINTY", "Clip $OTHER"]


async def test_of_ten_live_coins_one_is_chosen(harness: CommandHarness) -> None:
    mints = [b58encode(bytes([7, *[number] * 31])).decode() for number in range(10)]
    for number, mint in enumerate(mints):
        harness.pumpfun.know(mint, f"C{number}")
        await harness.follow(mint)
        await harness.go_live(mint)
    reply = await harness.say("/live")
    (select,) = reply.last.selects
    assert {f"{select.action}{one.value}" for one in select.options} == {f"live:{m}" for m in mints}
    assert reply.last.buttons == ()
    assert len(reply.last.lines) == 10
    chosen = await harness.press(f"{select.action}{select.options[9].value}")
    assert chosen.button("Clip").action == f"clip:{select.options[9].value}"


async def test_more_than_ten_come_in_pages_that_a_button_turns(harness: CommandHarness) -> None:
    mints = [b58encode(bytes([7, *[number] * 31])).decode() for number in range(23)]
    for number, mint in enumerate(mints):
        harness.pumpfun.know(mint, f"C{number}")
        await harness.follow(mint)
        await harness.go_live(mint)
    reply, named = await harness.say("/live"), list[str]()
    for page, turning in ((1, ["Next ▶"]), (2, ["◀ Previous", "Next ▶"]), (3, ["◀ Previous"])):
        assert reply.last.title == "23 coins live"
        assert reply.text.splitlines()[-1] == f"Page {page} of 3."
        assert labels(reply.last) == turning
        (select,) = reply.last.selects
        named += [option.value for option in select.options]
        assert len(reply.last.lines) == len(select.options) + 1
        if page < 3:
            reply = await harness.press(reply.button("Next ▶").action, manages=False)
    assert sorted(named) == sorted(mints)
    before = await harness.press(reply.button("◀ Previous").action)
    assert "Page 2 of 3." in before.text
    assert "Page 3 of 3." in (await harness.press("page:live ~p99")).text


@pytest.mark.parametrize("argument", ["", "clip", "unsubscribe all", "~p1"])
async def test_a_forged_page_does_nothing(harness: CommandHarness, argument: str) -> None:
    await harness.follow()
    assert (await harness.press(f"page:{argument}")).last.tone is Tone.BAD
    assert len((await harness.say("/subscriptions")).last.lines) == 2


async def test_without_live_coins_it_says_what_to_do(harness: CommandHarness) -> None:
    assert "No coins are followed here yet. /subscribe" in (await harness.say("/live")).text
    await harness.follow()
    assert "No followed coin is live" in (await harness.say("/live")).text


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (f"{MINT} {OTHER_MINT}", "one coin at a time: /live [mint]"),
        ("what is this", "I don't understand “what”, “is”, “this” here."),
        ("https://pump.fun/profile/x", "creator's profile"),
        ("a b c d e", "and 2 more"),
    ],
)
async def test_words_that_name_no_coin_are_refused(
    harness: CommandHarness, words: str, part: str
) -> None:
    assert part in (await harness.say(f"/live {words}")).text


async def test_a_symbol_names_a_coin_of_the_place_only(harness: CommandHarness) -> None:
    await harness.follow(MINT, FAR_AWAY)
    assert (await harness.say("/live MINTY")).text == (
        "No coin followed here is called “MINTY”. Use its address: /live [mint]"
    )


async def test_a_symbol_that_two_coins_have_names_neither(harness: CommandHarness) -> None:
    harness.pumpfun.know(OTHER_MINT, "Minty", "a copy")
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    assert "Several coins here are called “minty”" in (await harness.say("/live minty")).text


async def test_a_wallet_is_told_from_a_coin_that_is_not_live(harness: CommandHarness) -> None:
    reply = await harness.say(f"/live {WALLET}")
    assert "knows no coin with the address" in reply.text
    assert not harness.watch.looked


async def test_one_place_cannot_take_the_time_of_everybodys_alerts(harness: CommandHarness) -> None:
    harness.service = harness.fresh(Limits(questions_a_minute=3))
    for _ in range(2):  # its name is asked for once
        await harness.say(f"/live {THIRD_MINT}", manages=False)
    await harness.clock.advance(20)
    reply = await harness.say(f"/live {THIRD_MINT}", manages=False)
    assert reply.text == "Too many requests here. Try again in 40 s."
    assert len(harness.watch.looked) == 2
    assert "is offline" in (await harness.say(f"/live {THIRD_MINT}", where=FAR_AWAY)).text
    await harness.follow()
    await harness.go_live()
    assert "is live." in (await harness.say(f"/live {MINT}")).text  # nobody has to be asked
    await harness.clock.advance(40)
    assert "is offline" in (await harness.say(f"/live {THIRD_MINT}")).text


async def mark(harness: CommandHarness, marks: CoinMarks) -> None:
    async with harness.store.write() as unit:
        await unit.coins.put(replace(harness.pumpfun.coins[MINT], marks=marks))


async def test_a_picture_is_hidden_as_it_would_be_in_an_alert(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.put_picture(await harness.go_live())
    await mark(harness, CoinMarks(nsfw=True))
    assert (await harness.say(f"/live {MINT}")).last.spoiler is Spoiler.NSFW
    assert (await harness.say("/test")).last.spoiler is Spoiler.NSFW
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.TARGET, target.id, Preference.PICTURE, "none")
    assert (await harness.say(f"/live {MINT}")).last.picture is None
    assert (await harness.say("/test")).last.picture is None


@pytest.mark.parametrize("is_live", [True, False])
async def test_a_ban_is_told_whether_the_coin_streams_or_not(
    harness: CommandHarness, is_live: bool
) -> None:
    await harness.follow()
    if is_live:
        await harness.go_live()
    await mark(harness, CoinMarks(streams_banned_until=harness.clock.now() + timedelta(hours=5)))
    reply = await harness.say(f"/live {MINT}")
    assert "pump.fun banned this coin's streams until 17:00 UTC" in reply.text
