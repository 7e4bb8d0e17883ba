"""Who is mentioned, what comes silently, and what the night holds back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import texts
from bot.alerts import Fault, SendError
from bot.model import DeliveryState, Preference, Scope, Stream, StreamState, Target
from tests.alerts.harness import MINT, OTHER, AlertHarness
from tests.fakes.clock import FakeClock
from tests.fakes.sender import After, FakeSender, Memory


async def test_the_role_of_the_subscription_is_mentioned_once_in_half_an_hour(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    roles = []
    async with harness.running():
        for minutes in (20, 31, 0):
            stream = await harness.go_live()
            roles.append(list(sender.posts.values())[-1].shows.role)
            await harness.change(stream, StreamState.ENDED)
            await clock.advance(minutes * 60)
    assert roles == ["777", None, "777"]
    edits = [call.message for call in sender.calls if call.method == "edit"]
    assert all(message is not None and message.role is None for message in edits)


async def test_half_an_hour_counts_from_the_last_mention_not_from_the_last_alert(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    async with harness.running():
        roles = [await role_of_next(harness, sender, clock, minutes=25) for _ in range(3)]
    assert roles == ["777", None, "777"]


async def test_a_role_that_is_chosen_after_an_alert_is_mentioned_in_the_next(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        assert await role_of_next(harness, sender, clock, minutes=5) is None
        await harness.prefer(Preference.ROLE, "777", target)
        assert await role_of_next(harness, sender, clock, minutes=5) == "777"


async def test_what_came_without_a_mention_at_night_delays_none_in_the_morning(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    await harness.prefer(Preference.NIGHT, "11:00-12:05", target)
    async with harness.running():
        assert await role_of_next(harness, sender, clock, minutes=6) is None
        assert await role_of_next(harness, sender, clock, minutes=6) == "777"


async def test_what_came_late_delays_no_mention(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    async with harness.running():
        assert await role_of_next(harness, sender, clock, minutes=5, silent=True) is None
        assert await role_of_next(harness, sender, clock, minutes=5) == "777"


async def test_each_coin_and_each_channel_has_a_half_hour_of_its_own(
    harness: AlertHarness, sender: FakeSender
) -> None:
    here, there = await harness.targets(2)
    await harness.targets(1, mint=OTHER)
    for target in (here, there):
        await harness.prefer(Preference.ROLE, "777", target)
    async with harness.running():
        await harness.go_live()
        await harness.go_live(OTHER)
    assert [post.shows.role for post in sender.posts_to(here.id)] == ["777", "777"]
    assert sender.only_post_to(there.id).shows.role == "777"


@pytest.mark.parametrize("memory", [Memory.DEDUPES, Memory.LOOKS_UP, Memory.BOTH])
async def test_a_mention_that_a_crash_left_in_doubt_counts_once_it_is_found(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, memory: Memory
) -> None:
    sender.memory = memory
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    stream = await crash_in_flight(harness, sender, target)
    async with harness.running():
        assert sender.only_post_to(target.id).shows.role == "777"
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(25 * 60)
        assert await role_of_next(harness, sender, clock, minutes=6) is None
        assert await role_of_next(harness, sender, clock, minutes=6) == "777"


@pytest.mark.parametrize("later", ["888", ""])
async def test_what_is_repeated_mentions_whom_it_mentioned_first(
    harness: AlertHarness, sender: FakeSender, later: str
) -> None:
    sender.memory = Memory.DEDUPES
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    await crash_in_flight(harness, sender, target)
    await harness.prefer(Preference.ROLE, later, target)
    async with harness.running():
        pass
    assert tries(sender) == [("777", False), ("777", False)]


async def test_what_is_repeated_when_the_half_hour_is_over_mentions_nobody_as_before(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    sender.memory = Memory.DEDUPES
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    async with harness.running():
        await role_of_next(harness, sender, clock, minutes=30 - 1 / 60)
        sender.fail(target.id, After.NO_ANSWER, Fault.NOT_SENT)  # the second meets `settle`
        await harness.go_live()
        await clock.advance(60)
    assert tries(sender) == [("777", False), (None, False), (None, False)]


async def test_what_is_repeated_when_it_is_late_is_as_loud_as_before(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    sender.memory = Memory.DEDUPES
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    sender.fail(target.id, SendError(Fault.RATE_LIMITED, retry_after=15 * 60 - 1))
    sender.fail(target.id, After.NO_ANSWER, Fault.NOT_SENT)
    async with harness.running():
        await harness.go_live()
        await clock.advance(16 * 60)
    assert tries(sender) == [("777", False)] * 3


async def role_of_next(
    harness: AlertHarness,
    sender: FakeSender,
    clock: FakeClock,
    *,
    minutes: float,
    silent: bool = False,
) -> str | None:
    """Whom the next alert mentions; it ends at once, and then so much time passes."""
    stream = await harness.go_live(silent=silent)
    role = list(sender.posts.values())[-1].shows.role
    await harness.change(stream, StreamState.ENDED)
    await clock.advance(minutes * 60)
    return role


async def crash_in_flight(harness: AlertHarness, sender: FakeSender, target: Target) -> Stream:
    """Its alert arrives, and nobody is there to read the answer."""
    sender.fail(target.id, After.HANG)
    async with harness.running():
        return await harness.go_live()


def tries(sender: FakeSender) -> list[tuple[str | None, bool]]:
    """Whom each send was to mention, and whether without a sound."""
    sends = [call.message for call in sender.calls if call.method == "send"]
    return [(message.role, message.silent) for message in sends if message is not None]


async def test_what_is_late_is_silent_and_mentions_nobody(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    told_late, sent_late = await harness.targets(2)
    for target in (told_late, sent_late):
        await harness.prefer(Preference.ROLE, "777", target)
    sender.fail(sent_late.id, SendError(Fault.RATE_LIMITED, retry_after=1000))
    async with harness.running():
        await harness.go_live(silent=True)
        await clock.advance(1001)
    for target in (told_late, sent_late):
        shows = sender.only_post_to(target.id).shows
        assert (shows.silent, shows.role) == (True, None)


async def test_at_night_it_comes_without_a_sound(harness: AlertHarness, sender: FakeSender) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.ROLE, "777", target)
    await harness.prefer(Preference.NIGHT, "11:00-14:00", target)
    async with harness.running():
        await harness.go_live()
    shows = sender.only_post_to(target.id).shows
    assert (shows.silent, shows.role) == (True, None)


async def test_a_night_that_is_skipped_gives_nothing_and_says_why(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.NIGHT, "11:00-12:20", target)
    await harness.prefer(Preference.NIGHT_MODE, "skip", target)
    async with harness.running():
        stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(21 * 60)
    assert not sender.calls
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "night-skip")


async def with_digest(harness: AlertHarness, night: str = "11:00-12:20") -> Target:
    """A channel whose nights end in a digest; it is noon."""
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.NIGHT, night, target)
    await harness.prefer(Preference.NIGHT_MODE, "digest", target)
    return target


async def test_what_the_night_held_back_comes_in_one_digest_in_the_morning(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    target = await with_digest(harness)
    await harness.targets(1, mint=OTHER)
    async with harness.running():
        over = await harness.go_live()
        await clock.advance(600)
        await harness.change(
            over, StreamState.ENDED, last_seen_at=over.broadcast.began_at + timedelta(minutes=8)
        )
        await harness.go_live(OTHER, peak_viewers=3)
        await clock.advance(600 - 1)
        assert not sender.calls
        await clock.advance(2)
    shows = sender.only_post_to(target.id).shows
    assert shows.title == "🌙 Overnight: 2 streams"
    one, other = texts.alerts.short(MINT), texts.alerts.short(OTHER)
    assert shows.text.splitlines()[1:] == [
        f"Puffer ($PUFF) {one}: 8 min, peak 12 viewers",
        f"Puffer ($PUFF) {other}: less than a minute, peak 3 viewers (still live)",
    ]


@pytest.mark.parametrize("is_last", [False, True])
async def test_what_is_unsubscribed_in_the_night_is_not_in_its_digest(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, is_last: bool
) -> None:
    target = await with_digest(harness)
    await harness.targets(1, mint=OTHER)
    async with harness.running():
        await harness.go_live()
        await harness.go_live(OTHER, peak_viewers=3)
        await clock.advance(600)
        async with harness.store.write() as unit:
            for mint in (MINT, OTHER) if is_last else (MINT,):
                await unit.subscriptions.remove(target.id, mint)
        await clock.advance(601)
    if is_last:
        assert not sender.calls
        return
    shows = sender.only_post_to(target.id).shows
    assert shows.title == "🌙 Overnight: 1 stream"
    assert texts.alerts.short(MINT) not in shows.text


@pytest.mark.parametrize(("end", "minutes"), [("12:50", 50), ("12:10", 20), ("12:20", 20)])
async def test_a_digest_does_not_come_before_the_night_ends_that_holds_by_then(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, end: str, minutes: int
) -> None:
    target = await with_digest(harness)
    await harness.targets(1, mint=OTHER)
    async with harness.running():
        await harness.go_live()
        await clock.advance(300)
        await harness.prefer(Preference.NIGHT, f"11:00-{end}", target)
        await harness.go_live(OTHER)
        await clock.advance(minutes * 60 - 301)
        assert not sender.calls
        await clock.advance(2)
    shows = sender.only_post_to(target.id).shows
    assert shows.title == "🌙 Overnight: 2 streams"
    assert not shows.silent


async def test_a_digest_comes_when_the_night_of_its_coin_ends_whatever_the_channels_does(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    target = await with_digest(harness, "11:00-13:00")
    async with harness.store.write() as unit:
        (one,) = await unit.subscriptions.of_target(target.id)
        owner = Scope.SUBSCRIPTION, one.id
        await unit.preferences.set(*owner, Preference.NIGHT, "11:00-12:20")
    async with harness.running():
        await harness.go_live()
        await clock.advance(1200 - 1)
        assert not sender.calls
        await clock.advance(2)
    assert not sender.only_post_to(target.id).shows.silent


async def test_a_night_without_a_digest_makes_no_sound_with_what_was_held_back(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    target = await with_digest(harness)
    async with harness.running():
        await harness.go_live()
        await harness.prefer(Preference.NIGHT_MODE, "silent", target)
        await harness.prefer(Preference.NIGHT, "11:00-13:00", target)
        await clock.advance(1200 + 1)
    shows = sender.only_post_to(target.id).shows
    assert shows.title == "🌙 Overnight: 1 stream"
    assert shows.silent


async def test_what_comes_after_the_digest_is_gone_is_sent_silently(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    target = await with_digest(harness)
    await harness.targets(1, mint=OTHER)
    async with harness.running():
        await harness.go_live()
        await clock.advance(1200 + 1)
        await harness.prefer(Preference.NIGHT, "11:00-13:00", target)  # it is night again
        await harness.go_live(OTHER)
    assert [post.shows.title[:1] for post in sender.posts_to(target.id)] == ["🌙", "🔴"]
    assert sender.posts_to(target.id)[1].shows.silent
