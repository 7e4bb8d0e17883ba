"""The operator's settings: one TOML file, overridden by the environment; secrets never in the file.

`--config FILE`, else `MINTCAST_CONFIG`, else `./config.toml`, else the defaults. Any setting can
be overridden as `MINTCAST_SECTION__KEY`. Every problem is reported at once.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from bot.config.setting_types import (
    DATABASE,
    FOLDER,
    BasePath,
    ClipFiles,
    DatabaseName,
    FilePath,
    ListenHost,
    Network,
    NodeName,
    Role,
    expand,
    is_server,
)
from bot.config.text_files import UnreadableError, read_text
from bot.errors import SettingsError
from bot.model import DEFAULT_CLIP_SECONDS, SHORTEST_CLIP_SECONDS, SettingsProblem
from bot.model.network import can_be_looked_up, parse_proxy

PREFIX = "MINTCAST_"
FILE_VARIABLE = "MINTCAST_CONFIG"
NO_PROXY_AT_ALL = "none"
"""As the setting: whatever the environment says."""
DEFAULT_FILE = Path("config.toml")
_GIGABYTE = 1 << 30
_TOO_MUCH = frozenset({"less_than_equal", "finite_number", "int_parsing_size"})
"""Pydantic's words for a number beyond a bound, for one without end, and for one too long."""
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f.]*:[0-9a-f:.]+")


def _check_url(schemes: tuple[str, ...], text: str) -> str:
    parts = urlsplit(text)
    odd = "@" in parts.netloc or any(char.isspace() or char in "?#" for char in text)
    host = parts.hostname or ""
    odd = odd or not can_be_looked_up(host)
    if parts.scheme not in schemes or not host or odd or not _has_sound_port(parts):
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ValueError(
            f"must be {wanted} and a host, with a port if needed, and no login, ? or #"
        )
    return text.rstrip("/")


def _has_sound_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:  # not a number, or beyond 65535
        return False


def _http(text: str) -> str:
    return _check_url(("https", "http"), text)


def _websocket(text: str) -> str:
    return _check_url(("wss", "ws"), text)


def _proxy(text: str) -> str:
    if text.lower() == NO_PROXY_AT_ALL:
        return NO_PROXY_AT_ALL
    if text:
        parse_proxy(text)
    return text


def _media_host(text: str) -> str:
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(_http(address))
    except ValueError:
        parts = urlsplit("")
    if parts.path or not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError("must be a host name, alone or after https:// or http://, without a path")
    return text.rstrip("/").lower()


HttpUrl = Annotated[str, AfterValidator(_http)]
OptionalHttpUrl = Annotated[str, AfterValidator(lambda text: _http(text) if text else "")]
OptionalWsUrl = Annotated[str, AfterValidator(lambda text: _websocket(text) if text else "")]
_MOST_DAYS = 36_500
"""A hundred years: as good as for ever, and still within what a date can tell."""
Seconds = Annotated[float, Field(gt=0, le=365 * 86_400)]
ClipSeconds = Annotated[float, Field(ge=SHORTEST_CLIP_SECONDS, le=600)]
Gigabytes = Annotated[float, Field(ge=0, le=1_000_000)]
Port = Annotated[int, Field(ge=0, le=65535)]
LogLevel = Literal["debug", "info", "warning", "error"]


class Section(BaseModel):
    """A table of the file: frozen, and an unknown key in it is a problem. Each number has a largest
    one that is allowed (`le`), with which nothing that is reckoned can overflow."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_bool(cls, value: Any, info: ValidationInfo) -> Any:
        """For a number: pydantic would read 1 or 0."""
        kind = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and kind in (int, float):
            raise ValueError("must be a number, not true or false")
        return value


class Storage(Section):
    """Where state is kept, in paths relative to where the service is started, and how long."""

    database: DatabaseName = "data/mintcast.db"
    clips: FilePath = "data/clips"
    clip_files: ClipFiles = ""
    backups: FilePath = "data/backups"
    backup_before_migrating: bool = True
    keep_days: Annotated[int, Field(ge=1, le=_MOST_DAYS)] = 30


class Pumpfun(Section):
    """Where pump.fun answers, and how often it is asked."""

    livestream_url: HttpUrl = "https://livestream-api.pump.fun"
    frontend_url: HttpUrl = "https://frontend-api-v3.pump.fun"
    livekit_url: Annotated[str, AfterValidator(_websocket)] = (
        "wss://pump-prod-tg2x8veh.livekit.cloud"
    )
    regions_url: OptionalHttpUrl = ""
    media_hosts: tuple[Annotated[str, AfterValidator(_media_host)], ...] = (
        "clips.pump.fun",
        "thumbnails.pump.fun",
        "images.pump.fun",
    )
    poll_seconds: Seconds = 10.0
    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = 5.0
    start_grace_seconds: Seconds = 60.0
    end_grace_seconds: Seconds = 300.0


class Discord(Section):
    """Discord's addresses; the token comes from the environment. `shards` is how many connections
    share the servers, of which one node has `shards_per_node` at most; 0: any number."""

    api_url: HttpUrl = "https://discord.com/api/v10"
    gateway_url: OptionalWsUrl = ""
    guild_id: Annotated[int, Field(ge=0, le=(1 << 63) - 1)] = 0
    shards: Annotated[int, Field(ge=1, le=16_384)] = 1
    shards_per_node: Annotated[int, Field(ge=0, le=16_384)] = 0


class Telegram(Section):
    """Telegram's address; the token comes from the environment."""

    api_url: HttpUrl = "https://api.telegram.org"


