"""Discord's client, on the stand-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.discord import Channel, FakeDiscord, Message, User
from tests.fakes.discord.people.interaction import COMMAND, COMPONENT
from tests.fakes.discord.state import payloads
from tests.looks.discord import line as lines
from tests.looks.discord.message import message
from tests.looks.discord.modal import modal
from tests.looks.discord.names import Names
from tests.looks.html import Markup
from tests.looks.view import Eyes, File, Json, Place

ROLE, CHANNEL, PERSON, YES_NO = 8, 7, 6, 5
_FORUM = 15


class DiscordView:
    """The servers that people are in, and each one's conversation with the bot."""

    name = "discord"
    title = "Discord"

    def __init__(self, discord: FakeDiscord, people: Sequence[User]) -> None:
        self._discord = discord
        self._users = {one.name: one for one in people}
        self.people = tuple(self._users)

    def places(self, person: str) -> list[Place]:
        """The channels, and the conversation with the bot."""
        user = self._users[person]
        channels = [
            Place(str(one.id), one.name, "#", guild.name)
            for guild in self._discord.guilds.values()
            if user.id in guild.members
            for one in guild.channels.values()
            if one.kind != _FORUM
        ]
        own = Place(str(user.dm.id), self._discord.bot.name, "@", "Direct message")
        return [*channels, own]

    def messages(self, eyes: Eyes) -> list[tuple[str, Markup]]:
        """See `View`."""
        me, channel = self._users[eyes.person].id, self._channel(eyes)
        names = self._names(channel)
        return [
            (str(one.id), message(self._told(one), names))
            for one in channel.posts
            if not one.deleted and one.seen_by in (None, me)
        ]

    def file(self, path: str) -> File | None:
        """See `View`."""
        _, _, rest = path.partition("attachments/")
        number = rest.split("/")[1] if rest.count("/") == 2 else ""
        found = self._discord.files.get(int(number)) if number.isdecimal() else None
        return File(found.data, found.content_type) if found is not None else None

    async def suggest(self, eyes: Eyes, line: str) -> list[Json]:
        """See `View`."""
        commands = self._discord.synced(self._channel(eyes).guild)
        if " " not in line:
            return lines.commands_like(line, commands)
        read = lines.read(line, commands)
        if read.open and not line.endswith(" "):
            offered = await self._offered(eyes, read)
            return lines.values_of(read.begun, offered)
        return lines.options_left(line, commands[read.command], read.values)

    async def act(self, eyes: Eyes, told: Json) -> Json:
        """See `View`."""
        user = self._users[eyes.person]
        if "line" in told:
            command, values = self._command(eyes, told["line"])
            asked = await user.slash(self._channel(eyes), command, **values)
        elif "submit" in told:
            form = self._discord.asked[int(told["submit"])]
            asked = await user.submit(form, told["values"])
        else:
            shown = self._discord.messages[int(told["message"])]
            asked = (
                await user.press(shown, custom_id=told["press"])
                if "press" in told
                else await user.choose(shown, told["choose"], told["values"])
            )
        if asked.acknowledged_at is None:
            return {"toast": "The application did not respond"}
        if asked.modal is not None:
            return {"modal": modal(asked.modal, self._names(asked.channel), submit=asked.id)}
        return {}

    def _command(self, eyes: Eyes, line: str) -> tuple[str, dict[str, Any]]:
        channel = self._channel(eyes)
        commands = self._discord.synced(channel.guild)
        assert line.startswith("/"), "The bot reads no messages, only commands"
        read = lines.read(line, commands)
        described = {one["name"]: one for one in commands[read.command].get("options") or ()}
        return read.command, {
            name: self._value(channel, described[name], value)
            for name, value in read.values.items()
            if value
        }

    def _value(self, channel: Channel, option: Json, value: str) -> Any:
        """As the client sends it: a channel, a role and a person are chosen by name."""
        known = self._chosen(channel).get(option["type"])
        if known is None:
            return lines.typed(option, value)
        named = {name.lower(): one for name, one in known.items()}
        assert value.lower() in named, f"{option['name']}: there is no {value} here"
        return named[value.lower()]

    def _chosen(self, channel: Channel) -> dict[int, dict[str, Any]]:
        """What the options of channels, roles and people take here, by name."""
        guild = channel.guild
        if guild is None:
            return {}
        roles = self._names(channel).roles
        people = {f"@{one.user.name}": one for one in guild.members.values()}
        return {
            CHANNEL: {f"#{one.name}": one for one in guild.channels.values()},
            ROLE: {f"@{name}": guild.roles[int(key)] for key, name in roles.items()},
            PERSON: people,
        }

    async def _offered(self, eyes: Eyes, read: lines.Line) -> Sequence[Json]:
        """The values of the option that is typed."""
        channel = self._channel(eyes)
        command = self._discord.synced(channel.guild)[read.command]
        option = next(one for one in command["options"] if one["name"] == read.open)
        text = read.values[read.open]
        if option.get("autocomplete"):
            user = self._users[eyes.person]
            return await user.autocomplete(channel, read.command, read.open, text)
        plain = ("True", "False") if option["type"] == YES_NO else ()
        named = self._chosen(channel).get(option["type"], plain)
        known = option.get("choices") or [{"name": one, "value": one} for one in named]
        return [one for one in known if text.lower() in one["name"].lower()]

    def _told(self, one: Message) -> Json:
        """Its JSON, with what the client knows of the interaction that it answers."""
        world = self._discord
        author = world.users[one.author_id]
        told = payloads.message(one, author, application=world.application_id)
        asked = world.asked.get(one.interaction_id or 0)
        if asked is None:
            return told
        if asked.kind == COMMAND:
            who = payloads.user(asked.user)
            told["interaction"] = {"name": asked.command, "user": who}
        if asked.kind == COMPONENT and asked.source is not None and asked.source is not one:
            told["referenced_message"] = self._told(asked.source)
        return told

    def _names(self, channel: Channel) -> Names:
        """Of what messages there name. Roles that stand for one person's rights are not shown."""
        guild = channel.guild
        roles = guild.roles.values() if guild is not None else ()
        channels = guild.channels.values() if guild is not None else ()
        return Names(
            users={str(one.id): _shown(one.name) for one in self._discord.users.values()},
            roles={
                str(one.id): one.name
                for one in roles
                if one.name != "@everyone" and not one.name.startswith("of ")
            },
            channels={str(one.id): one.name for one in channels},
            now=self._discord.now(),
            cdn=self._discord.cdn,
        )

    def _channel(self, eyes: Eyes) -> Channel:
        return self._discord.channels[int(eyes.place)]


def _shown(name: str) -> str:
    return name.capitalize() if name.islower() else name
