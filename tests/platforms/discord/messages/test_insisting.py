"""What a person waits for is tried again after a failure that passes, and never shown twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import Person, plain
from tests.fakes.discord import RateLimit, Refuse, Reset, ServerError, When
from tests.platforms.discord.sender_harness import PROGRESS, SenderHarness, open_sender

HELLO = plain("Hello")
PASSES = pytest.mark.parametrize(
    "trouble", [ServerError(When.AFTER), Reset(When.BEFORE), Reset(When.AFTER), RateLimit(0.5)]
)


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


def texts(harness: SenderHarness) -> list[str]:
    return [one.embeds[0]["description"] for one in harness.channel.messages]


@PASSES
async def test_an_answer_in_the_channel_comes_and_comes_once(
    harness: SenderHarness, trouble: ServerError | Reset | RateLimit
) -> None:
    harness.fake.faults.add(("POST", harness.channel), trouble, times=2)

    posted = await harness.in_time(
        harness.sender.post(harness.target().address, HELLO, nonce="abc")
    )

    assert [str(one.id) for one in harness.channel.messages] == [posted]


@PASSES
@pytest.mark.parametrize("path", ["/users/@me/channels", "/channels/*/messages"])
async def test_words_in_private_come_and_come_once(
    harness: SenderHarness, trouble: ServerError | Reset | RateLimit, path: str
) -> None:
    al = harness.fake.add_user("al")
    harness.fake.faults.add(("POST", path), trouble, times=2)

    assert await harness.in_time(harness.sender.whisper(Person(str(al.id)), HELLO))

    assert len(al.dm.messages) == 1


async def test_the_same_words_to_a_person_may_be_said_again(harness: SenderHarness) -> None:
    al = harness.fake.add_user("al")
    for _ in range(2):
        assert await harness.sender.whisper(Person(str(al.id)), HELLO)
    assert len(al.dm.messages) == 2


async def test_an_answer_is_changed_and_taken_away_in_the_end(harness: SenderHarness) -> None:
    here = harness.target().address
    posted = await harness.sender.post(here, HELLO, nonce="abc")
    harness.fake.faults.add(("PATCH", harness.channel), ServerError(), times=2)
    await harness.in_time(harness.sender.replace(here, posted, plain("Goodbye")))
    assert texts(harness) == ["Goodbye"]
    harness.fake.faults.add(("DELETE", harness.channel), ServerError(), times=1)
    harness.fake.faults.add(("DELETE", harness.channel), ServerError(When.AFTER), times=1)
    await harness.in_time(harness.sender.remove(here, posted))
    assert texts(harness) == []


async def test_progress_and_what_is_delivered_are_tried_once(harness: SenderHarness) -> None:
    """Whoever follows them decides."""
    target = harness.target()
    posted = await harness.sender.post(target.address, HELLO, nonce="abc")
    harness.fake.faults.add(("*", harness.channel), ServerError())
    before = len(harness.fake.calls)
    for work in (
        harness.sender.post(target.address, PROGRESS, nonce="abd"),
        harness.sender.replace(target.address, posted, replace(PROGRESS, progress=0.6)),
        harness.sender.edit(target, posted, HELLO),
        harness.sender.delete(target, posted),
        harness.sender.edit_card(target, posted, PROGRESS, reply_to=None),
        harness.sender.delete_card(target, posted, reply_to=None),
    ):
        with pytest.raises(SendError):
            await work
    assert len(harness.fake.calls) - before == 6


@pytest.mark.parametrize(
    ("trouble", "fault", "tries"),
    [
        (ServerError(), Fault.SERVER_ERROR, 4),
        (RateLimit(60.0), Fault.RATE_LIMITED, 1),
        (Refuse(403, 50013), Fault.FORBIDDEN, 1),
    ],
)
async def test_what_does_not_pass_is_told_in_the_end(
    harness: SenderHarness, trouble: ServerError | RateLimit | Refuse, fault: Fault, tries: int
) -> None:
    rule = harness.fake.faults.add(("POST", harness.channel), trouble)

    with pytest.raises(SendError) as caught:
        await harness.in_time(harness.sender.post(harness.target().address, HELLO, nonce="abc"))

    assert (caught.value.fault, rule.hits) == (fault, tries)
