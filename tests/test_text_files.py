"""Files as people save them are read; what is no text gets its reason, and never our time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.config import load_secrets, load_settings
from bot.config.text_files import UnreadableError, read_text
from bot.errors import SettingsError

TOKEN = "123456789:AAH" + "x" * 32
TOML = '[clips]\nmax_height = 480\n[storage]\nclips = "clïps"\n'
MARK = b"\xef\xbb\xbf"


def refused(load: object, *arguments: object) -> str:
    assert callable(load)
    with pytest.raises(SettingsError) as caught:
        load(*arguments)
    (problem,) = caught.value.problems
    return f"{problem.key} {problem.message}"


AS_SAVED = {
    "plain": TOML.encode(),
    "a mark": MARK + TOML.encode(),
    "two marks": MARK + MARK + TOML.encode(),
    "CRLF": TOML.replace("\n", "\r\n").encode(),
    "CR": TOML.replace("\n", "\r").encode(),
    "a mark and CRLF": MARK + TOML.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("saved", AS_SAVED.values(), ids=AS_SAVED)
def test_settings_are_read_as_they_were_saved(tmp_path: Path, saved: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(saved)
    loaded = load_settings(file, {})
    assert (loaded.clips.max_height, loaded.storage.clips) == (480, "clïps")


@pytest.mark.parametrize(
    "saved",
    [
        TOKEN,
        f"\ufeff{TOKEN}",
        f"\ufeff{TOKEN}\r\n",
        f'"{TOKEN}"\n',
        f"'{TOKEN}'",
        f"“{TOKEN}”",
        f" {TOKEN}\u200b\n",
    ],
)
def test_a_token_is_read_as_it_was_saved(tmp_path: Path, saved: str) -> None:
    (tmp_path / "token").write_bytes(saved.encode())
    named = load_secrets(None, {"TELEGRAM_TOKEN_FILE": str(tmp_path / "token")})
    given = load_secrets(tmp_path / "config.toml", {"TELEGRAM_TOKEN": saved})
    assert named.telegram_token == given.telegram_token == TOKEN


def test_a_password_keeps_its_quotes(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(MARK + b'"open sesame"\r\n')
    secrets = load_secrets(None, {"HTTP_PASSWORD_FILE": str(tmp_path / "password")})
    assert secrets.http_password == '"open sesame"'


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_dotenv_is_read_as_it_was_saved(tmp_path: Path, newline: str) -> None:
    lines = (f"TELEGRAM_TOKEN={TOKEN}", "HTTP_PASSWORD=a b", "")
    (tmp_path / ".env").write_bytes(MARK + newline.join(lines).encode())
    secrets = load_secrets(tmp_path / "config.toml", {})
    assert (secrets.telegram_token, secrets.http_password) == (TOKEN, "a b")


def test_a_folder_named_dotenv_is_somebodys_virtual_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert load_secrets(tmp_path / "config.toml", {}).telegram_token is None


NO_TEXT = {
    "UTF-16 with its mark": ("\ufeffabc", "utf-16-le", "it is UTF-16, not UTF-8 text"),
    "UTF-16 the other way": ("\ufeffabc", "utf-16-be", "it is UTF-16, not UTF-8 text"),
    "UTF-16 without a mark": ("abc = 1", "utf-16-le", "it is UTF-16, not UTF-8 text"),
    "UTF-32": ("\ufeffabc", "utf-32-le", "it is UTF-16, not UTF-8 text"),
    "Latin-1": ("clips = 'é'", "latin-1", "it is not UTF-8 text"),
    "NUL": ("abc\0def", "ascii", "it has NUL bytes in it"),
    "too much": ("#" * (1 << 20) + "#", "ascii", "it is larger than 1 MB"),
}


@pytest.mark.parametrize(("text", "encoding", "why"), NO_TEXT.values(), ids=NO_TEXT)
def test_what_is_no_text_is_said_with_what_to_do(
    tmp_path: Path, text: str, encoding: str, why: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode(encoding))
    said = f"cannot be read: {why}"
    assert said in refused(load_settings, file, {})
    assert said in refused(load_secrets, file, {"DISCORD_TOKEN_FILE": str(file)})
    file.rename(tmp_path / ".env")
    assert said in refused(load_secrets, file, {})


def test_a_folder_and_an_endless_device_are_no_files(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "Is a directory"), (Path("/dev/zero"), "larger than 1 MB")):
        assert why in refused(load_settings, path, {})
        assert why in refused(load_secrets, None, {"DISCORD_TOKEN_FILE": str(path)})


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="a pipe that never ended"):
        read_text(tmp_path / "pipe", pipe_seconds=0.05)


def test_a_pipe_of_the_shell_is_read() -> None:
    """`mintcast run --config <(sops -d config.toml)`."""
    reading, writing = os.pipe()
    os.write(writing, TOML.encode())
    os.close(writing)
    loaded = load_settings(Path(f"/dev/fd/{reading}"), {})
    os.close(reading)
    assert loaded.clips.max_height == 480


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 100_000, "a = " + "9" * 5_000, "[http]\nport = " + "9" * 40]
)
def test_toml_that_is_too_much_is_a_problem_of_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    assert refused(load_settings, file, {})


# Paths


def test_home_is_put_in_where_a_path_begins_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x.toml").write_text('[storage]\ndatabase = "~/x.db"\nclips = "$HOME/~/clips"')
    (tmp_path / "token").write_text(TOKEN)
    for file, named in ((None, {"MINTCAST_CONFIG": "~/x.toml"}), (Path("~/x.toml"), {})):
        storage = load_settings(file, named).storage
        assert (storage.database, storage.clips) == (f"{tmp_path}/x.db", "$HOME/~/clips")
    overridden = load_settings(None, {"MINTCAST_STORAGE__CLIPS": "~root/clips"}).storage
    assert overridden.clips.endswith("root/clips")
    assert not overridden.clips.startswith("~")
    secrets = load_secrets(None, {"TELEGRAM_TOKEN_FILE": "~/token"})
    assert secrets.telegram_token == TOKEN


def test_a_home_that_nobody_has_is_a_problem(tmp_path: Path) -> None:
    said = "starts with ~nobody-here, but there is no such user here"
    path = "~nobody-here/x"
    assert said in refused(load_settings, None, {"MINTCAST_STORAGE__DATABASE": path})
    assert said in refused(load_settings, None, {"MINTCAST_CONFIG": path})
    assert said in refused(load_settings, Path(path), {})
    assert said in refused(load_secrets, None, {"DISCORD_TOKEN_FILE": path})


@pytest.mark.parametrize("text", ["", "  ", "a\\u0000b"])
def test_what_is_no_path_is_a_problem(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[storage]\ndatabase = "{text}"')
    assert "storage.database must be a path" in refused(load_settings, file, {})


# Where to listen


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("[::]", "::"),
        ("::", "::"),
        ("[fe80::1%eth0]", "fe80::1%eth0"),
        ("localhost", "localhost"),
        (" 0.0.0.0 ", "0.0.0.0"),
        ("my-host.lan", "my-host.lan"),
    ],
)
def test_an_address_to_listen_at_is_understood(typed: str, taken: str) -> None:
    assert load_settings(None, {"MINTCAST_HTTP__HOST": typed}).http.host == taken


@pytest.mark.parametrize(
    "typed",
    ["", "http://127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "*", "256.1.1.1", "1.2", "[a", "a b"],
)
def test_what_is_no_address_to_listen_at_is_a_problem(typed: str) -> None:
    said = refused(load_settings, None, {"MINTCAST_HTTP__HOST": typed})
    assert said.startswith("http.host must be an address or a name to listen at")
