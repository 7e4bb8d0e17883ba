"""Telegram's client, on the stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.fakes.telegram import Chat, FakeTelegram, Message, Topic, User
from tests.looks.html import Markup
from tests.looks.telegram.message import Looker, message
from tests.looks.view import Eyes, File, Json, Place

_PICTURES = {"photo": "image/jpeg", "thumbnail": "image/jpeg", "video": "video/mp4"}
_ABOUT = {"group": "group", "supergroup": "group", "channel": "channel"}


class TelegramView:
    """Each one's conversation with the bot, and the chats that they are in."""

    name = "telegram"
    title = "Telegram"

    def __init__(self, telegram: FakeTelegram, people: Sequence[User]) -> None:
        self._telegram = telegram
        self._users = {one.name: one for one in people}
        self.people = tuple(self._users)

    def places(self, person: str) -> list[Place]:
        """The conversation with the bot, groups, topics and channels."""
        user = self._users[person]
        own = Place(str(user.chat.id), self._telegram.bot.name, "", "bot")
        return [own, *(place for chat in self._chats(user) for place in _places(chat))]

    def messages(self, eyes: Eyes) -> list[tuple[str, Markup]]:
        """See `View`."""
        chat, topic = self._where(eyes)
        looker = Looker(self._address, self._user(eyes).id)
        return [
            (str(one.id), message(one.as_json(), looker, silent=one.silent))
            for one in chat.history
            if not one.deleted and (topic is None or one.topic is topic)
        ]

    def file(self, path: str) -> File | None:
        """See `View`."""
        found = self._telegram.files.by_path.get(path.removeprefix("file/"))
        if found is None:
            return None
        return File(found.data, _PICTURES.get(found.kind, "application/octet-stream"))

    async def suggest(self, eyes: Eyes, line: str) -> list[Json]:
        """See `View`."""
        chat, _ = self._where(eyes)
        lists = (self._telegram.commands.get((one, "")) for one in _scopes(chat, self._user(eyes)))
        found = next(filter(None, lists), {})
        return [
            {"line": f"/{name} ", "label": f"/{name}", "about": about}
            for name, about in found.items()
            if f"/{name}".startswith(line)
        ]

    async def act(self, eyes: Eyes, told: Json) -> Json:
        """See `View`."""
        user = self._user(eyes)
        chat, topic = self._where(eyes)
        if "line" in told:
            answered = self._message(chat, told["answers"]) if told.get("answers") else None
            await user.say(topic or chat, told["line"], reply_to=answered)
            return {}
        shown = self._message(chat, told["message"])
        try:
            pressed = await user.press(shown, data=told["press"])
        except TimeoutError:
            return {"toast": "The bot did not answer"}
        return {"toast": pressed.text, "alert": pressed.alert}

    def _chats(self, user: User) -> Iterator[Chat]:
        for chat in self._telegram.chats.values():
            if chat.kind != "private" and chat.member(user).is_in:
                yield chat

    def _user(self, eyes: Eyes) -> User:
        return self._users[eyes.person]

    def _where(self, eyes: Eyes) -> tuple[Chat, Topic | None]:
        chat, _, topic = eyes.place.partition(":")
        found = self._telegram.chats[int(chat)]
        return found, found.topics[int(topic)] if topic else None

    def _message(self, chat: Chat, number: str) -> Message:
        found = chat.find(int(number))
        assert found is not None, "that message is gone"
        return found

    def _address(self, file_id: str) -> str | None:
        found = self._telegram.files.by_id.get(file_id)
        return f"file/{found.path}" if found is not None else None


def _places(chat: Chat) -> Iterator[Place]:
    if not chat.is_forum:
        people = f"{len(chat.members)} members" if chat.is_group else "subscribers"
        yield Place(str(chat.id), chat.title, "", f"{_ABOUT[chat.kind]}, {people}")
    for topic in chat.topics.values():
        yield Place(f"{chat.id}:{topic.id}", topic.name, "#", chat.title)


def _scopes(chat: Chat, user: User) -> Iterator[str]:
    """Whose commands count there, the narrowest first."""
    if chat.kind == "private":
        yield "all_private_chats"
    if chat.is_group and chat.member(user).manages:
        yield "all_chat_administrators"
    if chat.is_group:
        yield "all_group_chats"
    yield "default"
