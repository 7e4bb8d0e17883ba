"""What can be chosen, as options that Discord helps to fill in; each becomes words of the command.

Several at once are several changes, told in one answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import discord
from discord import app_commands
from discord.ext import commands as ext

from bot import texts
from bot.commands import Commands, Readiness, Reply, Request
from bot.model import Address, Message, Preference, Tone
from bot.platforms.discord import (
    Interaction,
    RequestOptions,
    address_at,
    dispatcher_of,
    readiness_at,
)
from cogs.common import Choices, call, choice, coins, slash
from cogs.options import TextChannelOption

_POSTS = RequestOptions(posts=True)
_OPTIONS = {
    name: texts.discord.OPTIONS[name]
    for name in (
        *("role", "night", "zone", "at_night", "night_mention", "at_end", "clip_by"),
        *("notices", "updates", "reset", "everywhere"),
    )
}


def _values(preference: Preference, *words: str) -> Choices:
    return [choice(texts.settings.value(preference, word), word) for word in words]


class Settings(ext.Cog):
    """`/settings`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @slash("settings", **_OPTIONS)
    @app_commands.choices(
        at_night=_values(Preference.NIGHT_MODE, "silent", "skip", "digest"),
        night_mention=_values(Preference.NIGHT_MENTION, "yes", "no"),
        at_end=_values(Preference.AT_END, "edit", "delete", "leave"),
        clip_by=_values(Preference.CLIP_BY, "everyone", "managers"),
        updates=_values(Preference.UPDATES, "yes", "no"),
        reset=[choice(label, words) for words, label in texts.discord.RESETS.items()],
    )
    async def settings(
        self,
        interaction: Interaction,
        mint: str | None = None,
        role: discord.Role | None = None,
        night: str | None = None,
        zone: str | None = None,
        at_night: str | None = None,
        night_mention: str | None = None,
        at_end: str | None = None,
        clip_by: str | None = None,
        notices: TextChannelOption | None = None,
        updates: str | None = None,
        reset: str | None = None,
        everywhere: bool = False,
    ) -> None:
        told = {
            "role": str(role.id) if role is not None else None,
            "night": _night(night, zone, at_night),
            "night-mention": night_mention,
            "at-end": at_end,
            "clip-by": clip_by,
            "updates": updates,
        }
        named = "".join(mint.split()) if mint else ""
        coin = f"mint={named}" if named else ""
        scope = (coin, "place" if everywhere else "")
        changes = [_Change((topic, said, *scope)) for topic, said in told.items() if said]
        if reset:
            changes.append(_Change((reset, *scope)))
        if notices is not None:
            where, ready = address_at(interaction, notices), readiness_at(interaction, notices)
            changes.append(_Change(("notices", "here"), where, ready))
        if not changes:
            call(self._commands, interaction, "settings", (coin,), _POSTS)
            return
        # Everyone is refused by the command, beside what else was chosen.
        whom = None if role is None or role.is_default() else role
        dispatcher_of(interaction).take(
            interaction,
            lambda request: _all(self._commands, request, changes),
            RequestOptions(posts=True, role=whom),
        )

    @settings.autocomplete("mint")
    async def suggest(self, interaction: Interaction, text: str) -> Choices:
        return await coins(self._commands, interaction, text)


def _night(hours: str | None, zone: str | None, mode: str | None) -> str | None:
    """They are one topic, told in one."""
    return " ".join(filter(None, (hours, zone, mode))) or None


@dataclass(frozen=True, slots=True)
class _Change:
    """The words of one change; `where` is another channel than the one where it was typed, and
    `readiness` asks whether it can be posted there."""

    words: tuple[str, ...]
    where: Address | None = None
    readiness: Callable[[], Awaitable[Readiness]] | None = None

    def asked(self, request: Request, reply: Reply) -> Request:
        """The request for this change alone."""
        if self.where is None:
            return replace(request, reply=reply)
        return replace(
            request,
            reply=reply,
            address=self.where,
            readiness=self.readiness,
            is_elsewhere=self.where.channel != request.address.channel,
        )


class _Kept:
    """A `Reply` that keeps what it is shown, to be told with the rest."""

    def __init__(self, reply: Reply) -> None:
        self.pace = reply.pace
        self.request_id = reply.request_id
        self.reply_to = reply.reply_to
        self.shown: list[Message] = []

    async def show(self, message: Message) -> None:
        self.shown.append(message)


async def _all(commands: Commands, request: Request, changes: Sequence[_Change]) -> None:
    kept = _Kept(request.reply)
    for change in changes:
        await commands.call(change.asked(request, kept), "settings", change.words)
    await request.reply.show(_together(kept.shown))


def _together(messages: Sequence[Message]) -> Message:
    """One answer out of several: what went wrong is told beside what was done."""
    lines = tuple(line for message in messages for line in message.lines)
    is_bad = any(message.tone is Tone.BAD for message in messages)
    title = next((message.title for message in messages if message.title), "")
    return Message(title=title, lines=lines, tone=Tone.BAD if is_bad else Tone.GOOD)
