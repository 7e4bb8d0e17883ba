"""A Bot API on this machine, for tests with the real python-telegram-bot.

    async with FakeTelegram() as telegram:
        # the service under test: TELEGRAM_TOKEN=telegram.token, telegram.api_url in its settings
        # (PTB: base_url=f"{telegram.api_url}/bot", base_file_url=f"{telegram.api_url}/file/bot")
        al = telegram.add_user("al")
        forum = telegram.add_supergroup("Big", forum=True)
        coins = forum.add_topic("Coins")
        await al.say(al.chat, "/subscribe …")
        await telegram.until(lambda: al.chat.messages)
        pressed = await al.press(al.chat.messages[-1], label="Clip")
        assert (pressed.text, pressed.alert) == ("", False)
        assert coins.messages[-1].photo.data == picture
        assert telegram.rejected == []           # at the end of every test
        assert telegram.uploads["photo"] == 1

`chat.messages` are the bot's, deleted ones too, `chat.shown` those that are left, `chat.history`
has everybody's. `chat.bot("administrator", rights=…)` (member, restricted, left, kicked) changes
what the bot is there and tells it; `chat.add_member` does so for people, of whom it is not told.
`telegram.calls` and `telegram.made("sendPhoto")` are the requests;
`telegram.faults.add(("sendPhoto", chat), Reset(When.AFTER), times=1)` makes the next one fail;
`await telegram.down()` and `up()` refuse connections. `telegram.limits.strict = True` answers 429
above Telegram's rates, and `telegram.limits.measured()` tells what came.
`telegram.advance(seconds)` makes messages older.

Requests are checked against the published description (`tests/data/telegram-api.json`): what
breaks it is refused and kept in `telegram.rejected`.

What the stand-in does not show stands in `docs/telegram.md`.
"""

from tests.fakes.telegram.api.calls import Call
from tests.fakes.telegram.api.faults import Refuse, Reset, RetryAfter, ServerError, Slow, When
from tests.fakes.telegram.api.limits import Limits, Measured
from tests.fakes.telegram.people.actions import Pressed
from tests.fakes.telegram.people.users import User
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state.chats import Chat, Topic
from tests.fakes.telegram.state.keyboards import Button
from tests.fakes.telegram.state.messages import Message

__all__ = [
    "Button",
    "Call",
    "Chat",
    "FakeTelegram",
    "Limits",
    "Measured",
    "Message",
    "Pressed",
    "Refuse",
    "Reset",
    "RetryAfter",
    "ServerError",
    "Slow",
    "Topic",
    "User",
    "When",
]
