"""The bot comes into chats, leaves them, and chats get other numbers."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.fakes.telegram import Chat, Slow, User
from tests.platforms.telegram.harness import Scene
from tests.pumpfun.samples import MINT, OTHER_MINT


def owner(chat: Chat) -> User:
    assert chat.owner is not None
    return chat.owner


async def follow(scene: Scene, chat: Chat, mint: str = MINT) -> None:
    who = chat.user or owner(chat)
    await scene.say(f"/subscribe {mint}", who, chat)


async def reasons(scene: Scene, chat: Chat) -> list[str | None]:
    """Why nothing is posted to its targets, after all that was told by now is done."""
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    await scene.idle()
    return [target.disabled for target in await scene.targets(chat)]


@pytest.mark.parametrize("status", ["left", "kicked", "restricted"])
async def test_a_group_that_removes_the_bot_keeps_what_it_has(scene: Scene, status: str) -> None:
    group = scene.telegram.add_supergroup("Coins")
    await follow(scene, group)
    group.bot(status)
    assert await reasons(scene, group) == ["left"]
    assert await scene.mints(group) == [(str(group.id), MINT)]
    group.bot("member")
    assert await reasons(scene, group) == [None]


async def test_a_person_who_blocks_the_bot_is_left_alone_until_they_are_back(scene: Scene) -> None:
    await follow(scene, scene.al.chat)
    scene.telegram.block(scene.al)
    assert await reasons(scene, scene.al.chat) == ["left"]
    scene.telegram.unblock(scene.al)
    assert await reasons(scene, scene.al.chat) == [None]


async def test_a_channel_that_takes_the_right_to_post_is_left_alone(scene: Scene) -> None:
    channel = scene.telegram.add_channel("News")
    await follow(scene, channel)
    channel.bot("administrator", ["delete_messages"])
    assert await reasons(scene, channel) == ["left"]
    channel.bot("administrator", ["post_messages"])
    assert await reasons(scene, channel) == [None]


async def test_a_right_that_still_allows_text_changes_nothing(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    await follow(scene, group)
    group.bot("restricted", ["send_messages"])
    assert await reasons(scene, group) == [None]


async def test_a_group_is_greeted_once_and_told_what_is_missing(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins", bot="left")
    group.permissions.discard("can_send_photos")
    group.bot("member")
    await scene.telegram.until(lambda: group.messages)
    assert "Mintcast is here" in group.messages[0].text
    assert "Send media: Photos" in group.messages[0].text
    group.bot("left")
    group.bot("member")
    await reasons(scene, group)
    assert len(group.messages) == 1


async def test_channels_and_people_are_not_greeted(scene: Scene) -> None:
    channel = scene.telegram.add_channel("News", bot="left")
    channel.bot("administrator")
    scene.telegram.block(scene.al)
    scene.telegram.unblock(scene.al)
    await reasons(scene, channel)
    assert (channel.messages, scene.al.chat.messages) == ([], [])


@pytest.mark.parametrize("told", ["after", "before"])
async def test_a_group_that_becomes_a_supergroup_takes_everything_along(
    scene: Scene, told: Literal["after", "before"]
) -> None:
    group = scene.telegram.add_group("Coins")
    await follow(scene, group)
    await follow(scene, group, OTHER_MINT)
    supergroup = scene.telegram.migrate(group, told=told)
    assert await reasons(scene, supergroup) == [None]
    assert await scene.targets(group) == ()
    assert sorted(mint for _, mint in await scene.mints(supergroup)) == sorted([MINT, OTHER_MINT])
    assert supergroup.messages == []


async def test_a_move_that_was_told_twice_is_done_once(scene: Scene) -> None:
    group = scene.telegram.add_group("Coins")
    await follow(scene, group)
    (before,) = await scene.targets(group)
    supergroup = scene.telegram.migrate(group)
    await reasons(scene, supergroup)
    group.serve(group.owner, {"migrate_to_chat_id": supergroup.id})
    await reasons(scene, supergroup)
    (after,) = await scene.targets(supergroup)
    assert after.id == before.id
    assert after.address.channel == str(supergroup.id)


async def test_a_bot_that_was_added_and_thrown_out_at_once_is_out(scene: Scene) -> None:
    """What Telegram is asked about the first takes longer than the second."""
    group = scene.telegram.add_supergroup("Coins")
    await follow(scene, group)
    group.bot("left")
    await reasons(scene, group)
    scene.telegram.faults.add("getChat", Slow(0.3), times=1)
    group.bot("member")
    group.bot("kicked")
    assert await reasons(scene, group) == ["left"]


async def test_a_group_without_subscriptions_is_not_greeted_again_when_it_moves(
    scene: Scene,
) -> None:
    group = scene.telegram.add_group("Coins")
    supergroup = scene.telegram.migrate(group)
    await reasons(scene, supergroup)
    assert supergroup.messages == []


async def test_that_the_bot_left_the_old_chat_of_a_move_stops_nothing(scene: Scene) -> None:
    group = scene.telegram.add_group("Coins")
    await follow(scene, group)
    await scene.room.commands.left("telegram", str(group.id))
    supergroup = scene.telegram.add_supergroup("Coins")
    group.serve(group.owner, {"migrate_to_chat_id": supergroup.id})
    assert await reasons(scene, supergroup) == [None]
