"""The command line: each command's arguments and words of help. Exit codes are in `Exit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import __version__, texts
from bot.cli import clip_command, outcome, prompts, streams
from bot.cli.outcome import ConfigOption, Exit, JsonOption, MintArgument, user_path
from bot.kit.processes.own_process import hold_collector
from bot.model import DEFAULT_CLIP_SECONDS

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Go-live alerts and clips of pump.fun livestreams.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mintcast {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


@app.command(name="run")
def run_(config: ConfigOption = None) -> None:
    """Run the service: watcher, alerts, clips, the page, and each platform that has a token.

    Exit: 0 after SIGTERM, SIGHUP or Ctrl-C, 1 a fault here, 78 settings or a token are wrong.
    """
    hold_collector()
    from bot.cli import run_command  # a second that `live` and `clip` need not wait for

    outcome.run(run_command.run(config))


@app.command()
def check(config: ConfigOption = None) -> None:
    """Look at settings, database, tokens and pump.fun, and list every problem at once.

    Exit: 0 all is well, 1 something is not.
    """
    from bot.cli import run_command

    outcome.run(run_command.check(config))


@app.command()
def live(mint: MintArgument, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """Say whether a coin is live, since when, with how many viewers.

    Exit: 0 live, 2 usage, 3 offline, 4 starting, 5 could not ask.
    """
    outcome.run(prompts.live(mint, as_json, config), as_json=as_json)


@app.command(context_settings={"ignore_unknown_options": True})  # so that `-5` is a bad duration
def clip(
    mint: MintArgument,
    duration: Annotated[
        str | None,
        typer.Argument(
            metavar="DURATION",
            help=f"30s, 90, 1:30 or 1m30s; {DEFAULT_CLIP_SECONDS:g}s unless set otherwise.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=user_path,
            metavar="PATH",
            help="The file; else ./<symbol>-<UTC>.mp4.",
        ),
    ] = None,
    max_bytes: Annotated[
        str | None,
        typer.Option("--max-bytes", help="The most it may take, e.g. 10MB (the default)."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Record a coin's livestream from now on, and write an MP4.

    Ctrl-C or a closed terminal keeps what there is. Exit: 0 complete, 1 local fault, 2 usage,
    3 offline, 4 no media, 5 could not ask or join, 6 partial (the file is kept), 130 stopped with
    nothing to keep.
    """
    outcome.run(clip_command.clip(mint, duration, out, max_bytes, as_json, config), as_json=as_json)


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option("--port", help="The page's port; 8080 where it is free.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Walk the whole story without a browser, and end.")
    ] = False,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            parser=user_path,
            metavar="PATH",
            help="Where --once keeps the files that it made.",
        ),
    ] = Path("demo-files"),
) -> None:
    """Run Mintcast in a world on this machine: pump.fun look-alike, LiveKit, creators on air.

    Open the page that it names. With --once, exit 0 only if the whole story happened.
    """
    try:
        from bot.demo.run import run_demo, run_story  # its packages are an extra
    except ModuleNotFoundError as error:
        typer.echo(texts.common.demo_not_installed(error.name or ""), err=True)
        raise typer.Exit(Exit.LOCAL_FAULT) from None
    outcome.run(run_story(port, out) if once else run_demo(port))


def main() -> None:
    """The console script."""
    streams.prepare()
    app(prog_name="mintcast")
