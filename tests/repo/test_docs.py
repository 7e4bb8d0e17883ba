"""What is written about the program is true of it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main

from bot.cli import app
from bot.config import Settings, load_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.toml"

_LINE = re.compile(r"(?P<key>[a-z_]+) = (?P<value>.+?)\s+# \S.{3,}")
_LIVEKIT = re.compile(r"\bv\d+\.\d+\.\d+\b")

# Put together, so that this file does not hold them.
_REGISTRIES = [
    f"{name}.{domain}"
    for name, domain in [
        ("pypi", "org"),
        ("files.pythonhosted", "org"),
        ("proxy.golang", "org"),
        ("sum.golang", "org"),
        ("registry.npmjs", "org"),
        ("registry.yarnpkg", "com"),
        ("static.crates", "io"),
        ("conda.anaconda", "org"),
    ]
]
_MACHINES = re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+|Users/\w+|mnt)/")


def tracked() -> list[Path]:
    """Every file under git, and what is about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    return path.read_text(errors="replace")


# The example of the settings


def example_lines() -> dict[str, str]:
    """The line of each setting, by its dotted key."""
    lines, section = {}, ""
    for line in text_of(EXAMPLE).splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            lines[f"{section}.{line.split(' = ')[0]}"] = line
    return lines


def every_setting() -> dict[str, object]:
    """Each default, by its dotted key."""
    sections = Settings().model_dump()
    return {f"{name}.{key}": keys[key] for name, keys in sections.items() for key in keys}


def test_the_example_loads_to_exactly_the_defaults() -> None:
    assert load_settings(EXAMPLE, {}) == Settings()


def test_every_setting_stands_in_the_example_once_and_in_its_order() -> None:
    assert list(example_lines()) == list(every_setting())


@pytest.mark.parametrize("key", every_setting())
def test_a_setting_stands_with_its_default_and_a_line_of_why(key: str) -> None:
    match = _LINE.fullmatch(example_lines()[key])
    assert match is not None
    shown = tomllib.loads(f"value = {match['value']}")["value"]
    default = every_setting()[key]
    assert shown == (list(default) if isinstance(default, tuple) else default)
    assert type(shown) is type(list(default) if isinstance(default, tuple) else default)


def test_no_secret_has_a_place_in_the_example() -> None:
    assert not [key for key in example_lines() if re.search("token|password|secret", key)]


# What no file may hold


def test_git_knows_the_files_of_this_project() -> None:
    assert {EXAMPLE, Path(__file__), ROOT / "Makefile"} <= set(tracked())


@pytest.mark.parametrize("host", _REGISTRIES)
def test_no_file_names_a_registrys_host(host: str) -> None:
    assert not [str(path) for path in tracked() if host in text_of(path)]


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in tracked()
        if path != Path(__file__) and (match := _MACHINES.search(text_of(path)))
    }
    assert not found


# Commands


def commands() -> list[str]:
    group = typer.main.get_command(app)
    return sorted(getattr(group, "commands", {}))


def test_there_are_commands() -> None:
    assert {"live", "clip", "demo"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_is_told_of_in_the_readme(command: str) -> None:
    assert f"mintcast {command}" in text_of(ROOT / "README.md")


def test_every_goal_of_make_says_what_it_is_for() -> None:
    makefile = text_of(ROOT / "Makefile")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    told = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert sorted(phony[1].split()) == sorted(told)


# Versions


def test_the_livekit_server_is_pinned_in_one_place() -> None:
    makefile = text_of(ROOT / "Makefile")
    pinned = re.findall(r"^LIVEKIT_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert len(pinned) == 1
    assert _LIVEKIT.fullmatch(pinned[0])
    assert makefile.count(pinned[0]) == 1
    scripts = [path for path in tracked() if path.suffix in {".sh", ".toml", ".yml", ".yaml"}]
    scripts.append(ROOT / ".ci" / "run")
    assert not [str(path) for path in scripts if pinned[0] in text_of(path)]


LOCKS = ["requirements.lock", "requirements-dev.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_version_and_a_hash_of_each_package_and_nothing_else(name: str) -> None:
    joined = text_of(ROOT / name).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 20
    locked = re.compile(
        r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[^\s;]+( ;[^#]*?)?"
        r"(\s+--hash=sha256:[0-9a-f]{64})+\s*"
    )
    assert not [line[:80] for line in lines if not locked.fullmatch(line)]


def test_what_the_tests_need_is_locked_to_the_versions_that_users_get() -> None:
    def versions(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==\S+)", text_of(ROOT / name), re.MULTILINE))

    assert versions(LOCKS[0]) <= versions(LOCKS[1])
