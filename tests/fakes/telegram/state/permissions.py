"""Who may do what, and what Telegram says where the bot may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.api.refusals import Refused, bad, forbidden

if TYPE_CHECKING:
    from tests.fakes.telegram.people.users import User
    from tests.fakes.telegram.state.chats import Chat

Json = dict[str, Any]

ADMINISTRATOR = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories"),
)
_OF_CHANNELS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
_OF_GROUPS = ("can_pin_messages", "can_manage_topics")
PERMISSIONS = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos"),
    *("can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls"),
    *("can_send_other_messages", "can_add_web_page_previews", "can_change_info"),
    *("can_invite_users", "can_pin_messages", "can_manage_topics", "can_edit_tag"),
    "can_react_to_messages",
)
IN_CHAT = {"creator", "administrator", "member", "restricted"}
MANAGERS = {"creator", "administrator"}
_SENT = {"text": "messages", "photo": "photos", "video": "videos", "animation": "other_messages"}
_NAMED = {"text": "text messages", "photo": "photos", "video": "videos", "animation": "animations"}


@dataclass(frozen=True, slots=True)
class Membership:
    """`rights` are an administrator's, or what a restricted member may still do; `until` is in
    seconds since 1970, and 0 is for ever."""

    status: str
    rights: frozenset[str] = field(default=frozenset())
    is_anonymous: bool = False
    until: int = 0

    @property
    def is_in(self) -> bool:
        """Whether one is in the chat."""
        return self.status in IN_CHAT

    @property
    def manages(self) -> bool:
        """Whether one is its creator or an administrator."""
        return self.status in MANAGERS

    def as_json(self, user: User, chat: Chat) -> Json:
        """A ChatMember."""
        told: Json = {"user": user.as_json(), "status": self.status}
        if self.status == "creator":
            return told | {"is_anonymous": self.is_anonymous}
        if self.status == "administrator":
            names = ADMINISTRATOR + (_OF_CHANNELS if chat.kind == "channel" else _OF_GROUPS)
            named = {name: name in self.rights for name in names}
            return told | named | {"is_anonymous": self.is_anonymous, "can_be_edited": False}
        if self.status == "restricted":
            named = {name: name in self.rights for name in PERMISSIONS}
            return told | named | {"is_member": True, "until_date": self.until}
        return told | ({"until_date": 0} if self.status == "kicked" else {})


def membership(
    status: str, rights: Iterable[str] | None, chat_kind: str, *, is_anonymous: bool = False
) -> Membership:
    """With usual rights where none are named; names may leave out their `can_`."""
    if rights is None:
        rights = _usual(chat_kind) if status == "administrator" else ()
    named = {right if right.startswith("can_") else f"can_{right}" for right in rights}
    unknown = named - {*ADMINISTRATOR, *_OF_CHANNELS, *_OF_GROUPS, *PERMISSIONS}
    assert not unknown, f"there are no such rights: {sorted(unknown)}"
    if status == "administrator":
        named.add("can_manage_chat")
    return Membership(status, frozenset(named), is_anonymous)


def _usual(chat_kind: str) -> tuple[str, ...]:
    if chat_kind == "channel":
        return ("can_post_messages", "can_edit_messages", "can_delete_messages")
    return ("can_delete_messages", "can_invite_users", "can_pin_messages")


def check_access(chat: Chat, *, write: bool = True) -> None:
    """Raises `Refused` where the bot cannot reach the chat; `write` is to change something."""
    if chat.kind == "private":
        _check_private(chat, write=write)
        return
    if chat.migrated_to is not None:
        raise bad(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    if chat.bot_member.status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if not chat.bot_member.is_in:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")


def _check_private(chat: Chat, *, write: bool) -> None:
    assert chat.user is not None
    if not chat.started:
        raise bad("chat not found")
    if write and chat.user.deactivated:
        raise forbidden("user is deactivated")
    if write and chat.bot_member.status == "kicked":
        raise forbidden("bot was blocked by the user")


def check_may_send(chat: Chat, kind: str) -> None:
    """`kind` is text, photo, animation or video."""
    if not bot_may(chat, f"can_send_{_SENT[kind]}"):
        raise _may_not(chat, kind)


def bot_may(chat: Chat, permission: str) -> bool:
    """Whether the bot may do what ordinary members may or may not."""
    member = chat.bot_member
    if chat.kind == "private":
        return True
    if chat.kind == "channel":
        return member.manages and "can_post_messages" in member.rights
    if member.manages:
        return True
    if member.status == "restricted" and permission not in member.rights:
        return False
    return permission in chat.permissions


def _may_not(chat: Chat, kind: str) -> Refused:
    if chat.kind == "channel":
        return bad("need administrator rights in the channel chat")
    return bad(f"not enough rights to send {_NAMED[kind]} to the chat")
