"""Tokens: from the environment, from files that it names, from a `.env`; shown nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.config import load_secrets
from bot.config.secrets import NAMES
from bot.errors import SettingsError


def test_what_is_not_given_is_none(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path / "config.toml", {"DISCORD_TOKEN": " "})
    assert (secrets.discord_token, secrets.telegram_token, secrets.http_password) == (None,) * 3


def test_the_environment_gives_them_and_nothing_shows_them(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path / "config.toml", {"DISCORD_TOKEN": "abc\n"})
    assert secrets.discord_token == "abc"
    assert "abc" not in repr(secrets)


def test_a_file_that_is_named_holds_one(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    secrets = load_secrets(None, {"TELEGRAM_TOKEN_FILE": str(tmp_path / "token")})
    assert secrets.telegram_token == "from-file"


def test_a_dotenv_beside_the_settings_gives_what_the_environment_does_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('DISCORD_TOKEN="one"\nHTTP_PASSWORD=open sesame\n')
    secrets = load_secrets(tmp_path / "config.toml", {"DISCORD_TOKEN": "two"})
    assert (secrets.discord_token, secrets.http_password) == ("two", "open sesame")


@pytest.mark.parametrize("password", ["${Tr0ub4dor}", "ab${c}d", "$HOME", "${HOME}"])
@pytest.mark.parametrize("quote", ["'", '"', ""])
def test_a_password_with_a_dollar_is_taken_as_it_stands(
    tmp_path: Path, password: str, quote: str
) -> None:
    (tmp_path / ".env").write_text(f"HTTP_PASSWORD={quote}{password}{quote}\n")
    assert load_secrets(tmp_path / "config.toml", {}).http_password == password


def test_a_dotenv_beside_the_file_that_the_environment_names_counts(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKEN=1\n")
    environment = {"MINTCAST_CONFIG": str(tmp_path / "mine.toml")}
    assert load_secrets(None, environment).telegram_token == "1"


def test_every_problem_is_told_at_once_and_no_secret_with_it(tmp_path: Path) -> None:
    environment = {
        "DISCORD_TOKEN": "se cret",
        "TELEGRAM_TOKEN": "hidden",
        "TELEGRAM_TOKEN_FILE": str(tmp_path / "x"),
        "HTTP_PASSWORD_FILE": str(tmp_path / "missing"),
    }
    with pytest.raises(SettingsError) as caught:
        load_secrets(tmp_path / "config.toml", environment)
    assert [p.key for p in caught.value.problems] == [
        "DISCORD_TOKEN",
        "TELEGRAM_TOKEN",
        "HTTP_PASSWORD_FILE",
    ]
    assert "se cret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_an_empty_secret_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        load_secrets(None, {"DISCORD_TOKEN_FILE": str(tmp_path / "token")})


@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_are_no_text_are_a_problem(tmp_path: Path, name: str) -> None:
    """As the environment has them of a terminal of another encoding."""
    with pytest.raises(SettingsError) as caught:
        load_secrets(tmp_path / "config.toml", {name: os.fsdecode(b"p\xe4ss")})
    assert [problem.key for problem in caught.value.problems] == [name]
