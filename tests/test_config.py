from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.config import Settings, load_settings
from bot.errors import SettingsError
from bot.pumpfun.pictures import Pictures
from tests.number_settings import numbers


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text)
    return file


def problems(file: Path | None, environment: dict[str, str] | None = None) -> dict[str, str]:
    """What is wrong, by key."""
    with pytest.raises(SettingsError) as caught:
        load_settings(file, environment or {})
    return {problem.key: problem.message for problem in caught.value.problems}


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings, which we are in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Where they come from


def test_without_any_file_the_defaults_hold(nowhere: Path) -> None:
    assert load_settings(environment={}) == Settings()


def test_a_file_in_this_folder_is_found(nowhere: Path) -> None:
    (nowhere / "config.toml").write_text("[clips]\nmax_height = 480")
    assert load_settings(environment={}).clips.max_height == 480


def test_a_file_that_was_named_goes_before_the_variable_and_that_before_the_folder(
    nowhere: Path,
) -> None:
    for number, name in enumerate(["config.toml", "variable.toml", "named.toml"]):
        (nowhere / name).write_text(f"[http]\nport = {9000 + number}")
    environment = {"MINTCAST_CONFIG": "variable.toml"}
    assert load_settings(nowhere / "named.toml", environment).http.port == 9002
    assert load_settings(None, environment).http.port == 9001
    assert load_settings(None, {"MINTCAST_CONFIG": ""}).http.port == 9000


def test_a_file_that_was_named_must_be_there(nowhere: Path) -> None:
    assert problems(None, {"MINTCAST_CONFIG": "x.toml"}) == {"x.toml": "there is no such file"}
    assert problems(nowhere / "y.toml") == {str(nowhere / "y.toml"): "there is no such file"}


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, "[clips]\nmax_seconds = = 3")
    assert "line 2" in problems(file)[str(file)]


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in problems(file)[str(file)]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read" in problems(tmp_path)[str(tmp_path)]


# The environment


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "[clips]\nmax_seconds = 60\n[log]\nlevel = 'debug'")
    environment = {
        "MINTCAST_CLIPS__MAX_SECONDS": "90",
        "MINTCAST_LOCAL__ENABLED": "false",
        "MINTCAST_LOG__FORMAT": "json",
    }
    loaded = load_settings(file, environment)
    assert loaded.clips.max_seconds == 90.0
    assert loaded.local.enabled is False
    assert (loaded.log.level, loaded.log.format) == ("debug", "json")


@pytest.mark.parametrize(
    "text", ["a.example,b.example", " a.example , b.example,", '["a.example", "b.example"]']
)
def test_a_list_is_written_with_commas_or_as_json(nowhere: Path, text: str) -> None:
    loaded = load_settings(None, {"MINTCAST_PUMPFUN__MEDIA_HOSTS": text})
    assert loaded.pumpfun.media_hosts == ("a.example", "b.example")


def test_a_variable_that_names_no_setting_is_told(nowhere: Path) -> None:
    told = problems(None, {"MINTCAST_CLIPS__MAX_SECOND": "5", "MINTCAST_CLIP__MAX_HEIGHT": "5"})
    assert told == {
        "MINTCAST_CLIPS__MAX_SECOND": "is not a setting; did you mean clips.max_seconds?",
        "MINTCAST_CLIP__MAX_HEIGHT": "is not a setting; did you mean clips.max_height?",
    }


@pytest.mark.parametrize(
    ("node", "named", "meant"),
    [
        ("", "", "folder"),
        ("a", "", "database"),
        ("", "database", "database"),
        ("a", "folder", "folder"),
    ],
)
def test_clips_are_where_all_can_have_them(
    nowhere: Path, node: str, named: str, meant: str
) -> None:
    environment = {
        "MINTCAST_STORAGE__DATABASE": "postgresql://db.example/mintcast",
        "MINTCAST_STORAGE__CLIP_FILES": named,
        "MINTCAST_CLUSTER__NODE": node,
    }
    assert load_settings(None, environment).clip_files == meant


