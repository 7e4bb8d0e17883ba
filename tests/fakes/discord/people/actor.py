"""How the client turns what a person does into an interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.people.interaction import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    SUBMIT,
    Asked,
)
from tests.fakes.discord.people.options import Typed, find_command, focus, read_options
from tests.fakes.discord.people.standing import app_permissions, owners, who
from tests.fakes.discord.people.using import chosen, filled, find_button, find_select
from tests.fakes.discord.state import payloads
from tests.fakes.discord.state.permissions import ADMINISTRATOR, bits

if TYPE_CHECKING:
    from tests.fakes.discord.people.users import Member, User
    from tests.fakes.discord.state.messages import Message
    from tests.fakes.discord.state.places import Channel
    from tests.fakes.discord.state.world import World

Json = dict[str, Any]

IN_GUILD, WITH_BOT, ELSEWHERE = 0, 1, 2
FOR_GUILD, FOR_USER = 0, 1
USE = bits(["use_application_commands"])


@dataclass(slots=True)
class Actor:
    """Somebody, in one place. `brought_by` is who installed the bot for themselves and used it;
    None where it is installed in the server alone, or in a conversation with it. What somebody
    brought needs no permission of the server, whether or not the bot is there as well."""

    world: World
    user: User
    channel: Channel
    brought_by: User | None

    async def slash(self, name: str, options: dict[str, Any], *, wait: bool) -> Asked:
        """Type a command and send it."""
        command = self._command(name)
        typed = read_options(self, command, name, options)
        asked = self._new(COMMAND)
        asked.command = name
        self._send(asked, self._data(command, typed))
        return await self._acknowledged(asked) if wait else asked

    async def autocomplete(
        self, name: str, option: str, text: str, others: dict[str, Any]
    ) -> list[Json]:
        """Type into one option and see what is offered."""
        command = self._command(name)
        typed = read_options(self, command, name, {**others, option: text}, partial=True)
        focus(typed, option)
        asked = self._new(AUTOCOMPLETE)
        self._send(asked, self._data(command, typed))
        await self._acknowledged(asked)
        assert asked.choices is not None, "nothing was offered within 3 s"
        return asked.choices

    async def press(
        self, message: Message, *, label: str | None, custom_id: str | None, wait: bool
    ) -> Asked:
        """Press a button."""
        button = find_button(message, label, custom_id)
        data = {"custom_id": button["custom_id"], "component_type": 2}
        return await self._use(message, data, wait=wait)

    async def choose(
        self, message: Message, custom_id: str, values: Sequence[str], *, wait: bool
    ) -> Asked:
        """Choose in a select."""
        select = find_select(message, custom_id)
        return await self._use(message, chosen(self, select, values), wait=wait)

    async def submit(self, form: Asked, values: Mapping[str, Any], *, wait: bool) -> Asked:
        """Fill in the modal that answered an interaction."""
        assert form.modal is not None, "nothing asks for that"
        asked = self._new(SUBMIT)
        asked.source = form.source
        self._send(asked, filled(form.modal, values), **self._shown(form.source))
        return await self._acknowledged(asked) if wait else asked

    async def _use(self, message: Message, data: Json, *, wait: bool) -> Asked:
        """Something of a message."""
        assert not message.deleted, "that message is gone"
        assert message.seen_by in (None, self.user.id), "that message is for somebody else"
        asked = self._new(COMPONENT)
        asked.source = message
        self._send(asked, data, **self._shown(message))
        return await self._acknowledged(asked) if wait else asked

    def _shown(self, message: Message | None) -> Json:
        if message is None:
            return {}
        author = self.world.users[message.author_id]
        told = payloads.message(message, author, application=self.world.application_id)
        return {"message": told}

    def _command(self, name: str) -> Json:
        """The synced command, if the client would show it here to this person."""
        command = find_command(self.world.synced(self.channel.guild), name)
        contexts, installs = command.get("contexts"), command.get("integration_types")
        assert contexts is None or self.context in contexts, f"/{name} is not offered here"
        assert (installs or [FOR_GUILD]).count(self._owner) == 1, f"/{name} is not installed so"
        assert not self.channel.archived, "no commands in an archived thread"
        if self.channel.guild is None:
            return command
        assert self.brought_by or self.channel.guild.has_bot, "the bot is not there"
        held = self.member.permissions_in(self.channel)
        assert held & USE, f"{self.user.name} may not use commands here"
        needed = int(command.get("default_member_permissions") or 0)
        opened = command["name"] in self.channel.guild.opened
        free = opened or self.brought_by or held & ADMINISTRATOR
        assert free or held & needed == needed, f"/{name} is not shown to {self.user.name}"
        return command

    @property
    def context(self) -> int:
        """Where the interaction comes from."""
        if self.channel.guild is not None:
            return IN_GUILD
        return WITH_BOT if self.channel.kind == 1 else ELSEWHERE

    @property
    def member(self) -> Member:
        """The person in this server."""
        assert self.channel.guild is not None
        members = self.channel.guild.members
        assert self.user.id in members, f"{self.user.name} is not in {self.channel.guild.name}"
        return members[self.user.id]

    @property
    def _owner(self) -> int:
        return FOR_USER if self.brought_by else FOR_GUILD

    def _new(self, kind: int) -> Asked:
        assert self.world.gateway.sessions, "no bot is connected"
        guild = self.channel.guild
        boosted = guild.file_limit if guild is not None else 0
        asked = Asked(
            world=self.world,
            id=self.world.ids.next(),
            kind=kind,
            user=self.user,
            channel=self.channel,
            created=self.world.now(),
            file_limit=max(boosted, self.user.nitro_limit),
            member_there=self.channel.kind == 1 if guild is None else guild.has_bot,
            brought=self.brought_by is not None,
        )
        self.world.asked[asked.id] = asked
        return asked

    def _send(self, asked: Asked, data: Json, **more: Any) -> None:
        told = {
            "id": str(asked.id),
            "application_id": str(self.world.application_id),
            "type": asked.kind,
            "token": asked.token,
            "version": 1,
            "locale": "en-US",
            "data": data,
            "channel_id": str(self.channel.id),
            "channel": payloads.channel(self.channel),
            "context": self.context,
            "entitlements": [],
            "attachment_size_limit": asked.file_limit,
            "app_permissions": str(app_permissions(self.channel)),
            "authorizing_integration_owners": owners(self.channel, self.brought_by),
            **more,
        }
        self.world.gateway.dispatch("INTERACTION_CREATE", told | who(self))

    def _data(self, command: Json, typed: Typed) -> Json:
        data: Json = {"id": command["id"], "name": command["name"], "type": 1}
        if typed.options:
            data["options"] = typed.options
        if typed.resolved:
            data["resolved"] = typed.resolved
        if command.get("guild_id"):
            data["guild_id"] = command["guild_id"]
        return data

    async def _acknowledged(self, asked: Asked) -> Asked:
        """Wait for it as long as Discord would, by the clock of this world."""
        return await asked.until(lambda one: one.acknowledged_at or one.too_late)