class Http(Section):
    """Where health, metrics and the page are served."""

    host: ListenHost = "127.0.0.1"
    port: Port = 8080
    base_path: BasePath = ""
    trusted_proxies: tuple[Network, ...] = ()


class NetworkSection(Section):
    """How everything else is reached."""

    proxy: Annotated[str, AfterValidator(_proxy)] = ""


class Local(Section):
    """The page on this machine."""

    enabled: bool = True


class Subscriptions(Section):
    """How many coins a community may follow."""

    per_place: Annotated[int, Field(ge=1, le=1_000_000)] = 500


class Clips(Section):
    """How long, how high, how many, and for how long they are kept."""

    default_seconds: ClipSeconds = DEFAULT_CLIP_SECONDS
    max_seconds: ClipSeconds = 120.0
    max_height: Annotated[int, Field(ge=144, le=2160)] = 720
    concurrent: Annotated[int, Field(ge=1, le=64)] = 2
    per_place_cooldown_seconds: Seconds = 20.0
    per_person_cooldown_seconds: Seconds = 60.0
    keep_hours: Annotated[float, Field(gt=0, le=24 * _MOST_DAYS)] = 72.0
    max_gigabytes: Annotated[Gigabytes, Field(gt=0)] = 5.0
    min_free_gigabytes: Gigabytes = 2.0

    @property
    def max_bytes(self) -> int:
        """What all clips together may take."""
        return int(self.max_gigabytes * _GIGABYTE)

    @property
    def min_free_bytes(self) -> int:
        """What is kept free of clips."""
        return int(self.min_free_gigabytes * _GIGABYTE)


class Replay(Section):
    """How far clips can look back, and of how many streams at once; 0: as the machine bears."""

    enabled: bool = True
    seconds: Annotated[float, Field(ge=10, le=300)] = 60.0
    streams: Annotated[int, Field(ge=0, le=64)] = 0


class Recording(Section):
    """pump.fun's own recording of streams. `delay_seconds` is how far it runs behind, until that
    has been measured; `wait_seconds` for how long a clip waits for it to catch up."""

    enabled: bool = True
    delay_seconds: Annotated[float, Field(ge=0, le=120)] = 14.0
    wait_seconds: Annotated[float, Field(ge=0, le=120)] = 25.0
    cache_megabytes: Annotated[int, Field(ge=64, le=4096)] = 256

    @property
    def cache_bytes(self) -> int:
        """What segments that were fetched may take on the disk."""
        return self.cache_megabytes << 20


class Cluster(Section):
    """Several nodes on one PostgreSQL database. An empty `node`: this service is alone."""

    node: NodeName = ""
    roles: tuple[Role, ...] = tuple(Role)
    lease_seconds: Annotated[float, Field(ge=3, le=300)] = 30.0


class Log(Section):
    """What is logged, and how."""

    level: LogLevel = "info"
    format: Literal["text", "json"] = "text"


class Settings(Section):
    """All settings, each with its default."""

    storage: Storage = Storage()
    pumpfun: Pumpfun = Pumpfun()
    discord: Discord = Discord()
    telegram: Telegram = Telegram()
    http: Http = Http()
    network: NetworkSection = NetworkSection()
    local: Local = Local()
    subscriptions: Subscriptions = Subscriptions()
    clips: Clips = Clips()
    replay: Replay = Replay()
    recording: Recording = Recording()
    cluster: Cluster = Cluster()
    log: Log = Log()

    @property
    def clip_files(self) -> str:
        """Where clips are, as it is meant where nothing is said."""
        return self.storage.clip_files or (DATABASE if self.cluster.node else FOLDER)

    def with_log_level(self, level: LogLevel) -> Settings:
        """These settings, but for what is logged."""
        return self.model_copy(update={"log": self.log.model_copy(update={"level": level})})