def test_another_place_for_clips_is_refused(nowhere: Path) -> None:
    for named, why in (
        ("ftp://files.example", 'must be "folder", "database" or s3://bucket/prefix, or empty'),
        ("s3://", 'must be "folder", "database" or s3://bucket/prefix, or empty'),
        (
            "s3://key:secret@clips",
            "must not have a login in it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
    ):
        told = problems(None, {"MINTCAST_STORAGE__CLIP_FILES": named})
        assert told == {"storage.clip_files": why}
    loaded = load_settings(None, {"MINTCAST_STORAGE__CLIP_FILES": "s3://clips.example/of/nodes/"})
    assert loaded.clip_files == "s3://clips.example/of/nodes"


def test_other_variables_are_nobodys_business(nowhere: Path) -> None:
    environment = {"MINTCAST_LIVEKIT_SERVER": "x", "PATH": "x", "CLIPS__MAX_SECONDS": "x"}
    assert load_settings(None, environment) == Settings()


def test_the_environment_can_mend_a_table_of_the_file_but_not_a_word_in_its_place(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, "clips = 3")
    assert "clips" in problems(file, {"MINTCAST_CLIPS__MAX_SECONDS": "90"})


# Problems


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        colour = "red"
        [clips]
        max_seconds = -1
        max_hight = 720
        [pumpfun]
        livekit_url = "https://x.example"
        poll_seconds = "often"
        [log]
        level = "loud"
        """,
    )
    told = problems(file, {"MINTCAST_HTTP__PORT": "99999", "MINTCAST_WHAT__EVER": "1"})
    assert set(told) == {
        "colour",
        "clips.max_seconds",
        "clips.max_hight",
        "pumpfun.livekit_url",
        "pumpfun.poll_seconds",
        "log.level",
        "http.port",
        "MINTCAST_WHAT__EVER",
    }
    assert told["clips.max_hight"] == "is not a setting; did you mean clips.max_height?"
    assert all(message[0].islower() for message in told.values())


def test_a_setting_in_the_wrong_table_is_led_home(tmp_path: Path) -> None:
    told = problems(written(tmp_path, "[clips]\nlivekit_url = 'wss://x.example'"))
    assert "pumpfun.livekit_url" in told["clips.livekit_url"]


def test_a_default_beyond_the_longest_clip_is_told(tmp_path: Path) -> None:
    told = problems(written(tmp_path, "[clips]\ndefault_seconds = 50\nmax_seconds = 40.5"))
    assert told == {"clips.default_seconds": "is more than clips.max_seconds (40.5)"}


def test_shards_of_a_service_that_is_alone_are_not_divided(tmp_path: Path) -> None:
    told = problems(written(tmp_path, "[discord]\nshards = 4\nshards_per_node = 2"))
    assert told == {
        "discord.shards_per_node": "is for several nodes: leave it 0, and this one has all shards"
    }


@pytest.mark.parametrize(
    "setting",
    [
        "pumpfun.poll_seconds = 0",
        "pumpfun.poll_seconds = inf",
        "pumpfun.poll_seconds = nan",
        "pumpfun.requests_per_second = 1e300",
        "clips.max_seconds = 601",
        "clips.max_height = 100",
        "clips.concurrent = 0",
        "clips.min_free_gigabytes = -1",
        "clips.keep_hours = 1e8",
        "replay.enabled = 'sometimes'",
        "replay.seconds = 9",
        "replay.seconds = 301",
        "replay.streams = -1",
        "replay.streams = 65",
        "discord.guild_id = -1",
        "discord.shards = 0",
        "discord.shards = 16385",
        "http.host = ''",
        "http.host = 'mint..example'",
        f"http.host = '{'a' * 64}.example'",
        "pumpfun.livestream_url = 'https://mint..example'",
        f"pumpfun.livestream_url = 'https://{'a' * 64}.example'",
        "network.proxy = 'http://mint..example:8080'",
        f"network.proxy = 'http://{'a' * 64}:8080'",
        f"storage.database = 'postgresql://me@{'a' * 64}.example/mintcast'",
        "http.port = 65536",
        "http.base_path = '/a/../b'",
        "http.base_path = 'https://mint.example/'",
        "http.base_path = '/a//b'",
        "http.base_path = '/api/'",
        "http.base_path = '/mint cast'",
        "local.enabled = 'perhaps'",
        "log.format = 'xml'",
    ],
)
def test_what_lies_out_of_bounds_is_told(tmp_path: Path, setting: str) -> None:
    assert set(problems(written(tmp_path, setting))) == {setting.split(" = ")[0]}


def test_every_number_has_a_most_that_is_told(tmp_path: Path) -> None:
    """Times and sizes are reckoned with: what is too much is refused before anything begins."""
    assert {"storage.keep_days", "clips.keep_hours", "pumpfun.poll_seconds"} < set(numbers())
    for setting, field in numbers().items():
        told = {setting: f"must be a number, at most {field['maximum']}"}
        for beyond in ("inf", "nan", "1e300", f"{field['maximum'] + 1}"):
            assert problems(written(tmp_path, f"{setting} = {beyond}")) == told


@pytest.mark.parametrize("truth", ["true", "false"])
def test_a_truth_is_no_number(tmp_path: Path, truth: str) -> None:
    for setting in numbers():
        told = {setting: "must be a number, not true or false"}
        assert problems(written(tmp_path, f"{setting} = {truth}")) == told


# Addresses


@pytest.mark.parametrize(
    ("written_as", "taken_as"),
    [("", ""), ("/", ""), ("mintcast", "/mintcast"), ("/a/b-c.d/", "/a/b-c.d")],
)
def test_a_base_path_is_written_with_strokes_or_without(
    tmp_path: Path, written_as: str, taken_as: str
) -> None:
    loaded = load_settings(written(tmp_path, f"http.base_path = '{written_as}'"), {})
    assert loaded.http.base_path == taken_as


def test_a_trusted_proxy_is_an_address_or_a_network(nowhere: Path, tmp_path: Path) -> None:
    loaded = load_settings(None, {"MINTCAST_HTTP__TRUSTED_PROXIES": "127.0.0.1, 10.1.0.0/8, ::1"})
    assert loaded.http.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")
    told = problems(written(tmp_path, "http.trusted_proxies = ['nginx']"))
    assert set(told) == {"http.trusted_proxies.0"}


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080", "https://x.example", "https://x.example/api/", "http://[::1]:80"],
)
def test_an_address_is_taken_without_its_last_stroke(tmp_path: Path, url: str) -> None:
    loaded = load_settings(written(tmp_path, f"pumpfun.frontend_url = '{url}'"), {})
    assert loaded.pumpfun.frontend_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.example",
        "ws://x.example",
        "https://",
        "https:///path",
        "https://user:secret@x.example",
        "https://@x.example",
        "https://x.example?key=1",
        "https://x.example#part",
        "https://x.example:port",
        "https://x.example:99999",
        "https://x example",
        "https://[::1",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_told_when_we_start_and_not_when_we_ask(
    tmp_path: Path, url: str
) -> None:
    told = problems(written(tmp_path, f"pumpfun.frontend_url = '{url}'"))
    assert set(told) == {"pumpfun.frontend_url"}
    assert "secret" not in told["pumpfun.frontend_url"]


@pytest.mark.parametrize("url", ["ws://127.0.0.1:7880", "wss://x.livekit.cloud"])
def test_livekit_is_asked_over_websockets(tmp_path: Path, url: str) -> None:
    file = written(tmp_path, f"pumpfun.livekit_url = '{url}'")
    assert load_settings(file, {}).pumpfun.livekit_url == url


def test_an_address_that_may_be_left_out_may_be_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, "pumpfun.regions_url = ''\ndiscord.gateway_url = ''")
    assert load_settings(file, {}) == Settings()


hosts = st.one_of(
    st.text(string.ascii_letters + string.digits + ".-_:/@[]?# %é", max_size=20),
    st.builds(lambda scheme, rest: f"{scheme}://{rest}", st.sampled_from(["http", "https", "ws"]),
              st.text(string.ascii_lowercase + string.digits + ".:/-[]@", max_size=16)),
)  # fmt: skip


@given(hosts)
@example("xn--a")
@example("xn--bcher-kva.example")
@settings(deadline=None)
def test_a_media_host_that_is_taken_is_one_that_can_be_asked(host: str) -> None:
    """What would only be found out when the client is built is a problem of the settings."""
    try:
        taken = Settings.model_validate({"pumpfun": {"media_hosts": [host]}})
    except ValidationError:
        return
    nobody: Any = None
    assert Pictures(nobody, taken.pumpfun.media_hosts, nobody) is not None


@pytest.mark.parametrize(
    ("host", "taken"),
    [
        ("Clips.Pump.Fun", "clips.pump.fun"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("localhost", "localhost"),
        ("", None),
        ("..", None),
        ("a..example", None),
        (f"{'a' * 64}.example", None),
        ("a b", None),
        ("a.example/path", None),
        ("https://a.example/path", None),
        ("user@a.example", None),
        ("a.example:99999", None),
    ],
)
def test_a_media_host_is_a_name_or_an_origin(tmp_path: Path, host: str, taken: str | None) -> None:
    file = written(tmp_path, f"pumpfun.media_hosts = ['{host}']")
    if taken is None:
        assert set(problems(file)) == {"pumpfun.media_hosts.0"}
    else:
        assert load_settings(file, {}).pumpfun.media_hosts == (taken,)


def test_settings_stay_as_they_were_read() -> None:
    with pytest.raises(ValidationError):
        Settings().clips.max_height = 1080
