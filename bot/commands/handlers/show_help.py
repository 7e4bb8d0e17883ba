"""`/help`: the first steps, what there is, and within which limits."""

from __future__ import annotations

from bot import texts
from bot.commands import formatting
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.limits import Limits
from bot.commands.parsing.parser import nearest
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import Line, Message, Target

COMMAND = Command(
    "help",
    texts.commands.SUMMARIES["help"],
    (Parameter("command", texts.commands.PARAMETERS["command"], Kind.COMMAND),),
)


async def run(
    context: CommandContext, request: Request, target: Target, catalogue: tuple[Command, ...]
) -> Message:
    """All of it, or one command in full."""
    if request.words:
        return _about(request, request.words[0], catalogue)
    steps = texts.commands.first_steps(context.limits.default_seconds)
    lines: list[Line] = [
        formatting.line(texts.commands.help_intro()),
        formatting.line(formatting.bold(texts.commands.FIRST_STEPS)),
        *(formatting.with_commands(step) for step in steps),
        *_groups(),
    ]
    if request.has_managers:
        names = [command.name for command in catalogue if command.manages]
        told = texts.commands.only_managers(names, request.address.platform)
        lines.append(formatting.with_commands(told))
    rest = texts.commands.help_rest(by_options=request.by_options)
    lines.append(formatting.with_commands(rest))
    lines += [formatting.line(text) for text in _limits(context.limits, request.upload_limit)]
    return Message(title=texts.commands.help_title(context.version), lines=tuple(lines))


def _groups() -> list[Line]:
    """The commands by what they are about, a line each."""
    return [
        (formatting.bold(group), *formatting.with_commands(f": {', '.join(map(_slash, names))}"))
        for group, names in texts.commands.HELP_GROUPS.items()
    ]


def _slash(name: str) -> str:
    return f"/{name}"


def _limits(limits: Limits, upload: int) -> tuple[str, ...]:
    return texts.commands.limits(
        default=limits.default_seconds,
        longest=limits.max_seconds,
        upload=upload,
        person=limits.per_person_cooldown_seconds,
        place=limits.per_place_cooldown_seconds,
        keep_hours=limits.keep_hours,
        waiting=limits.most_waiting_place,
        coins=limits.most_in_place,
    )


def _about(request: Request, word: str, catalogue: tuple[Command, ...]) -> Message:
    name = word.removeprefix("/").lower()
    found = next((command for command in catalogue if command.name == name), None)
    if found is None:
        names = [command.name for command in catalogue]
        raise Refused(texts.commands.unknown_command(nearest(name, names)))
    found = found.shown(by_options=request.by_options)
    lines = [formatting.line(found.summary + _who(request, found))]
    lines += [
        formatting.line(formatting.bold(parameter.name), f": {parameter.description}")
        for parameter in found.parameters
    ]
    lines += [formatting.line(text) for text in found.details.splitlines()]
    return Message(title=found.usage, lines=tuple(lines))


def _who(request: Request, command: Command) -> str:
    """Empty where everybody who reads it may use it."""
    if not (command.manages and request.has_managers):
        return ""
    return f" {texts.commands.for_managers(request.address.platform)}"
