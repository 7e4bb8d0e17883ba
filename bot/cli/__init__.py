"""The command line: each command's arguments. What does the work is imported by the command that is
run, since nobody who reads `--help` waits for a database or a network.

Exit codes are in `bot.cli.common`, the words of the help in `bot.cli.help_text`.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot import __version__
from bot.cli import help_text, streams
from bot.cli.common import (
    ConfigOption,
    Exit,
    JsonOption,
    MintArgument,
    Source,
    VerboseOption,
    output_path,
    user_path,
)
from bot.cli.help import HelpCommand, HelpGroup

_Function = TypeVar("_Function", bound=Callable[..., None])
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

app = typer.Typer(
    cls=HelpGroup,
    help=help_text.ABOUT,
    context_settings=_CONTEXT,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _command(name: str, **context: Any) -> Callable[[_Function], _Function]:
    about = help_text.COMMANDS[name].about
    return app.command(
        name,
        cls=HelpCommand,
        help=about,
        short_help=about.partition("\n")[0],
        context_settings={**_CONTEXT, **context},
    )


def _hold_collector() -> None:
    from bot.kit.processes.own_process import hold_collector

    hold_collector()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mintcast {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help=help_text.VERSION),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(help_text.SHORT, err=True)
        raise typer.Exit(Exit.USAGE)


@_command("run")
def run_(
    config: ConfigOption = None,
    verbose: VerboseOption = False,
    stay: Annotated[bool, typer.Option("--stay", help=help_text.STAY)] = False,
) -> None:
    """The service."""
    _hold_collector()
    from bot.cli import outcome, run_command

    outcome.run(run_command.run(outcome.Options(config, verbose), stay=stay))


@_command("check")
def check(config: ConfigOption = None, verbose: VerboseOption = False) -> None:
    """Everything that the service needs."""
    from bot.cli import outcome, run_command

    outcome.run(run_command.check(outcome.Options(config, verbose)))


@_command("status")
def status(
    as_json: JsonOption = False, config: ConfigOption = None, verbose: VerboseOption = False
) -> None:
    """A service that runs."""
    from bot.cli import outcome, run_command

    options = outcome.Options(config, verbose)
    outcome.run(run_command.status(options, as_json=as_json), as_json=as_json)


@_command("backup")
def backup(
    file: Annotated[
        Path | None, typer.Argument(parser=output_path, metavar="FILE", help=help_text.BACKUP_FILE)
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """A copy of the database."""
    from bot.cli import database_command, outcome

    outcome.run(database_command.back_up(file, outcome.Options(config, verbose)))


@_command("restore")
def restore(
    file: Annotated[
        Path, typer.Argument(parser=user_path, metavar="FILE", help=help_text.RESTORED_FILE)
    ],
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """The database as it was."""
    from bot.cli import database_command, outcome

    outcome.run(database_command.restore(file, outcome.Options(config, verbose)))


@_command("move-store")
def move_store(
    source: Annotated[str, typer.Argument(metavar="FROM", help=help_text.MOVED_FROM)],
    target: Annotated[str, typer.Argument(metavar="TO", help=help_text.MOVED_TO)],
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Another kind of database."""
    from bot.cli import database_command, outcome

    outcome.run(database_command.move(source, target, outcome.Options(config, verbose)))


@_command("live")
def live(
    mint: MintArgument,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """One look at pump.fun."""
    _hold_collector()  # for good: it ends when pump.fun has answered
    from bot.cli import live_command, outcome

    options = outcome.Options(config, verbose)
    outcome.run(live_command.live(mint, as_json, options), as_json=as_json)


@_command("clip", ignore_unknown_options=True)  # so that `-5` is a bad duration
def clip(
    mint: MintArgument,
    duration: Annotated[
        str | None, typer.Argument(metavar="DURATION", help=help_text.DURATION)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", parser=output_path, metavar="PATH", help=help_text.CLIP_FILE),
    ] = None,
    max_bytes: Annotated[
        str | None, typer.Option("--max-bytes", metavar="SIZE", help=help_text.MAX_BYTES)
    ] = None,
    ago: Annotated[
        str | None, typer.Option("--ago", metavar="DURATION", help=help_text.AGO)
    ] = None,
    begins: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help=help_text.FROM)
    ] = None,
    source: Annotated[
        Source,
        typer.Option("--source", metavar="SOURCE", show_default=False, help=help_text.SOURCE),
    ] = Source.AUTO,
    watch: Annotated[bool, typer.Option("--watch", help=help_text.WATCH)] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """An MP4."""
    if watch:  # by default a SIGUSR1 that comes too early would end us
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    _hold_collector()
    from bot.cli import clip_routes, outcome
    from bot.cli.clip_arguments import ClipArguments

    asked = ClipArguments(
        mint,
        outcome.Options(config, verbose),
        duration=duration,
        out=out,
        max_bytes=max_bytes,
        ago=ago,
        begins=begins,
        source=source,
        watch=watch,
        as_json=as_json,
    )
    outcome.run(clip_routes.clip(asked), as_json=as_json)


@_command("demo")
def demo(
    port: Annotated[
        int | None, typer.Option("--port", metavar="PORT", min=1, max=65535, help=help_text.PORT)
    ] = None,
    once: Annotated[bool, typer.Option("--once", help=help_text.ONCE)] = False,
    out: Annotated[
        Path,
        typer.Option("--out", parser=user_path, metavar="PATH", help=help_text.STORY_FILES),
    ] = Path("demo-files"),
    verbose: VerboseOption = False,
) -> None:
    """A world on this machine."""
    from bot.cli import outcome, run_command

    outcome.run(run_command.demo(port, once=once, out=out, verbose=verbose))


def main() -> None:
    """The console script."""
    streams.prepare()
    app(prog_name="mintcast")
