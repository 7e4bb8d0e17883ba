"""The bot comes into chats, leaves them, and chats get other numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import pytest

from bot.kit.timing.clock import SystemClock
from bot.store import Unit
from tests.commands.harness import CommandHarness
from tests.fakes.clock import until
from tests.fakes.failing_store import answer_lost
from tests.fakes.telegram import Chat, RetryAfter, Slow
from tests.fakes.telegram.state.permissions import Membership
from tests.platforms.telegram.harness import FastClock, PlatformHarness, open_harness, owner
from tests.pumpfun.samples import MINT, OTHER_MINT


async def follow(harness: PlatformHarness, chat: Chat, mint: str = MINT) -> None:
    who = chat.user or owner(chat)
    await harness.say(f"/subscribe {mint}", who, chat)


async def reasons(harness: PlatformHarness, chat: Chat) -> list[str | None]:
    """Why nothing is posted to its targets, after all that was told by now is done."""
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    await harness.idle()
    return [target.disabled for target in await harness.targets(chat)]


@pytest.mark.parametrize("status", ["left", "kicked", "restricted"])
async def test_a_group_that_removes_the_bot_keeps_what_it_has(
    harness: PlatformHarness, status: str
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group)
    group.bot(status)
    assert await reasons(harness, group) == ["left"]
    assert await harness.mints(group) == [(str(group.id), MINT)]
    group.bot("member")
    assert await reasons(harness, group) == [None]


async def test_a_restriction_for_a_while_ends_by_itself(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group)
    group.bot("restricted", until=SystemClock().now() + timedelta(hours=1))
    assert await reasons(harness, group) == ["left"]
    group.bot("restricted", until=SystemClock().now() + timedelta(seconds=2))  # made shorter
    group.end_restriction()
    await until(lambda: _gets_alerts(harness, group))


class Ahead(FastClock):
    """Of a day more than Telegram's."""

    def wall(self) -> datetime:
        return super().wall() + timedelta(days=1)


async def test_a_restriction_ends_by_telegrams_clock(commands: CommandHarness) -> None:
    async with open_harness(commands, clock=Ahead()) as harness:
        group = harness.telegram.add_supergroup("Coins")
        await follow(harness, group)
        group.bot("restricted", until=SystemClock().now() + timedelta(seconds=2))
        assert await reasons(harness, group) == ["left"]
        group.end_restriction()
        await until(lambda: _gets_alerts(harness, group))


async def test_a_restriction_that_was_renewed_has_not_ended(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group)
    group.bot("restricted", until=SystemClock().now() + timedelta(seconds=1))
    asked = len(harness.telegram.made("getChat"))
    await harness.telegram.until(lambda: len(harness.telegram.made("getChat")) > asked)
    assert await reasons(harness, group) == ["left"]


@pytest.mark.parametrize("left", [-1.0, 1.0])
async def test_a_restriction_that_lasts_over_a_restart_ends_all_the_same(
    harness: PlatformHarness, left: float
) -> None:
    """It lasted an hour, of which `left` seconds are left by then."""
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group)
    group.bot("restricted", until=SystemClock().now() + timedelta(hours=1))
    assert await reasons(harness, group) == ["left"]
    await harness.stop()
    kept = f"telegram:restricted:{group.id}"
    async with harness.commands.store.write() as unit:
        assert await unit.key_values.get(kept) is not None
        ends_at = SystemClock().now() + timedelta(seconds=left)
        await unit.key_values.put(kept, ends_at.isoformat())
    group.end_restriction()
    harness.restart()
    await harness.platform.login()
    harness.start()
    await until(lambda: _gets_alerts(harness, group))
    await until(lambda: _is_forgotten(harness))


async def _is_forgotten(harness: PlatformHarness) -> bool:
    async with harness.commands.store.read() as unit:
        return await unit.key_values.of("telegram:restricted:") == {}


async def _gets_alerts(harness: PlatformHarness, chat: Chat) -> bool:
    return [target.disabled for target in await harness.targets(chat)] == [None]


async def test_a_person_who_blocks_the_bot_is_left_alone_until_they_are_back(
    harness: PlatformHarness,
) -> None:
    await follow(harness, harness.al.chat)
    harness.telegram.block(harness.al)
    assert await reasons(harness, harness.al.chat) == ["left"]
    harness.telegram.unblock(harness.al)
    assert await reasons(harness, harness.al.chat) == [None]


