"""`/help`: what there is, within which limits, and how to begin."""

from __future__ import annotations

from bot import texts
from bot.commands import formatting
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.parser import nearest, parse_mints
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import Line, Message, Target, Verb

COMMAND = Command(
    "help",
    texts.commands.SUMMARIES["help"],
    (Parameter("command", texts.commands.PARAMETERS["command"], Kind.COMMAND),),
)


async def run(
    context: CommandContext, request: Request, target: Target, catalogue: tuple[Command, ...]
) -> Message:
    """All of it, or one command in full."""
    catalogue = tuple(each.shown(by_options=request.by_options) for each in catalogue)
    platform = request.address.platform
    mints = parse_mints(request.words).mints
    if request.words and not mints:
        return _about(request.words[0], catalogue, platform)
    limits = context.limits
    lines: list[Line] = [formatting.line(texts.commands.help_intro())]
    lines += [_in_list(command, platform) for command in catalogue]
    first, *steps = texts.commands.FIRST_STEPS
    lines += [formatting.line(formatting.bold(first)), *(formatting.line(step) for step in steps)]
    lines += [
        formatting.line(text)
        for text in texts.commands.limits(
            default=limits.default_seconds,
            longest=limits.max_seconds,
            upload=request.upload_limit,
            person=limits.per_person_cooldown_seconds,
            place=limits.per_place_cooldown_seconds,
            keep_hours=limits.keep_hours,
            waiting=limits.most_waiting,
            coins=limits.most_in_place,
        )
    ]
    # A link to the bot may carry a coin: `/start <mint>`.
    buttons = [
        formatting.press(texts.commands.SUBSCRIBE, Verb.SUBSCRIBE, mint) for mint in mints[:1]
    ]
    return Message(
        title=texts.commands.help_title(context.version),
        lines=tuple(lines),
        buttons=formatting.rows(buttons),
    )


def _about(word: str, catalogue: tuple[Command, ...], platform: str) -> Message:
    name = word.removeprefix("/").lower()
    found = next((command for command in catalogue if command.name == name), None)
    if found is None:
        names = [command.name for command in catalogue]
        raise Refused(texts.commands.unknown_command(nearest(name, names)))
    lines = [formatting.line(found.summary + _who(found, platform))]
    lines += [
        formatting.line(formatting.bold(parameter.name), f": {parameter.description}")
        for parameter in found.parameters
    ]
    lines += [formatting.line(text) for text in found.details.splitlines()]
    return Message(title=found.usage, lines=tuple(lines))


def _in_list(command: Command, platform: str) -> Line:
    told = f" – {command.summary}{_who(command, platform)}"
    return formatting.line(formatting.bold(command.usage), told)


def _who(command: Command, platform: str) -> str:
    words = texts.commands.for_managers(platform) if command.manages else ""
    return f" {words}" if words else ""
