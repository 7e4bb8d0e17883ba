"""How help looks: plain text, with groups, examples and exit codes; bold headings on a terminal.

Without rich, whose import takes longer than all the rest of `--help`.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from bot.cli import help_text
from bot.kit.terminal import BOLD, shows_colour, styled

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

_HEADING = re.compile(r"^\S.*:$|^Usage:", re.MULTILINE)
_COLUMN = 60


class HelpCommand(TyperCommand):
    """A command whose help ends with its examples and exit codes."""

    def get_help(self, ctx: Context) -> str:
        """See click."""
        return _on_terminal(super().get_help(ctx))

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """See click; without braces around what has to be there."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """See click; without the types of arguments, for all are text."""
        parameters = self.get_params(ctx)
        arguments = [each for each in parameters if isinstance(each, TyperArgument)]
        options = [each for each in parameters if isinstance(each, TyperOption)]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl([(each.metavar or "", each.help or "") for each in arguments])
        with formatter.section("Options"):
            formatter.write_dl([row for each in options if (row := each.get_help_record(ctx))])

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        """See click."""
        about = help_text.COMMANDS[self.name or ""]
        with formatter.section("Examples"):
            formatter.write_dl(about.examples, _COLUMN)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), why) for code, why in about.exits.items()])


class HelpGroup(TyperGroup):
    """Lists its commands in groups, in the order in which they were added, and then its options."""

    def get_help(self, ctx: Context) -> str:
        """See click."""
        return _on_terminal(super().get_help(ctx))

    def format_help_text(self, ctx: Context, formatter: HelpFormatter) -> None:
        """See click."""
        super().format_help_text(ctx, formatter)
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            rows = groups.setdefault(help_text.COMMANDS[name].group, [])
            rows.append((name, command.get_short_help_str()))
        for title, rows in groups.items():
            with formatter.section(title):
                formatter.write_dl(rows)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """See typer; they stand above the options already."""

    def format_epilog(self, ctx: Context, formatter: HelpFormatter) -> None:
        """See click."""
        with formatter.section("Examples"):
            formatter.write_dl(
                [about.examples[0] for about in help_text.COMMANDS.values()], _COLUMN
            )
        formatter.write_paragraph()
        formatter.write_text(help_text.MORE)


def _on_terminal(text: str) -> str:
    if not shows_colour(sys.stdout):
        return text
    return _HEADING.sub(lambda found: styled(found[0], BOLD), text)