def load_settings(
    file: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings from `file` (or where they are by rule) and `environment`.

    Raises SettingsError with every problem at once.
    """
    chosen = settings_file(file, environment)
    data = _read(chosen, must_exist=file is not None or bool(environment.get(FILE_VARIABLE)))
    problems = _override(data, environment)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += [_problem(details) for details in error.errors()]
    else:
        problems += _contradictions(settings)
    if problems:
        raise SettingsError(tuple(problems))
    return settings


def settings_file(file: Path | None, environment: Mapping[str, str]) -> Path:
    """The file that is read: `file`, else what the environment names, else `./config.toml`.

    Raises SettingsError for what is no path.
    """
    named = str(file) if file is not None else environment.get(FILE_VARIABLE) or str(DEFAULT_FILE)
    try:
        return Path(expand(named))
    except ValueError as error:
        key = "--config" if file is not None else FILE_VARIABLE
        raise SettingsError((SettingsProblem(key, str(error)),)) from None


def existing_settings_file(file: Path | None) -> Path | None:
    """The file that `load_settings` reads; None where it takes the defaults, for want of one."""
    found = settings_file(file, os.environ)
    return found if os.access(found, os.F_OK) else None


def _read(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(file))
    except FileNotFoundError:
        if not must_exist:
            return {}
        message = "there is no such file"
    except UnreadableError as error:
        message = f"cannot be read: {error}"
    except (ValueError, RecursionError) as error:
        message = f"is not valid TOML: {error}"
    raise SettingsError((SettingsProblem(str(file), message),))


def _override(data: dict[str, Any], environment: Mapping[str, str]) -> list[SettingsProblem]:
    """Lay `MINTCAST_SECTION__KEY` over `data`."""
    problems = []
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        section, key = variable.removeprefix(PREFIX).lower().split("__", 1)
        if key not in _known(section):
            problems.append(_unknown(variable, (section, key)))
            continue
        table = data.setdefault(section, {})
        if isinstance(table, dict):
            table[key] = _value(section, key, text)
    return problems


def _value(section: str, key: str, text: str) -> Any:
    """Lists are written as JSON or with commas; everything else is left for pydantic to read."""
    kind = Settings.model_fields[section].annotation
    assert kind is not None
    if not isinstance(kind.model_fields[key].default, tuple):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return [part.strip() for part in text.split(",") if part.strip()]


def _known(section: str) -> list[str]:
    field = Settings.model_fields.get(section)
    return list(field.annotation.model_fields) if field and field.annotation else []


def _problem(details: Any) -> SettingsProblem:
    path = tuple(str(part) for part in details["loc"])
    if details["type"] == "extra_forbidden":
        return _unknown(".".join(path), path)
    if details["type"] in _TOO_MUCH and (most := _most(path)) is not None:
        return SettingsProblem(".".join(path), f"must be a number, at most {most}")
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return SettingsProblem(".".join(path), message[0].lower() + message[1:])


def _most(path: tuple[str, ...]) -> float | None:
    """The largest number that may be written there."""
    section, key = path[:2]
    kind: Any = Settings.model_fields[section].annotation
    bounds = kind.model_fields[key].metadata
    return next((bound.le for bound in bounds if hasattr(bound, "le")), None)


def _unknown(shown: str, path: tuple[str, ...]) -> SettingsProblem:
    """Name the nearest setting that there is: of the same table first, else of all."""
    key = ".".join(path)
    every = [f"{section}.{name}" for section in Settings.model_fields for name in _known(section)]
    choices = every if len(path) > 1 else [*Settings.model_fields, *every]
    nearest = difflib.get_close_matches(key, choices, n=1, cutoff=0.5)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return SettingsProblem(shown, f"is not a setting{hint}")


def _contradictions(settings: Settings) -> list[SettingsProblem]:
    return [*_of_clips(settings.clips), *_of_cluster(settings)]


def _of_cluster(settings: Settings) -> list[SettingsProblem]:
    cluster = settings.cluster
    if cluster.node and not is_server(settings.storage.database):
        message = (
            "needs storage.database = postgresql://…: several nodes can't share a file."
            " Leave it empty to run one service alone"
        )
        return [SettingsProblem("cluster.node", message)]
    if not cluster.node and settings.discord.shards_per_node:
        message = "is for several nodes: leave it 0, and this one has all shards"
        return [SettingsProblem("discord.shards_per_node", message)]
    if not cluster.node and set(cluster.roles) != set(Role):
        message = "is for several nodes: give this one a name in cluster.node, or leave roles out"
        return [SettingsProblem("cluster.roles", message)]
    if not cluster.roles:
        return [SettingsProblem("cluster.roles", "must name one role at least")]
    return []


def _of_clips(clips: Clips) -> list[SettingsProblem]:
    if clips.default_seconds > clips.max_seconds:
        message = f"is more than clips.max_seconds ({clips.max_seconds:g})"
        return [SettingsProblem("clips.default_seconds", message)]
    return []