async def test_a_channel_that_takes_the_right_to_post_is_left_alone(
    harness: PlatformHarness,
) -> None:
    channel = harness.telegram.add_channel("News")
    await follow(harness, channel)
    channel.bot("administrator", ["delete_messages"])
    assert await reasons(harness, channel) == ["left"]
    channel.bot("administrator", ["post_messages"])
    assert await reasons(harness, channel) == [None]


async def test_a_right_that_still_allows_text_changes_nothing(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group)
    group.bot("restricted", ["send_messages"])
    assert await reasons(harness, group) == [None]


async def test_a_group_is_greeted_once_and_told_what_is_missing(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins", bot="left")
    group.permissions.discard("can_send_photos")
    group.bot("member")
    await harness.telegram.until(lambda: group.messages)
    assert "Mintcast is here" in group.messages[0].text
    assert "Send media: Photos" in group.messages[0].text
    group.bot("left")
    group.bot("member")
    await reasons(harness, group)
    assert len(group.messages) == 1


async def test_a_group_is_greeted_though_telegram_asks_to_wait(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins", bot="left")
    harness.telegram.faults.add(("sendMessage", group), RetryAfter(1), times=2)
    group.bot("member")
    await harness.telegram.until(lambda: group.messages)
    await harness.idle()
    assert len(group.messages) == 1


async def test_channels_and_people_are_not_greeted(harness: PlatformHarness) -> None:
    channel = harness.telegram.add_channel("News", bot="left")
    channel.bot("administrator")
    harness.telegram.block(harness.al)
    harness.telegram.unblock(harness.al)
    await reasons(harness, channel)
    assert (channel.messages, harness.al.chat.messages) == ([], [])


@pytest.mark.parametrize("told", ["after", "before"])
async def test_a_group_that_becomes_a_supergroup_takes_everything_along(
    harness: PlatformHarness, told: Literal["after", "before"]
) -> None:
    group = harness.telegram.add_group("Coins")
    await follow(harness, group)
    await follow(harness, group, OTHER_MINT)
    supergroup = harness.telegram.migrate(group, told=told)
    assert await reasons(harness, supergroup) == [None]
    assert await harness.targets(group) == ()
    assert sorted(mint for _, mint in await harness.mints(supergroup)) == sorted([MINT, OTHER_MINT])
    assert supergroup.messages == []


async def test_alerts_go_on_after_a_move_of_which_the_database_did_not_say_that_it_was_made(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_group("Coins")
    await follow(harness, group)

    async def has_moved(unit: Unit) -> bool:
        return not await unit.places.targets_at("telegram", str(group.id))

    harness.telegram.tell_membership(group, group.bot_member, Membership("left"))
    assert await reasons(harness, group) == ["left"]
    supergroup = harness.telegram.migrate(group, told="silent")
    with answer_lost(harness.commands.store, when=has_moved) as lost:
        group.serve(group.owner, {"migrate_to_chat_id": supergroup.id})
        await until(lambda: lost != [])
    await until(lambda: _gets_alerts(harness, supergroup))


async def test_a_move_that_was_told_twice_is_done_once(harness: PlatformHarness) -> None:
    group = harness.telegram.add_group("Coins")
    await follow(harness, group)
    (before,) = await harness.targets(group)
    supergroup = harness.telegram.migrate(group)
    await reasons(harness, supergroup)
    group.serve(group.owner, {"migrate_to_chat_id": supergroup.id})
    await reasons(harness, supergroup)
    (after,) = await harness.targets(supergroup)
    assert after.id == before.id
    assert after.address.channel == str(supergroup.id)


async def test_a_bot_that_was_added_and_thrown_out_at_once_is_out(harness: PlatformHarness) -> None:
    """What Telegram is asked about the first takes longer than the second."""
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group)
    group.bot("left")
    await reasons(harness, group)
    harness.telegram.faults.add("getChat", Slow(0.3), times=1)
    group.bot("member")
    group.bot("kicked")
    assert await reasons(harness, group) == ["left"]


async def test_a_group_without_subscriptions_is_not_greeted_again_when_it_moves(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_group("Coins")
    supergroup = harness.telegram.migrate(group)
    await reasons(harness, supergroup)
    assert supergroup.messages == []


async def test_that_the_bot_left_the_old_chat_of_a_move_stops_nothing(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_group("Coins")
    await follow(harness, group)
    await harness.commands.service.left("telegram", str(group.id))
    supergroup = harness.telegram.add_supergroup("Coins")
    group.serve(group.owner, {"migrate_to_chat_id": supergroup.id})
    assert await reasons(harness, supergroup) == [None]
