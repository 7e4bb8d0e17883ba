"""Who is mentioned, what comes silently, and what the night holds back."""

from __future__ import annotations

from datetime import timedelta

from bot.alerts import Fault, SendError
from bot.model import (
    DeliveryState,
    Preference,
    StreamState,
)
from tests.alerts.scene import OTHER, Scene
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender


async def test_the_role_of_the_subscription_is_mentioned_once_in_half_an_hour(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    await scene.prefer(Preference.ROLE, "777", target)
    roles = []
    async with scene.running():
        for minutes in (20, 31, 0):
            stream = await scene.go_live()
            roles.append(list(sender.posts.values())[-1].shows.role)
            await scene.change(stream, StreamState.ENDED)
            await clock.advance(minutes * 60)
    assert roles == ["777", None, "777"]
    edits = [call.message for call in sender.calls if call.method == "edit"]
    assert all(message is not None and message.role is None for message in edits)


async def test_what_is_late_is_silent_and_mentions_nobody(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    told_late, sent_late = await scene.targets(2)
    for target in (told_late, sent_late):
        await scene.prefer(Preference.ROLE, "777", target)
    sender.fail(sent_late.id, SendError(Fault.RATE_LIMITED, retry_after=1000))
    async with scene.running():
        await scene.go_live(silent=True)
        await clock.advance(1001)
    for target in (told_late, sent_late):
        shows = sender.only_post_to(target.id).shows
        assert (shows.silent, shows.role) == (True, None)


async def test_at_night_it_comes_without_a_sound(scene: Scene, sender: FakeSender) -> None:
    (target,) = await scene.targets(1)
    await scene.prefer(Preference.ROLE, "777", target)
    await scene.prefer(Preference.NIGHT, "11:00-14:00", target)
    async with scene.running():
        await scene.go_live()
    shows = sender.only_post_to(target.id).shows
    assert (shows.silent, shows.role) == (True, None)


async def test_a_night_that_is_skipped_gives_nothing_and_says_why(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    await scene.prefer(Preference.NIGHT, "11:00-12:20", target)
    await scene.prefer(Preference.NIGHT_MODE, "skip", target)
    async with scene.running():
        stream = await scene.go_live()
        await scene.change(stream, StreamState.ENDED)
        await clock.advance(21 * 60)
    assert not sender.calls
    row = await scene.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "night-skip")


async def test_what_the_night_held_back_comes_in_one_digest_in_the_morning(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    await scene.targets(1, mint=OTHER)
    await scene.prefer(Preference.NIGHT, "11:00-12:20", target)
    await scene.prefer(Preference.NIGHT_MODE, "digest", target)
    async with scene.running():
        over = await scene.go_live()
        await clock.advance(600)
        await scene.change(
            over, StreamState.ENDED, last_seen_at=over.broadcast.began_at + timedelta(minutes=8)
        )
        await scene.go_live(OTHER, peak_viewers=3)
        await clock.advance(600 - 1)
        assert not sender.calls
        await clock.advance(2)
    shows = sender.only_post_to(target.id).shows
    assert shows.title == "🌙 In the night, 2 streams"
    assert shows.text.splitlines()[1:] == [
        "Puffer ($PUFF): 8 minutes, at most 12 watching",
        "Puffer ($PUFF): less than a minute, at most 3 watching (still live)",
    ]


async def test_what_comes_after_the_digest_is_gone_is_sent_silently(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    await scene.prefer(Preference.NIGHT, "11:00-12:20", target)
    await scene.prefer(Preference.NIGHT_MODE, "digest", target)
    await scene.targets(1, mint=OTHER)
    async with scene.running():
        await scene.go_live()
        await clock.advance(1200 + 1)
        await scene.prefer(Preference.NIGHT, "11:00-13:00", target)  # it is night again
        await scene.go_live(OTHER)
    assert [post.shows.title[:1] for post in sender.posts_to(target.id)] == ["🌙", "🔴"]
    assert sender.posts_to(target.id)[1].shows.silent
