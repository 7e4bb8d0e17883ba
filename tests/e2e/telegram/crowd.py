"""Many people who write to the bot in Telegram one after another. Tests and the bench."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.e2e.seed import until
from tests.e2e.telegram.telegram_stage import TelegramStage
from tests.fakes.telegram import User


@dataclass(frozen=True, slots=True)
class Askers:
    """`asked` is when each did, by chat."""

    stage: TelegramStage
    people: Sequence[User]
    asked: dict[int, float] = field(default_factory=dict)

    async def ask(self, over: float) -> None:
        """Each `/help` in private, evenly over so many seconds."""
        for person in self.people:
            self.asked[person.chat.id] = time.monotonic()
            await person.say(person.chat, "/help")
            await asyncio.sleep(over / len(self.people))

    async def waited(self) -> list[float]:
        """Wait for all answers; the seconds from each command to the request that answers it."""
        await until(lambda: all(one.chat.messages for one in self.people), "answers")
        answers = {call.chat_id: call.at for call in self.stage.telegram.made("sendMessage")}
        return [answers[chat] - at for chat, at in self.asked.items()]


def askers(stage: TelegramStage, count: int) -> Askers:
    """So many people who have started the bot."""
    return Askers(stage, [stage.telegram.add_user(f"person {n}") for n in range(count)])
