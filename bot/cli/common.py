"""What the commands share: their exit codes, and arguments and options that several have."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import help_text


class Exit(IntEnum):
    """What the shell is told; what each means to each command is in `bot.cli.help_text`."""

    DONE = 0
    LOCAL_FAULT = 1
    USAGE = 2
    OFFLINE = 3
    NO_MEDIA = 4
    NOT_ASKED = 5
    PARTIAL = 6
    SETTINGS = 78
    """EX_CONFIG of sysexits.h: whoever starts us again should not, before something is changed."""
    INTERRUPTED = 130


class Source(StrEnum):
    """What a clip is cut of, as it is typed. But for `AUTO` these are sources of `bot.model`,
    which `--help` need not load."""

    AUTO = "auto"
    RING = "ring"
    RECORDING = "recording"
    ROOM = "room"


def user_path(text: object) -> Path:
    """A path as it was typed: a shell leaves the `~` of `--out=~/a.mp4` to us."""
    from bot.config import expand  # with all the settings, for which `--help` need not wait

    try:
        return Path(expand(str(text)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def output_path(text: object) -> Path:
    """The same of what is to be written. A folder that is named as one has to be there: else the
    file would get its name."""
    from bot.kit.files import is_folder  # as above

    path = user_path(text)
    if str(text).endswith("/") and not is_folder(path):
        raise typer.BadParameter(f"there is no folder {path}; make it first")
    return path


MintArgument = Annotated[str, typer.Argument(metavar="MINT", help=help_text.MINT)]
JsonOption = Annotated[bool, typer.Option("--json", help=help_text.JSON)]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help=help_text.VERBOSE)]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", parser=user_path, metavar="PATH", help=help_text.CONFIG),
]
