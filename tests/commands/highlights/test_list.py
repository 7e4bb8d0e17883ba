"""`/clips`: which coin, what is listed of it, and what is said where nothing is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.commands.handlers.clips.highlights import digest_of
from bot.errors import PumpfunError
from bot.model import LONGEST, Action, Reason, Verb
from tests.commands.harness import ADA, THIRD_MINT, CommandHarness
from tests.pumpfun.samples import MINT, OTHER_MINT, WALLET


def labels(reply: object) -> list[str]:
    rows = reply.last.buttons  # type: ignore[attr-defined]
    return [button.label for row in rows for button in row]


async def test_each_has_a_line_and_a_button_that_posts_it(harness: CommandHarness) -> None:
    new = harness.pumpfun.highlight(MINT, ago=180, seconds=12)
    old = harness.pumpfun.highlight(MINT, ago=3 * 86_400, seconds=30.4)
    reply = await harness.say(f"/clips {MINT}")
    assert reply.text.splitlines() == [
        "Highlights of Minty coin ($MINTY)",
        "1. 12 s · 11:57 UTC (3 min ago)",
        "2. 30 s · 20 Nov, 12:00 UTC (3 days ago)",
    ]
    assert labels(reply) == ["Post 1", "Post 2"]
    actions = [button.action for button in reply.last.buttons[0]]
    assert actions == [f"post:{MINT} ~{digest_of(one.id)}" for one in (new, old)]
    assert all(len(action.encode()) <= LONGEST for action in actions)
    assert [line[-2].at for line in reply.last.lines] == [new.begins_at, old.begins_at]
    assert reply.last.private


async def test_a_time_that_no_platform_can_tell_is_text(harness: CommandHarness) -> None:
    """Telegram refuses a message with one that is more than 1,098 days ahead."""
    harness.pumpfun.highlight(MINT, ago=-4 * 365 * 86_400)
    reply = await harness.say(f"/clips {MINT}")
    assert [span.at for line in reply.last.lines for span in line if span.at is not None] == []


async def test_there_are_eight_on_a_page_and_buttons_turn_it(harness: CommandHarness) -> None:
    for number in range(18):
        harness.pumpfun.highlight(MINT, ago=60.0 * (number + 1))
    reply = await harness.say(f"/clips {MINT}")
    assert labels(reply) == [*(f"Post {n}" for n in range(1, 9)), "Older ▶"]
    assert [len(row) for row in reply.last.buttons] == [4, 4, 1]
    second = await harness.press(reply.button("Older ▶").action)
    assert second.text.splitlines()[1].startswith("9. ")
    assert labels(second) == [*(f"Post {n}" for n in range(9, 17)), "◀ Newer", "Older ▶"]
    third = await harness.press(second.button("Older ▶").action)
    assert labels(third) == ["Post 17", "Post 18", "◀ Newer"]
    assert harness.pumpfun.asked_clips == [MINT]


async def test_a_page_beyond_the_last_is_the_last(harness: CommandHarness) -> None:
    harness.pumpfun.highlight(MINT)
    reply = await harness.press(Action(Verb.HIGHLIGHTS, f"{MINT} ~p99").encode())
    assert labels(reply) == ["Post 1"]


async def test_where_there_are_more_than_are_asked_for_that_is_said(
    harness: CommandHarness,
) -> None:
    for number in range(70):
        harness.pumpfun.highlight(MINT, ago=60.0 * (number + 1))
    last = await harness.press(Action(Verb.HIGHLIGHTS, f"{MINT} ~p7").encode())
    assert last.text.splitlines()[-1] == "Older ones are on pump.fun."
    first = await harness.say(f"/clips {MINT}")
    assert "Older ones" not in first.text


async def test_after_a_minute_they_are_asked_for_again(harness: CommandHarness) -> None:
    harness.pumpfun.highlight(MINT)
    await harness.say(f"/clips {MINT}")
    await harness.clock.advance(61)
    await harness.say(f"/clips {MINT}")
    assert harness.pumpfun.asked_clips == [MINT, MINT]


async def test_where_there_are_none_it_is_said_what_to_do(harness: CommandHarness) -> None:
    reply = await harness.say(f"/clips {MINT}")
    assert reply.text == (
        "No highlights of Minty coin ($MINTY) yet\n"
        "Highlights are short clips that viewers make on pump.fun. /clip makes one of your own."
    )
    assert labels(reply) == ["Open on pump.fun"]
    assert [span.command for line in reply.last.lines for span in line if span.command] == ["clip"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [(Reason.TIMEOUT, "pump.fun didn't answer in time"), (Reason.ROUTE_GONE, "no longer answers")],
)
async def test_a_site_that_does_not_answer_is_told_of(
    harness: CommandHarness, reason: Reason, said: str
) -> None:
    await harness.follow()
    harness.pumpfun.errors[MINT] = PumpfunError(reason)
    reply = await harness.say("/clips MINTY")
    assert said in reply.text
    del harness.pumpfun.errors[MINT]  # a failure is not remembered
    assert "No highlights" in (await harness.say("/clips MINTY")).text


async def test_a_slow_site_is_not_waited_for_for_long(harness: CommandHarness) -> None:
    await harness.follow()
    harness.pumpfun.slow.add(MINT)
    asking = asyncio.create_task(harness.say("/clips MINTY"))
    await harness.clock.advance(6.1)
    assert "didn't answer in time" in (await asking).text


# Which coin


async def test_the_only_live_coin_is_meant(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    await harness.go_live(OTHER_MINT)
    harness.pumpfun.highlight(OTHER_MINT)
    assert "Highlights of Other one" in (await harness.say("/clips")).text


async def test_else_the_only_one_that_is_followed(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    harness.pumpfun.highlight(MINT)
    assert "Highlights of Minty coin" in (await harness.say("/clips")).text


async def test_of_several_one_is_chosen_by_a_button(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    harness.pumpfun.highlight(OTHER_MINT)
    reply = await harness.say("/clips")
    assert reply.text == "Highlights of which coin?"
    assert labels(reply) == ["$MINTY", "$OTHER"]
    assert reply.last.private
    chosen = await harness.press(reply.button("$OTHER").action)
    assert "Highlights of Other one" in chosen.text


async def test_an_alert_that_is_answered_names_it(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT)
    await harness.go_live(MINT)
    await harness.show_all()
    harness.pumpfun.highlight(MINT)
    reply = await harness.say("/clips", message_id="alert-1")
    assert "Highlights of Minty coin" in reply.text


async def test_where_nothing_is_followed_one_has_to_be_named(harness: CommandHarness) -> None:
    assert "/clips [mint]" in (await harness.say("/clips")).text
    alone = await harness.say("/clips", only_answers=True)
    assert alone.text == "Name a coin: /clips [mint]"
    assert harness.pumpfun.asked_clips == []


async def test_what_is_no_coin_is_refused(harness: CommandHarness) -> None:
    assert "knows no coin" in (await harness.say(f"/clips {WALLET}")).text
    assert harness.pumpfun.asked_clips == []


async def test_a_person_who_asks_too_much_is_told(harness: CommandHarness) -> None:
    for _ in range(harness.limits.questions_a_minute_person):
        harness.service._context.allowances.take(harness.request(who=ADA)[0], 1)
    await harness.follow(THIRD_MINT)
    reply = await harness.say("/clips")
    assert "Too many requests" in reply.text
    await harness.clock.advance(timedelta(minutes=1).total_seconds() + 1)
    assert "No highlights" in (await harness.say("/clips")).text
