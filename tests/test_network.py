"""The proxy: from the setting, from the environment where it is valid, and for whom it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot import texts
from bot.config import Networking, Settings, load_network, load_settings
from bot.errors import SettingsError
from bot.model.network import DIRECT, parse_exempt, parse_proxy

FAR = "https://discord.com/api"


def network(proxy: str = "", **environment: str) -> Networking:
    settings = Settings.model_validate({"network": {"proxy": proxy}})
    return load_network(settings, environment)


def told(found: Networking) -> str:
    return "; ".join(texts.checks.network_sentences(found.network, found.sources, found.ignored))


@pytest.mark.parametrize(
    ("text", "address", "login"),
    [
        ("http://proxy:3128", "http://proxy:3128", ("", "")),
        ("proxy:3128", "http://proxy:3128", ("", "")),
        ("http://proxy.example", "http://proxy.example:80", ("", "")),
        ("http://proxy.example:8080/", "http://proxy.example:8080", ("", "")),
        ("HTTP://Proxy.Example:1", "http://proxy.example:1", ("", "")),
        ("http://[fd00::1]:3128", "http://[fd00::1]:3128", ("", "")),
        ("http://al:p%40ss%3A@proxy:1", "http://proxy:1", ("al", "p@ss:")),
    ],
)
def test_a_proxy_is_understood(text: str, address: str, login: tuple[str, str]) -> None:
    proxy = parse_proxy(text)
    assert (proxy.address, (proxy.user, proxy.password)) == (address, login)
    assert parse_proxy(proxy.url) == proxy
    assert load_network(Settings.model_validate({"network": {"proxy": text}}), {}).network.https


WRONG = [
    "socks5://proxy:1080",
    "socks5h://al:secret@proxy:1080",
    "ftp://al:secret@proxy",
    "https://proxy:443",
    "http://",
    "http://proxy:port",
    "http://proxy:99999",
    "http://proxy:0",
    "http://al:secret@proxy/path",
    "http://al secret",
    "http://[::1",
    "://",
]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_setting_is_a_problem_that_shows_no_password(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, {"MINTCAST_NETWORK__PROXY": text})
    (problem,) = caught.value.problems
    assert problem.key == "network.proxy"
    assert "http://user:password@host:port" in problem.message
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_wrong_variable_is_left_out_and_said(name: str, text: str) -> None:
    found = network(**{name: text})
    assert found.network == DIRECT
    assert told(found).startswith(f"direct, no proxy; {name} ")
    assert "secret" not in told(found)


@pytest.mark.parametrize("login", [b"al:s\xe4cret", b"\xe4l:secret"])
def test_a_variable_whose_login_is_no_text_is_left_out_and_said(login: bytes) -> None:
    found = network(HTTPS_PROXY=f"http://{os.fsdecode(login)}@proxy:1")
    assert found.network == DIRECT
    assert told(found).startswith("direct, no proxy; HTTPS_PROXY must be")
    assert "cret" not in told(found)


def test_a_name_of_no_proxy_that_is_no_text_is_left_out_and_said() -> None:
    found = network(HTTPS_PROXY="http://proxy:1", NO_PROXY=os.fsdecode(b"\xe4.example,b.example"))
    assert [entry.name for entry in found.network.exempt] == ["b.example"]
    assert "NO_PROXY" in told(found)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_variable_is_none(text: str) -> None:
    found = network(HTTPS_PROXY=text, ALL_PROXY=text, NO_PROXY=text)
    assert (found.network, found.ignored) == (DIRECT, ())


def test_the_setting_goes_before_the_environment_and_may_say_none() -> None:
    for setting, sees in (("http://mine:1", "mine"), ("none", ""), ("", "theirs")):
        found = network(setting, HTTPS_PROXY="http://theirs:1", ALL_PROXY="socks5://x:1")
        proxy = found.network.proxy_for(FAR)
        assert (proxy.host if proxy else "") == sees


def test_each_scheme_has_its_variable_and_all_is_for_both() -> None:
    found = network(HTTPS_PROXY="a:1", ALL_PROXY="b:2", https_proxy="c:3").network
    for url, host in (
        (FAR, "c"), ("wss://x.example", "c"), ("http://x.example", "b"), ("ws://x.example", "b")
    ):  # fmt: skip
        proxy = found.proxy_for(url)
        assert proxy is not None
        assert proxy.host == host


def test_what_is_wrong_gives_way_to_what_holds() -> None:
    found = network(HTTPS_PROXY="ftp://x:1", ALL_PROXY="http://good:1")
    assert "through http://good:1 (ALL_PROXY)" in told(found)
    assert "HTTPS_PROXY must be" in told(found)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080", "http://127.9.9.9", "ws://[::1]:7880", "http://localhost:1",
     "https://localhost.", "http://site.localhost"],
)  # fmt: skip
def test_this_machine_is_never_asked_through_a_proxy(url: str) -> None:
    assert network("http://proxy:1").network.proxy_for(url) is None


@pytest.mark.parametrize(
    ("entry", "covered", "not_covered"),
    [
        ("example.com", "https://a.example.com", "https://notexample.com"),
        ("example.com", "https://EXAMPLE.com.", "https://example.com.evil"),
        (".example.com", "https://example.com", "https://example.org"),
        ("*.example.com", "https://a.b.example.com", "https://example.org"),
        ("example.com:8080", "http://example.com:8080", "http://example.com"),
        ("example.com:443", "https://example.com", "https://example.com:444"),
        ("10.0.0.0/8", "http://10.1.2.3", "http://11.1.2.3"),
        ("10.1.2.3", "http://10.1.2.3", "http://10.1.2.4"),
        ("10.1.2.3:80", "http://10.1.2.3", "http://10.1.2.3:81"),
        ("fd07:b51a:cc66:f0::/64", "http://[fd07:b51a:cc66:f0::1]", "http://[fd08::1]"),
        ("[fd00::1]", "http://[fd00::1]", "http://[fd00::2]"),
        ("[fd00::1]:80", "http://[fd00::1]", "http://[fd00::1]:81"),
    ],
)
def test_an_exception_covers_what_it_says(entry: str, covered: str, not_covered: str) -> None:
    found = network("http://proxy:1", NO_PROXY=f" localhost, {entry}").network
    assert found.proxy_for(covered) is None
    assert found.proxy_for(not_covered) is not None


def test_a_star_is_everybody() -> None:
    assert network("http://proxy:1", no_proxy="*").network.proxy_for(FAR) is None


@pytest.mark.parametrize("entry", ["fd07::/200", "a/b", "http://x", "x:port", "a@b", "[zz]", "?"])
def test_a_wrong_exception_is_left_out_and_the_others_hold(entry: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_exempt(entry)
    found = network("http://proxy:1", NO_PROXY=f"{entry},discord.com")
    assert found.network.proxy_for(FAR) is None
    assert f"NO_PROXY contains {entry}, which" in told(found)


def test_what_is_used_is_said_without_the_password() -> None:
    found = network("http://al:secret@proxy:3128", NO_PROXY="10.0.0.0/8 .lan")
    assert told(found) == (
        "through http://proxy:3128 ([network] proxy), except for this machine, 10.0.0.0/8, .lan;"
        " video and sound connect directly to LiveKit, because no proxy can carry them"
    )
    assert "secret" not in repr(found)


def test_certificates_of_the_environment_count_where_they_can_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("hello")
    for file in ("/nonexistent", str(broken), str(tmp_path)):
        found = network(SSL_CERT_FILE=file, SSL_CERT_DIR="/nonexistent")
        assert found.network == DIRECT
        assert [name for name, _ in found.ignored] == ["SSL_CERT_DIR", "SSL_CERT_FILE"]


@pytest.mark.parametrize("folder", ["x" * 300, "file.pem/certificates"])
def test_what_no_folder_can_be_called_is_left_out(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file.pem").touch()
    found = network(SSL_CERT_DIR=str(tmp_path / folder))
    assert found.ignored == (("SSL_CERT_DIR", "isn't a folder that can be looked into"),)


def test_a_process_that_knows_only_its_environment_is_told() -> None:
    found = network("http://al:secret@proxy:1").network
    url = "http://al:secret@proxy:1"
    assert found.environment("wss://x.livekit.cloud") == {"HTTP_PROXY": url, "HTTPS_PROXY": url}
    assert found.environment("ws://127.0.0.1:7880") == {}
