"""Private chats, groups, topics and channels: who is there, and who may do what."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot, ChatMemberAdministrator, Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.fakes.telegram import Chat, FakeTelegram, User
from tests.fakes.telegram.client import client, jpeg

REMOVED = (
    ("group", "kicked", "bot was kicked from the group chat"),
    ("supergroup", "kicked", "bot was kicked from the supergroup chat"),
    ("channel", "kicked", "bot was kicked from the channel chat"),
    ("group", "left", "bot is not a member of the group chat"),
    ("channel", "left", "bot is not a member of the channel chat"),
)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    async with client(telegram) as running:
        yield running


@pytest.fixture
def al(telegram: FakeTelegram) -> User:
    return telegram.add_user("al")


async def updates(bot: Bot) -> list[Update]:
    """All that wait, confirmed."""
    told = await bot.get_updates()
    if told:
        await bot.get_updates(offset=told[-1].update_id + 1)
    return list(told)


async def heard(bot: Bot) -> Message:
    """The one message that waits."""
    (update,) = await updates(bot)
    message = update.effective_message
    assert message is not None
    return message


def place(telegram: FakeTelegram, kind: str) -> Chat:
    added = {
        "group": telegram.add_group,
        "supergroup": telegram.add_supergroup,
        "channel": telegram.add_channel,
    }
    return added[kind]("Place")


async def test_who_is_thrown_out_is_refused_and_told(telegram: FakeTelegram, bot: Bot) -> None:
    for kind, status, said in REMOVED:
        chat = place(telegram, kind)
        chat.bot(status)
        (update,) = await updates(bot)
        assert update.my_chat_member is not None
        assert update.my_chat_member.new_chat_member.status == status
        for ask in (bot.send_message(chat.id, "x"), bot.get_chat(chat.id)):
            with pytest.raises(Forbidden, match=said):
                await ask
        assert await updates(bot) == []


async def test_private_chats_can_be_blocked_unstarted_and_deserted(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    telegram.block(al)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(al.id, "x")
    telegram.unblock(al)
    await bot.send_message(al.id, "x")
    told = [update.my_chat_member for update in await updates(bot)]
    assert [each and each.new_chat_member.status for each in told] == ["kicked", "member"]
    al.deactivated = True
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(al.id, "x")
    stranger = telegram.add_user("bo", started=False)
    for chat_id in (stranger.id, 12345):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(chat_id, "x")
    await stranger.say(stranger.chat, "/start")
    await bot.send_message(stranger.id, "x")


async def test_a_restricted_bot_may_send_what_is_left_to_it(
    telegram: FakeTelegram, bot: Bot
) -> None:
    group = telegram.add_supergroup("Big")
    group.bot("restricted", ["send_messages"])
    await bot.send_message(group.id, "x")
    with pytest.raises(BadRequest, match="Not enough rights to send photos to the chat"):
        await bot.send_photo(group.id, jpeg())
    member = await bot.get_chat_member(group.id, telegram.bot.id)
    assert (member.status, member.can_send_photos) == ("restricted", False)  # type: ignore[attr-defined]
    group.bot("member")
    group.permissions -= {"can_send_messages"}
    with pytest.raises(BadRequest, match="Not enough rights to send text messages"):
        await bot.send_message(group.id, "x")
    group.bot("administrator")
    await bot.send_message(group.id, "x")


async def test_a_channel_wants_the_right_to_post(telegram: FakeTelegram, bot: Bot) -> None:
    channel = telegram.add_channel("News")
    sent = await bot.send_message(channel.id, "x")
    assert (sent.from_user, sent.sender_chat and sent.sender_chat.id) == (None, channel.id)
    channel.bot("administrator", ["edit_messages"])
    with pytest.raises(BadRequest, match="Need administrator rights in the channel chat"):
        await bot.send_message(channel.id, "x")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await sent.edit_text("y")


async def test_a_post_has_no_sender_and_an_anonymous_administrator_is_the_group(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    channel, group = telegram.add_channel("News"), telegram.add_supergroup("Big")
    for chat in (channel, group):
        chat.add_member(al, "administrator")
    await al.say(channel, "/live")
    post = await heard(bot)
    assert (post.from_user, post.text) == (None, "/live")
    await al.say(group, "/live", anonymous=True)
    message = await heard(bot)
    assert message.from_user is not None
    assert message.from_user.id == 1087968824
    assert message.sender_chat == message.chat
    await al.say(group, "/live", as_channel=channel)
    message = await heard(bot)
    assert message.sender_chat is not None
    assert message.sender_chat.id == channel.id
    with pytest.raises(AssertionError, match="no administrator"):
        await telegram.add_user("bo").say(group, "/live", anonymous=True)


async def test_privacy_mode_keeps_what_is_not_for_the_bot(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    group = telegram.add_group("Friends")
    for text in ("hello", "/live@other_bot", "/live", "/live@mintcast_bot"):
        await al.say(group, text)
    await bot.send_message(group.id, "x")
    await al.say(group, "yes", reply_to=group.messages[0])
    told = [update.effective_message for update in await updates(bot)]
    assert [each and each.text for each in told] == ["/live", "/live@mintcast_bot", "yes"]
    group.bot("administrator")
    await updates(bot)
    await al.say(group, "hello")
    assert (await heard(bot)).text == "hello"


async def test_members_are_looked_up(telegram: FakeTelegram, bot: Bot, al: User) -> None:
    group = telegram.add_supergroup("Big", bot="administrator")
    assert (await bot.get_chat_member(group.id, al.id)).status == "left"
    group.add_member(al, "administrator", ["pin_messages"])
    managers = await bot.get_chat_administrators(group.id)
    assert {each.status for each in managers} == {"creator", "administrator"}
    found = next(each for each in managers if each.user.id == al.id)
    assert isinstance(found, ChatMemberAdministrator)
    assert (found.can_pin_messages, found.can_delete_messages) == (True, False)
    assert (await bot.get_chat(group.id)).permissions is not None
    with pytest.raises(BadRequest, match="User not found"):
        await bot.get_chat_member(group.id, 1)
    with pytest.raises(BadRequest, match="There are no administrators in the private chat"):
        await bot.get_chat_administrators(al.id)
    group.hides_members = "CHAT_ADMIN_REQUIRED"
    group.bot("member")
    with pytest.raises(BadRequest, match="Chat_admin_required"):
        await bot.get_chat_member(group.id, al.id)
    assert len(await bot.get_chat_administrators(group.id)) == 2


async def test_a_topic_is_told_by_its_id_and_general_by_none(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    forum = telegram.add_supergroup("Big", forum=True)
    coins = forum.add_topic("Coins")
    assert (await heard(bot)).forum_topic_created is not None
    await al.say(coins, "/live")
    message = await heard(bot)
    assert (message.message_thread_id, message.is_topic_message) == (coins.id, True)
    assert message.reply_to_message is not None
    assert message.reply_to_message.forum_topic_created is not None
    await al.say(forum, "/live")
    message = await heard(bot)
    assert (message.message_thread_id, message.is_topic_message) == (None, None)
    await message.reply_text("x")
    await al.say(forum, "/live", reply_to=forum.messages[0])
    message = await heard(bot)
    assert message.message_thread_id == forum.messages[0].thread_id != coins.id
    assert not message.is_topic_message
    await bot.send_message(forum.id, "in coins", message_thread_id=coins.id)
    assert [each.text for each in coins.messages] == ["in coins"]
    assert [each.text for each in forum.general.messages] == ["x"]


async def test_general_has_no_id_to_send_to_but_one_to_type_in(
    telegram: FakeTelegram, bot: Bot
) -> None:
    forum = telegram.add_supergroup("Big", forum=True)
    for thread in (1, 999):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(forum.id, "x", message_thread_id=thread)
    await bot.send_chat_action(forum.id, "typing", message_thread_id=1)
    assert telegram.actions == [(forum.id, "typing")]
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(telegram.add_group("No forum").id, "x", message_thread_id=5)


async def test_a_closed_topic_takes_no_messages_and_a_deleted_one_never_again(
    telegram: FakeTelegram, bot: Bot
) -> None:
    forum = telegram.add_supergroup("Big", forum=True)
    coins = forum.add_topic("Coins")
    await bot.send_message(forum.id, "x", message_thread_id=coins.id)
    for topic, thread in ((coins, coins.id), (forum.general, None)):
        topic.close()
        with pytest.raises(BadRequest, match="Topic_closed"):
            await bot.send_message(forum.id, "x", message_thread_id=thread)
        topic.reopen()
        await bot.send_message(forum.id, "x", message_thread_id=thread)
    coins.close()
    forum.bot("administrator", ["manage_topics"])
    await bot.send_message(forum.id, "x", message_thread_id=coins.id)
    coins.delete()
    with pytest.raises(BadRequest, match="Topic_deleted"):
        await bot.send_message(forum.id, "x", message_thread_id=coins.id)
    coins.delete(forgotten=True)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(forum.id, "x", message_thread_id=coins.id)
    assert all(message.deleted for message in coins.messages)


async def test_a_group_becomes_a_supergroup(telegram: FakeTelegram, bot: Bot, al: User) -> None:
    group = telegram.add_group("Friends")
    await al.say(group, "/live")
    old = await bot.send_message(group.id, "x")
    await updates(bot)
    supergroup = telegram.migrate(group)
    told = await updates(bot)
    first, second = (update.message for update in told[:2])
    assert first is not None
    assert second is not None
    assert (first.chat.id, first.migrate_to_chat_id) == (group.id, supergroup.id)
    assert (second.chat.id, second.migrate_from_chat_id) == (supergroup.id, group.id)
    statuses = [each.my_chat_member and each.my_chat_member.new_chat_member for each in told[2:]]
    assert [each and each.status for each in statuses] == ["left", "member"]
    for ask in (bot.send_message(group.id, "y"), old.edit_text("y")):
        with pytest.raises(ChatMigrated) as caught:
            await ask
        assert caught.value.new_chat_id == supergroup.id
    await bot.send_message(supergroup.id, "y")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("z", supergroup.id, old.message_id)


async def test_a_migration_can_go_untold(telegram: FakeTelegram, bot: Bot) -> None:
    group = telegram.add_group("Friends")
    telegram.migrate(group, told="silent")
    assert await updates(bot) == []
    with pytest.raises(ChatMigrated):
        await bot.send_message(group.id, "x")


async def test_only_its_own_messages_are_deleted_by_a_bot_without_the_right(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    group = telegram.add_supergroup("Big")
    message = await al.say(group, "/live")
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, message.id)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", group.id, message.id)
    group.bot("administrator", ["delete_messages"])
    await bot.delete_message(group.id, message.id)
    assert message.deleted
