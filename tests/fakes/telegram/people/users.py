"""People, and what they do in a chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.people import actions
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.telegram.people.actions import Pressed
    from tests.fakes.telegram.state.chats import Chat, Where
    from tests.fakes.telegram.state.messages import Message
    from tests.fakes.telegram.state.world import World


@dataclass(slots=True, eq=False, repr=False)
class User:
    """A person, or a bot. `language` is what the app is set to."""

    world: World
    id: int
    name: str
    username: str = ""
    is_bot: bool = False
    language: str = "en"
    deactivated: bool = False

    def __repr__(self) -> str:
        return f"<User {self.id} {self.name!r}>"

    @property
    def chat(self) -> Chat:
        """The private chat with the bot, which has this person's id."""
        return self.world.chats[self.id]

    async def say(
        self,
        where: Where,
        text: str,
        *,
        reply_to: Message | None = None,
        anonymous: bool = False,
        as_channel: Chat | None = None,
        photo: bytes | None = None,
        links: Mapping[str, str] | None = None,
        buttons: Mapping[str, str] | None = None,
    ) -> Message:
        """Write a message, or below a `photo`; `links` lie below some of its words, and `buttons`
        open them; in a channel a post, which has no sender. `anonymous` is for
        administrators of a group; `as_channel` writes in a group in a channel's name. Who was no
        member of a group becomes one."""
        content = actions.content(self.world, text, photo, links or {}, buttons or {})
        return actions.say(
            self, where, content, reply_to, anonymous=anonymous, as_channel=as_channel
        )

    async def press(
        self,
        message: Message,
        *,
        label: str | None = None,
        data: str | None = None,
        within: float = PATIENCE,
        inaccessible: bool = False,
    ) -> Pressed:
        """Press a button of the bot's and wait for the answer. Raises `TimeoutError` where there
        is none within so many seconds. `inaccessible`: Telegram names nothing of the message but
        its chat and its number. One that is deleted was on the screen a moment ago."""
        return await actions.press(self, message, label, data, within, inaccessible=inaccessible)

    def as_json(self) -> dict[str, Any]:
        """As updates name them."""
        told: dict[str, Any] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.name}
        if self.username:
            told["username"] = self.username
        return told | ({} if self.is_bot else {"language_code": self.language})
