"""What the command line says of itself, by real children."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot import __version__
from bot.cli import help_text
from bot.cli.common import Exit, Source
from bot.model import DEFAULT_CLIP_SECONDS, SourceName
from tests.patience import PATIENCE
from tests.pseudo_terminal import on_terminal

README = Path(__file__).parents[2] / "README.md"
MINTCAST = (sys.executable, "-m", "bot")
NAMES = list(help_text.COMMANDS)


def mintcast(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MINTCAST, *arguments],
        env={**os.environ, "COLUMNS": "80", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def order(text: str, *parts: str) -> list[int]:
    found = [text.find(part) for part in parts]
    assert -1 not in found, parts[found.index(-1)]
    return found


def test_help_lists_the_commands_in_groups_and_then_options_and_examples() -> None:
    ran = mintcast("--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    places = order(
        ran.stdout,
        *("Usage: mintcast [OPTIONS] COMMAND", help_text.ABOUT),
        *("The service:", "  run ", "  check ", "One coin:", "  live ", "  clip "),
        *("Trying it:", "  demo ", "Options:", "--install-completion", "Examples:"),
    )
    assert places == sorted(places)
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_without_a_command_a_short_help_goes_to_stderr_as_for_any_other_wrong_line() -> None:
    ran = mintcast()
    assert (ran.returncode, ran.stdout) == (Exit.USAGE, "")
    assert ran.stderr == f"{help_text.SHORT}\n"
    assert len(ran.stderr.splitlines()) < 10


def test_the_version_takes_no_value() -> None:
    ran = mintcast("--version")
    assert (ran.returncode, ran.stdout) == (0, f"mintcast {__version__}\n")
    assert re.search(r"^  --version +Print the version\.$", mintcast("--help").stdout, re.MULTILINE)
    assert mintcast("--version=1").returncode == Exit.USAGE


@pytest.mark.parametrize("name", NAMES)
def test_a_commands_help_has_its_examples_and_its_exit_codes(name: str) -> None:
    ran, about = mintcast(name, "--help"), help_text.COMMANDS[name]
    assert (ran.returncode, ran.stderr) == (0, "")
    options, _, rest = ran.stdout.partition("\nExamples:\n")
    examples, _, exits = rest.partition("\nExit codes:\n")
    assert "Options:" in options
    assert [line.split("  ")[1] for line in examples.splitlines() if "mintcast" in line] == [
        example for example, _ in about.examples
    ]
    codes = [int(found) for found in re.findall(r"^  (\d+)  +\S", exits, re.MULTILINE)]
    assert codes == list(about.exits) == sorted(about.exits)
    assert set(codes) <= set(Exit)
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_the_readme_has_the_same_exit_codes() -> None:
    head, *rows = re.findall(r"^\| (?:exit|\d+) \|.*\|$", README.read_text(), re.MULTILINE)
    columns = [re.findall(r"`([\w-]+)`", cell) for cell in head.strip("|").split("|")][1:]
    told: dict[str, set[int]] = {name: set() for name in NAMES}
    for row in rows:
        code, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        for names, cell in zip(columns, cells, strict=True):
            for name in names if cell else ():
                told[name].add(int(code))
    assert told == {name: set(about.exits) for name, about in help_text.COMMANDS.items()}


def test_the_length_of_a_clip_in_the_help_is_the_default() -> None:
    assert f"otherwise {DEFAULT_CLIP_SECONDS:g}s" in help_text.DURATION


# Colours


def test_headings_are_bold_on_a_terminal() -> None:
    seen = on_terminal(*MINTCAST, "--help")
    assert seen.code == 0
    assert "\x1b[1mThe service:\x1b[0m" in seen.text


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
@pytest.mark.parametrize("arguments", [("--help",), ("check", "--config", "missing.toml")])
def test_nobody_who_wants_no_colours_gets_any(
    arguments: tuple[str, ...], plain: dict[str, str]
) -> None:
    seen = on_terminal(*MINTCAST, *arguments, environment=plain)
    assert len(seen.text) > 20
    assert "\x1b" not in seen.text


def test_what_goes_into_a_pipe_has_no_colours() -> None:
    assert "\x1b" not in mintcast("--help", TERM="xterm", FORCE_COLOR="1").stdout


# Completion


def test_the_shell_completes_commands_and_options() -> None:
    asked = {"_MINTCAST_COMPLETE": "complete_bash", "COMP_WORDS": "mintcast c", "COMP_CWORD": "1"}
    assert mintcast(**asked).stdout.split() == ["check", "clip"]
    asked |= {"COMP_WORDS": "mintcast clip --ma", "COMP_CWORD": "2"}
    assert mintcast(**asked).stdout.split() == ["--max-bytes"]
    asked |= {"COMP_WORDS": "mintcast clip MINT --source r", "COMP_CWORD": "4"}
    assert mintcast(**asked).stdout.split() == ["ring", "recording", "room"]


def test_the_sources_that_can_be_typed_are_sources() -> None:
    assert set(Source) - {Source.AUTO} <= set(SourceName)


def test_the_shell_is_told_how_to_ask() -> None:
    command = f"{sys.executable} -m bot --show-completion; exit $?"
    ran = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert "_MINTCAST_COMPLETE=complete_bash" in ran.stdout
    assert "complete -o default -F _mintcast_completion mintcast" in ran.stdout
