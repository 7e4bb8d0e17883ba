"""A request that is known, well formed and allowed, as the methods see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.api.calls import Call, Upload
from tests.fakes.telegram.api.refusals import NotAsDescribed, bad, too_many
from tests.fakes.telegram.state.chats import GENERAL, Chat, Topic
from tests.fakes.telegram.state.markup import parse_html
from tests.fakes.telegram.state.texts import Text

if TYPE_CHECKING:
    from tests.fakes.telegram.state.world import World

Json = dict[str, Any]

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024


@dataclass(frozen=True, slots=True)
class Ask:
    """`parameters` have the described types; `uploads` are files by the names of their parts."""

    world: World
    call: Call
    parameters: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """One parameter."""
        return self.parameters.get(name, default)

    def chat(self) -> Chat:
        """The chat that is asked for, whether the bot can reach it or not."""
        named = self.get("chat_id")
        if named in (None, ""):
            raise bad("chat_id is empty")
        if isinstance(named, int):
            found = self.world.chats.get(named)
        else:
            names = {f"@{each.username}": each for each in self.world.chats.values()}
            found = names.get(named)
        if found is None:
            raise bad("chat not found")
        return found

    def count(self, chat: Chat) -> None:
        """Count one message or edit. Raises `Refused` (429) where it is one too many."""
        wait = self.world.limits.take(chat.id, is_group=chat.is_group)
        if wait:
            raise too_many(wait)

    def upload(self, name: str, value: str | None) -> bytes | None:
        """The bytes of a file that came along, as the part of that name or by `attach://`."""
        if value is not None and value.startswith("attach://"):
            name = value.removeprefix("attach://")
        elif value is not None:
            return None
        found = self.uploads.get(name)
        if found is not None and not found.data:
            raise bad("file must be non-empty")
        return None if found is None else found.data

    def reject(self, faults: list[str]) -> None:
        """Note what breaks the description where Telegram says nothing."""
        self.world.rejected += [f"{self.call.method}: {fault}" for fault in faults]

    def text(self, told: Json, name: str, most: int) -> Text:
        """Text or caption, `told` being the parameters or an InputMedia. Raises `Refused`."""
        raw, mode = told.get(name, ""), told.get("parse_mode", "").lower()
        entities = told.get("entities" if name == "text" else "caption_entities", ())
        if mode == "html":
            body = parse_html(raw)
        elif mode in ("markdown", "markdownv2"):
            raise NotAsDescribed(self.call.method, ["the stand-in reads no Markdown"])
        elif mode:
            raise bad("unsupported parse_mode")
        else:
            body = Text(raw, tuple(entities))
        body = body.trimmed().with_found()
        if body.length > most:
            raise bad("message is too long" if name == "text" else "message caption is too long")
        return body

    def topic(self, chat: Chat, *, action: bool = False) -> Topic | None:
        """Where in a forum it goes. Raises `Refused` where there is no such topic or it is shut.
        General has an id for chat actions only."""
        thread = self.get("message_thread_id")
        if action and thread == GENERAL:
            thread = None
        if not chat.is_forum:
            if thread and not _is_thread(chat, thread):
                raise bad("message thread not found")
            return None
        found = chat.general if not thread else chat.topics.get(thread)
        if found is None or thread == GENERAL or found.forgotten:
            raise bad("message thread not found")
        if found.deleted:
            raise bad("TOPIC_DELETED")
        if found.closed and "can_manage_topics" not in chat.bot_member.rights:
            raise bad("TOPIC_CLOSED")
        return found


def _is_thread(chat: Chat, thread: int) -> bool:
    """Whether anybody ever answered that message of a supergroup, or could."""
    return chat.kind == "supergroup" and chat.find(thread) is not None
