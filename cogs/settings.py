"""What can be chosen, as options that Discord helps to fill in; each becomes words of the command.

Several at once are several changes, told in one answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands as ext

from bot import texts
from bot.commands import Commands, Readiness, Reply, Request
from bot.model import Address, Message, Preference, PreferenceKind, Tone
from bot.platforms.discord import (
    Interaction,
    RequestOptions,
    address_at,
    dispatcher_of,
    readiness_at,
)
from cogs.common import Choices, call, choice, coins, several, slash
from cogs.options import TextChannelOption

_POSTS = RequestOptions(posts=True)
_DESCRIPTIONS = {
    **{name.spec.option: texts.preferences.WORDS[name].option for name in Preference},
    **{name: texts.discord.OPTIONS[name] for name in ("reset", "everywhere")},
}
_CHOICES = {
    name.spec.option: [choice(texts.settings.value(name, one), one) for one in name.spec.choices]
    for name in Preference
    if name.spec.kind is PreferenceKind.CHOICE
}
_RESETS = [choice(label, words) for words, label in texts.discord.RESETS.items()]

_TYPES: Mapping[PreferenceKind, Any] = {
    PreferenceKind.ROLE: discord.Role | None,
    PreferenceKind.CHANNEL: TextChannelOption | None,
}
"""What Discord lets a person pick from; else it is a text."""

_ONE_NIGHT = (Preference.NIGHT, Preference.TIME_ZONE, Preference.NIGHT_MODE)
"""They are one topic, told in one."""


def _with_preferences(method: Any) -> Any:
    """Declare an option for each preference, in the place of `**chosen`."""
    shown = inspect.signature(method)
    cog, interaction, mint, reset, everywhere, _ = shown.parameters.values()
    options = [
        inspect.Parameter(
            name.spec.option,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=None,
            annotation=_TYPES.get(name.spec.kind, str | None),
        )
        for name in Preference
    ]
    method.__signature__ = shown.replace(
        parameters=[cog, interaction, mint, *options, reset, everywhere]
    )
    return method


class Settings(ext.Cog):
    """`/settings`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @slash("settings", **_DESCRIPTIONS)
    @app_commands.choices(**_CHOICES, reset=_RESETS)
    @_with_preferences
    async def settings(
        self,
        interaction: Interaction,
        mint: str | None = None,
        reset: str | None = None,
        everywhere: bool = False,
        **chosen: Any,
    ) -> None:
        named = "".join(mint.split()) if mint else ""
        coin = f"mint={named}" if named else ""
        scope = (coin, "place" if everywhere else "")
        # What is chosen with a reset holds after it.
        changes = [_Change((reset, *scope))] if reset else []
        changes += [_Change((*words, *scope)) for words in _topics(chosen)]
        changes += _channels(interaction, chosen)
        if not changes:
            call(self._commands, interaction, "settings", (coin,), _POSTS)
            return
        # Everyone is refused by the command, beside what else was chosen.
        role = chosen[Preference.ROLE.spec.option]
        whom = None if role is None or role.is_default() else role
        dispatcher_of(interaction).take(
            interaction,
            lambda request: _all(self._commands, request, changes),
            RequestOptions(posts=True, role=whom),
        )

    @settings.autocomplete("mint")
    async def suggest(self, interaction: Interaction, text: str) -> Choices:
        return await coins(self._commands, interaction, text)

    @settings.autocomplete(Preference.NIGHT.spec.option)
    async def suggest_night(self, interaction: Interaction, text: str) -> Choices:
        return await self._values(interaction, Preference.NIGHT, text)

    @settings.autocomplete(Preference.TIME_ZONE.spec.option)
    async def suggest_zone(self, interaction: Interaction, text: str) -> Choices:
        return await self._values(interaction, Preference.TIME_ZONE, text)

    async def _values(self, interaction: Interaction, name: Preference, text: str) -> Choices:
        return await several(
            self._commands, interaction, text, before=f"/settings {name.spec.word} "
        )


def _topics(chosen: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What to say of each topic, in the order of the options; channels are said apart."""
    told: dict[str, list[str]] = {}
    for name in Preference:
        value = chosen[name.spec.option]
        if value and name.spec.kind is not PreferenceKind.CHANNEL:
            topic = Preference.NIGHT if name in _ONE_NIGHT else name
            word = str(value.id) if name.spec.kind is PreferenceKind.ROLE else value
            told.setdefault(topic.spec.word, []).append(word)
    return [(topic, " ".join(words)) for topic, words in told.items()]


def _channels(interaction: Interaction, chosen: Mapping[str, Any]) -> list[_Change]:
    """Each is said where it is to count."""
    return [
        _Change(
            (name.spec.word, "here"),
            address_at(interaction, channel),
            readiness_at(interaction, channel),
        )
        for name in Preference
        if name.spec.kind is PreferenceKind.CHANNEL
        and (channel := chosen[name.spec.option]) is not None
    ]


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
        self.told: Reply | None = None
        """Where it was told, from then on."""

    @property
    def message_id(self) -> str | None:
        return self.told.message_id if self.told is not None else None

    async def show(self, message: Message) -> None:
        self.shown.append(message)

    async def change(self, message: Message) -> None:
        if self.told is not None:
            await self.told.change(message)
        else:
            self.shown[-1:] = [message]

    async def remove(self) -> None:
        self.shown.clear()


async def _all(commands: Commands, request: Request, changes: Sequence[_Change]) -> None:
    kept = _Kept(request.reply)
    for change in changes:
        await commands.call(change.asked(request, kept), "settings", change.words)
    await request.reply.show(_together(kept.shown))
    kept.told = request.reply


def _together(messages: Sequence[Message]) -> Message:
    """One answer out of several: what went wrong is told beside what was done, what holds for all
    of them once, below them, and what can be undone can be."""
    if len(messages) == 1:
        return messages[0]
    buttons = (one for message in messages for row in message.buttons for one in row)
    undo = tuple(one for one in buttons if one.label == texts.undo.UNDO)
    every = [line for message in messages for line in message.lines]
    lines = tuple(reversed(dict.fromkeys(reversed(every))))
    is_bad = any(message.tone is Tone.BAD for message in messages)
    title = next((message.title for message in messages if message.title), "")
    tone = Tone.BAD if is_bad else Tone.GOOD
    return Message(title=title, lines=lines, tone=tone, buttons=(undo,) if undo else ())
