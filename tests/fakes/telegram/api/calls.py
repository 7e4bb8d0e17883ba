"""A request and what became of it, for the test to look at."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came along: `part` is the part's name, `name` the file's."""

    part: str
    name: str
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)


_KINDS = {
    "sendPhoto": "photo",
    "sendAnimation": "animation",
    "sendVideo": "video",
    "sendMessage": "text",
}


@dataclass(slots=True)
class Call:
    """`method` as the description spells it; `parameters` with their types; `files` are the
    parts, names and sizes; `at` is `time.monotonic`. `code` is 0 where no answer was given, 200
    where it was good; `error` is Telegram's description. `done` tells whether the deed was done,
    whatever was answered.
    """

    method: str
    parameters: dict[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, str, int], ...] = ()
    at: float = field(default_factory=time.monotonic)
    code: int = 0
    error: str = ""
    done: bool = False
    result: Any = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the bot heard that it is done."""
        return self.code == 200

    @property
    def chat_id(self) -> int | None:
        """Where it goes."""
        chat = self.parameters.get("chat_id")
        return chat if isinstance(chat, int) else None

    @property
    def kind(self) -> str:
        """photo, animation, video or text of what is sent or put in its place; empty for all the
        rest."""
        if self.method == "editMessageMedia":
            media = self.parameters.get("media")
            return str(media.get("type", "")) if isinstance(media, dict) else ""
        return _KINDS.get(self.method, "")
