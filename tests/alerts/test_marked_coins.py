"""Which picture an alert shows, and whether it is hidden; and what is said of a ban."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.kit.notifier import DELIVERIES
from bot.model import (
    CoinMarks,
    Message,
    Preference,
    Priority,
    Scope,
    Spoiler,
    StreamState,
)
from tests.alerts.harness import COIN, MINT, AlertHarness, jpeg
from tests.fakes.clock import FakeClock, settle
from tests.fakes.sender import FakeSender

NSFW = CoinMarks(nsfw=True)


async def mark(harness: AlertHarness, marks: CoinMarks) -> None:
    """As watch does it: the row, and what it owes."""
    async with harness.store.write() as unit:
        assert await unit.coins.put(replace(COIN, marks=marks))
        await unit.deliveries.raise_of_coin(MINT, harness.clock.now(), Priority.CHANGE)
    harness.notifier.notify(DELIVERIES)
    await settle()


def shade(harness: AlertHarness, message: Message) -> str:
    """Which picture it has."""
    if message.picture is None:
        return "none"
    data = harness.files.path(message.picture.key).read_bytes()
    return {jpeg().data: "stream", jpeg(90).data: "coin"}[data]


@pytest.mark.parametrize(
    ("chosen", "picture", "unmarked", "marked"),
    [
        (None, "stream", Spoiler.NO, Spoiler.NSFW),
        ("auto", "stream", Spoiler.NO, Spoiler.NSFW),
        ("live", "stream", Spoiler.NO, Spoiler.NO),
        ("moving", "stream", Spoiler.NO, Spoiler.NSFW),
        ("spoiler", "stream", Spoiler.ALWAYS, Spoiler.ALWAYS),
        ("coin", "coin", Spoiler.NO, Spoiler.NSFW),
        ("none", "none", Spoiler.NO, Spoiler.NSFW),
    ],
)
async def test_what_was_chosen_is_shown_from_the_first_to_the_last(
    harness: AlertHarness,
    sender: FakeSender,
    chosen: str | None,
    picture: str,
    unmarked: Spoiler,
    marked: Spoiler,
) -> None:
    (target,) = await harness.targets(1)
    if chosen is not None:
        await harness.prefer(Preference.PICTURE, chosen, target)
    async with harness.running():
        stream = await harness.go_live()
        await mark(harness, NSFW)
        await harness.change(stream, StreamState.ENDED)
    shown = sender.only_post_to(target.id).shown
    assert [shade(harness, one) for one in shown] == [picture] * 3
    assert [one.spoiler for one in shown] == [unmarked, marked, marked]
    assert {one.keeps_picture for one in shown} == {picture == "stream"}


async def test_a_coin_may_have_another_choice_than_its_channel_and_that_than_its_server(
    harness: AlertHarness, sender: FakeSender
) -> None:
    near, far = await harness.targets(2)
    await harness.prefer(Preference.PICTURE, "none", near, Scope.PLACE)
    async with harness.store.write() as unit:
        one = await unit.subscriptions.get(near.id, MINT)
        assert one is not None
        await unit.preferences.set(Scope.SUBSCRIPTION, one.id, Preference.PICTURE, "auto")
    async with harness.running():
        await harness.go_live()
    assert shade(harness, sender.only_post_to(near.id).shows) == "stream"
    assert shade(harness, sender.only_post_to(far.id).shows) == "none"


async def test_the_coins_image_stands_in_under_the_same_spoiler(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    harness.site.stream_picture = None
    await mark(harness, NSFW)
    async with harness.running():
        await harness.go_live()
    shows = sender.only_post_to(target.id).shows
    assert (shade(harness, shows), shows.spoiler) == ("coin", Spoiler.NSFW)


async def test_a_ban_is_told_live_paused_and_when_all_is_over(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    until = clock.now() + timedelta(days=3)
    async with harness.running():
        stream = await harness.go_live()
        await mark(harness, CoinMarks(streams_banned_until=until))
        stream = await harness.change(stream, StreamState.GRACE, paused_at=clock.now())
        await harness.change(stream, StreamState.ENDED)
    first, *banned = sender.only_post_to(target.id).shown
    assert "banned" not in first.text
    assert len(banned) == 3
    for message in banned:
        assert "pump.fun banned this coin's streams until 26 Nov, 12:00 UTC" in message.text
        assert "waiting" not in message.text
        assert until in [span.at for line in message.lines for span in line]


async def test_a_ban_that_is_over_is_not_told_and_one_of_the_coin_has_no_end(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        await harness.go_live()
        await mark(harness, CoinMarks(streams_banned_until=clock.now() - timedelta(seconds=1)))
        await mark(harness, CoinMarks(is_banned=True))
    _, over, banned = sender.only_post_to(target.id).shown
    assert "banned" not in over.text
    assert "pump.fun banned this coin." in banned.text
