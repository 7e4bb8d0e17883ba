"""Kinds of settings that people write in several ways: paths, and addresses of several sorts."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator

from bot.model.network import can_be_looked_up

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?")
_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
_OURS = frozenset({"api", "files", "healthz", "metrics", "page"})

FOLDER, DATABASE = "folder", "database"
"""Where finished clips are, for whoever needs them."""


class Role(StrEnum):
    """What a node of a cluster may do."""

    WATCH = "watch"
    ALERTS = "alerts"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    CLIPS = "clips"
    LOCAL = "local"


def expand(text: str) -> str:
    """`text` with `~` and `~user` put right; variables are left alone. Raises ValueError."""
    if not text.strip() or "\0" in text:
        raise ValueError("must be a path")
    try:
        return str(Path(text).expanduser()) if text.startswith("~") else text
    except RuntimeError:
        user = Path(text).parts[0]
        raise ValueError(f"starts with {user}, but there is no such user here") from None


def _host(text: str) -> str:
    """A name or an address, without the brackets of an URL."""
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        is_name = _NAME.fullmatch(bare) and can_be_looked_up(bare)
        if not is_name or bare.replace(".", "").isdigit():
            raise ValueError(
                "must be an address or a name to listen at, such as 127.0.0.1, 0.0.0.0 or ::1,"
                " without http:// or a port, which is a setting of its own"
            ) from None
    return bare


def _base_path(text: str) -> str:
    """`/mintcast` for `mintcast`, `/mintcast/` and the like; empty for `/`."""
    parts = text.strip("/").split("/")
    if parts == [""]:
        return ""
    if not all(_SEGMENT.fullmatch(part) for part in parts):
        raise ValueError("must be a path such as /mintcast/, with only letters, digits and - . _ ~")
    if parts[0] in _OURS:
        raise ValueError(f"can't start with /{parts[0]}, which Mintcast uses itself")
    return "/" + "/".join(parts)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ValueError(
            "must be an address or a network, such as 127.0.0.1 or 172.16.0.0/12"
        ) from None


def is_server(database: str) -> bool:
    """Whether a setting of a database names one on a PostgreSQL server, and not a file."""
    return "://" in database


def database_name(text: str) -> str:
    """A path, or an URL without a password: what is in the settings others may read."""
    if not is_server(text):
        return expand(text)
    try:
        parts = urlsplit(text.strip())
        is_sound = parts.port != 0
    except ValueError:  # a port that is no number
        parts, is_sound = urlsplit(""), False
    hosts = (parts.hostname or "").split(",")
    is_sound = is_sound and all(map(can_be_looked_up, hosts))
    names_one = bool(parts.hostname and parts.path.strip("/")) and not parts.fragment
    options = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme not in ("postgresql", "postgres") or not is_sound or not names_one:
        raise ValueError("must be a path, or postgresql://user@host:port/name")
    if parts.password is not None:
        raise ValueError(
            "must not have the password in it: set DATABASE_PASSWORD, or DATABASE_PASSWORD_FILE"
        )
    if options.keys() - {"sslmode"}:
        raise ValueError("may end in ?sslmode=… and in no other option")
    return text.strip().replace("postgres://", "postgresql://", 1)


def is_bucket(clip_files: str) -> bool:
    """Whether it names a bucket of S3."""
    return clip_files.startswith("s3://")


def _clip_files(text: str) -> str:
    if "@" in text:
        raise ValueError(
            "must not have a login in it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if text not in ("", FOLDER, DATABASE) and not _BUCKET.fullmatch(text):
        raise ValueError(f'must be "{FOLDER}", "{DATABASE}" or s3://bucket/prefix, or empty')
    return text.rstrip("/")


def _node(text: str) -> str:
    if text and not _NODE.fullmatch(text):
        raise ValueError("must be 1 to 40 letters, digits and - . _, such as node-1")
    return text


FilePath = Annotated[str, AfterValidator(expand)]
DatabaseName = Annotated[str, AfterValidator(database_name)]
ListenHost = Annotated[str, AfterValidator(_host)]
BasePath = Annotated[str, AfterValidator(_base_path)]
Network = Annotated[str, AfterValidator(_network)]
ClipFiles = Annotated[str, AfterValidator(_clip_files)]
NodeName = Annotated[str, AfterValidator(_node)]
