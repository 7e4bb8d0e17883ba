"""People, and what they do in the client: type commands, press buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.discord.people.interaction import Asked
    from tests.fakes.discord.state.messages import Message
    from tests.fakes.discord.state.places import Channel, Guild, Role
    from tests.fakes.discord.state.world import World


@dataclass(slots=True, eq=False)
class User:
    """A person, or the bot. `blocks` refuses the bot's direct messages. `nitro_limit` is what
    their own subscription lets them upload, in bytes."""

    world: World = field(repr=False)
    id: int
    name: str
    bot: bool = False
    blocks: bool = False
    nitro_limit: int = 10 << 20

    @property
    def mention(self) -> str:
        """As one writes it."""
        return f"<@{self.id}>"

    @property
    def dm(self) -> Channel:
        """Their conversation with the bot."""
        return self.world.dm_of(self)

    def write(self, text: str) -> Message:
        """Write to the bot in private."""
        return self.world.write(self, text)

    async def slash(
        self,
        channel: Channel,
        command: str,
        /,
        *,
        installed_for_user: bool = False,
        wait: bool = True,
        **options: Any,
    ) -> Asked:
        """As `Member.slash`; with `installed_for_user` they brought the bot themselves."""
        act = self.world.actor(self, channel, self if installed_for_user else None)
        return await act.slash(command, options, wait=wait)

    async def autocomplete(
        self,
        channel: Channel,
        command: str,
        option: str,
        typed: str,
        /,
        *,
        installed_for_user: bool = False,
        **others: Any,
    ) -> list[dict[str, Any]]:
        """As `Member.autocomplete`."""
        act = self.world.actor(self, channel, self if installed_for_user else None)
        return await act.autocomplete(command, option, typed, others)

    async def press(
        self,
        message: Message,
        *,
        label: str | None = None,
        custom_id: str | None = None,
        wait: bool = True,
    ) -> Asked:
        """As `Member.press`."""
        act = self.world.actor(self, message.channel, self.world.who_brought(message))
        return await act.press(message, label=label, custom_id=custom_id, wait=wait)

    async def choose(
        self, message: Message, custom_id: str, values: Sequence[str], *, wait: bool = True
    ) -> Asked:
        """Choose in the select of that id: values of its options, or ids."""
        act = self.world.actor(self, message.channel, self.world.who_brought(message))
        return await act.choose(message, custom_id, values, wait=wait)

    async def submit(self, form: Asked, values: Mapping[str, Any], *, wait: bool = True) -> Asked:
        """Fill in the modal that `form` was answered with: values by custom_id, lists of them for
        boxes and selects."""
        act = self.world.actor(self, form.channel, self if form.brought else None)
        return await act.submit(form, values, wait=wait)


@dataclass(slots=True, eq=False)
class Member:
    """A person in one server."""

    user: User
    guild: Guild
    roles: tuple[Role, ...]
    timed_out_until: datetime | None = None

    @property
    def id(self) -> int:
        """The person's."""
        return self.user.id

    @property
    def mention(self) -> str:
        """As one writes it."""
        return self.user.mention

    def permissions_in(self, channel: Channel) -> int:
        """What they may do there."""
        return channel.permissions_of(self.user.id, {role.id for role in self.roles})

    async def slash(
        self, channel: Channel, command: str, /, *, wait: bool = True, **options: Any
    ) -> Asked:
        """Type a command that was synced, with channels, roles and people as themselves. Returns
        when it is acknowledged, or 3 s later; with `wait=False` at once. A subcommand is
        `"group sub"`. What the client would not let them do is an `AssertionError`."""
        return await self.user.slash(channel, command, wait=wait, **options)

    async def autocomplete(
        self, channel: Channel, command: str, option: str, typed: str, /, **others: Any
    ) -> list[dict[str, Any]]:
        """What is offered (`name` and `value`) to somebody who has typed so far."""
        return await self.user.autocomplete(channel, command, option, typed, **others)

    async def press(
        self,
        message: Message,
        *,
        label: str | None = None,
        custom_id: str | None = None,
        wait: bool = True,
    ) -> Asked:
        """Press the one button of that label or custom_id."""
        return await self.user.press(message, label=label, custom_id=custom_id, wait=wait)

    async def choose(
        self, message: Message, custom_id: str, values: Sequence[str], *, wait: bool = True
    ) -> Asked:
        """Choose in the select of that id."""
        return await self.user.choose(message, custom_id, values, wait=wait)
