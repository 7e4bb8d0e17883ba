"""What the bot asks about itself, chats, members and files."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.api.method_call import Ask
from tests.fakes.telegram.api.refusals import bad
from tests.fakes.telegram.state.chats import Chat
from tests.fakes.telegram.state.media import MOST_DOWNLOAD
from tests.fakes.telegram.state.permissions import PERMISSIONS, check_access, membership

Json = dict[str, Any]


async def get_me(ask: Ask) -> Json:
    """The bot."""
    can = {"can_join_groups": True, "supports_inline_queries": False}
    return ask.world.bot.as_json() | can | {"can_read_all_group_messages": not ask.world.privacy}


async def get_chat(ask: Ask) -> Json:
    """ChatFullInfo, with what matters to a bot that posts."""
    chat = ask.chat()
    check_access(chat, write=False)
    told = chat.as_json() | {"accent_color_id": 0, "max_reaction_count": 11}
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    told["accepted_gift_types"] = dict.fromkeys((*gifts, "gifts_from_channels"), False)
    if chat.is_group:
        told["permissions"] = {name: name in chat.permissions for name in PERMISSIONS}
    return told


async def get_chat_member(ask: Ask) -> Json:
    """Anybody that Telegram knows, member or not."""
    chat = ask.chat()
    check_access(chat, write=False)
    user = ask.world.users.get(ask.get("user_id"))
    if user is None:
        raise bad("user not found")
    if user is not ask.world.bot:
        _check_list(chat)
        if chat.hides_members and not chat.bot_member.manages:
            raise bad(chat.hides_members)
    return chat.member(user).as_json(user, chat)


async def get_chat_administrators(ask: Ask) -> list[Json]:
    """All of them but other bots. A group that hides its members shows these to everybody."""
    chat = ask.chat()
    check_access(chat, write=False)
    if chat.kind == "private":
        raise bad("there are no administrators in the private chat")
    _check_list(chat)
    return [
        member.as_json(ask.world.users[user_id], chat)
        for user_id, member in chat.members.items()
        if member.manages
    ]


async def get_chat_member_count(ask: Ask) -> int:
    """With the bot."""
    chat = ask.chat()
    check_access(chat, write=False)
    return sum(member.is_in for member in chat.members.values())


async def leave_chat(ask: Ask) -> bool:
    """The bot goes."""
    chat = ask.chat()
    check_access(chat, write=False)
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    old, new = chat.bot_member, membership("left", None, chat.kind)
    chat.members[ask.world.bot.id] = new
    ask.world.tell_membership(chat, old, new, ask.world.bot)
    return True


async def get_file(ask: Ask) -> Json:
    """The path for a download, of up to 20 MB."""
    files, file_id = ask.world.files, ask.get("file_id")
    if not files.is_good(file_id):
        raise bad("invalid file_id")
    stored = files.by_id[file_id]
    if len(stored.data) > MOST_DOWNLOAD:
        raise bad("file is too big")
    return stored.as_json() | {"file_path": stored.path}


def _check_list(chat: Chat) -> None:
    """Who is in a channel only its administrators learn."""
    if chat.kind == "channel" and not chat.bot_member.manages:
        raise bad("member list is inaccessible")
