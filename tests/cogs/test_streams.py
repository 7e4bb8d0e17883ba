"""Clips, what is live, and what was posted, by slash command."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.model import Window
from tests.cogs.harness import Harness, text_of
from tests.commands.harness import ADA
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_a_clip_is_asked_for_in_the_open(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    await harness.commands.go_live()
    result = await harness.say("clip", who=harness.ben, duration="30s", mint=MINT)
    assert not result.ephemeral
    job = await harness.commands.job()
    assert job.order.window.seconds == 30
    assert job.order.person.name == "ben"
    assert job.order.max_bytes == 10 << 20


async def test_a_clips_interaction_is_known_to_its_delivery(harness: Harness) -> None:
    await harness.commands.go_live()
    await harness.say("clip", mint=MINT)
    job = await harness.commands.job()
    assert job.order.reply_to is not None
    interaction_id, _, token = job.order.reply_to.partition("/")
    assert interaction_id.isdecimal()
    assert token


async def test_what_cannot_be_clipped_is_told_to_who_asked_alone(harness: Harness) -> None:
    result = await harness.say("clip", duration="3 weeks", mint=MINT)
    assert result.ephemeral
    result = await harness.say("clip")
    assert result.ephemeral
    assert "No followed coin is live" in text_of(result)


async def test_which_coin_is_meant_is_asked_of_one_person_and_the_clip_is_for_all(
    harness: Harness,
) -> None:
    for mint in (MINT, OTHER_MINT):
        await harness.say("subscribe", mint=mint)
        await harness.commands.go_live(mint)
    result = await harness.say("clip")
    assert result.ephemeral
    assert "Several coins are live here. Which one?" in text_of(result)


async def test_that_nothing_is_live_is_told_to_who_asked_alone(harness: Harness) -> None:
    assert (await harness.say("live", who=harness.ben)).ephemeral
    await harness.say("subscribe", mint=MINT)
    assert (await harness.say("live", who=harness.ben)).ephemeral
    await harness.commands.go_live()
    assert not (await harness.say("live", who=harness.ben)).ephemeral


async def on_air_for_an_hour(harness: Harness) -> datetime:
    now = harness.commands.clock.now()
    began = now - timedelta(hours=1)
    await harness.commands.go_live(first_seen_at=began, started_at=began)
    return now


async def test_a_look_back_is_refused_in_the_words_of_options(harness: Harness) -> None:
    await on_air_for_an_hour(harness)
    result = await harness.say("clip", duration="10s", ago="30s", mint=MINT)
    assert result.ephemeral
    assert text_of(result) == (
        "There's nothing to look back on yet. /clip duration:10s records the next 10 s."
    )
    result = await harness.say("clip", duration="10s", mint=MINT)
    assert not result.ephemeral, "no cool-down began"


@pytest.mark.parametrize(
    ("options", "seconds", "ago"),
    [
        ({"duration": "10s", "ago": "30s"}, 10, 30),
        ({"duration": "10s", "ago": "30 seconds ago"}, 10, 30),
        ({"ago": "0:20"}, 30, 20),
        ({"duration": "10s 30s ago"}, 10, 30),
        ({"duration": "1m", "ago": "30s"}, 60, 30),
        ({"duration": "2m", "ago": "45 s ago"}, 120, 45),
        ({"duration": "1 min and 30", "ago": "1m 30s"}, 90, 90),
        ({"duration": "10s", "ago": "-20s"}, 10, 20),
    ],
)
async def test_how_long_ago_is_an_option(
    harness: Harness, options: dict[str, str], seconds: float, ago: float
) -> None:
    now = await on_air_for_an_hour(harness)
    harness.commands.lookback.seconds[MINT] = 600.0
    harness.commands.lookback.in_seconds = 14.0  # so that there is a card to wait for
    await harness.ben.slash(harness.here, "clip", mint=MINT, **options)
    window = (await harness.commands.job()).order.window
    assert window == Window.before(now - timedelta(seconds=ago), seconds)


async def test_a_coin_is_meant_whatever_its_symbol_means_elsewhere(harness: Harness) -> None:
    """`the` is left out of a line that somebody types, and `30` and `M` are half an hour there."""
    await on_air_for_an_hour(harness)
    for symbol in ("THE", "M"):
        result = await harness.say("clip", duration="30", mint=symbol)
        assert f"No coin followed here is called “{symbol}”" in text_of(result)


async def test_highlights_are_listed_for_who_asks(harness: Harness) -> None:
    harness.commands.pumpfun.highlight(MINT, seconds=12)
    listed = await harness.say("clips", who=harness.ben, mint=MINT)
    assert listed.ephemeral
    assert "Highlights of Minty coin" in text_of(listed)
    harness.commands.pumpfun.listed.clear()
    await harness.commands.clock.advance(61)
    gone = await harness.ben.click(listed.response, label="Post 1")
    assert gone.ephemeral
    assert "no longer lists that highlight" in text_of(gone)


async def test_live_is_answered_in_the_open(harness: Harness) -> None:
    harness.commands.watch.live(MINT, "hello", 26)
    result = await harness.say("live", who=harness.ben, mint=MINT)
    assert not result.ephemeral
    assert "hello" in text_of(result)


async def test_history_is_for_who_asks(harness: Harness) -> None:
    result = await harness.say("history", who=harness.ben)
    assert result.ephemeral


async def test_help_explains_one_command(harness: Harness) -> None:
    result = await harness.say("help", who=harness.ben, command="clip")
    assert result.ephemeral
    assert "/clip" in text_of(result)


async def test_only_the_places_own_coins_are_offered(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    await harness.commands.follow(OTHER_MINT)  # elsewhere
    offered = await harness.ben.autocomplete(harness.here, "clip", "mint", "")
    assert [one["value"] for one in offered] == [MINT]
    assert all(len(one["name"]) <= 100 for one in offered)


async def test_at_most_twenty_five_coins_are_offered(harness: Harness) -> None:
    await harness.say("subscribe", mint=MINT)
    async with harness.commands.store.write() as unit:
        for number in range(40):
            mint = f"{'1' * 30}{number:02}"
            await unit.subscriptions.add(1, mint, ADA, harness.commands.clock.now())
    offered = await harness.ben.autocomplete(harness.here, "live", "mint", "")
    assert len(offered) == 25


async def test_in_private_a_person_has_a_place_of_their_own(harness: Harness) -> None:
    user = harness.env.create_user("cleo")
    result = await user.slash("subscribe", mint=MINT)
    assert "MINTY" in text_of(result)
    async with harness.commands.store.read() as unit:
        target = await unit.places.by_id(1)
    assert target is not None
    assert target.address.place == f"dm:{user.dm_channel.id}"
