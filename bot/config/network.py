"""The proxy: from `[network] proxy`, else from the environment's `*_PROXY`, where they are valid.

What is wrong in a setting is a problem; what is wrong in the environment, which may be meant for
other programs, is left out, and said.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.config.settings import NO_PROXY_AT_ALL, Settings
from bot.config.text_files import is_folder
from bot.model.network import Exempt, Network, Proxy, parse_exempt, parse_proxy

SETTING = "[network] proxy"


@dataclass(frozen=True, slots=True)
class Networking:
    """`sources` say where a proxy comes from, `ignored` what was left out and why, by name."""

    network: Network
    sources: tuple[str, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()


def load_network(settings: Settings, environment: Mapping[str, str] = os.environ) -> Networking:
    """What holds for everything that is asked. Never raises: a setting was checked before."""
    ignored: dict[str, str] = {}
    chosen = settings.network.proxy
    if chosen:
        https = http = None if chosen == NO_PROXY_AT_ALL else parse_proxy(chosen)
        https_from = http_from = SETTING
    else:
        https, https_from = _proxy(("https_proxy", "all_proxy"), environment, ignored)
        http, http_from = _proxy(("http_proxy", "all_proxy"), environment, ignored)
    ca_file, ca_folder = _certificates(environment, ignored)
    return Networking(
        Network(https, http, _exempt(environment, ignored), ca_file, ca_folder),
        tuple(dict.fromkeys(name for name in (https_from, http_from) if name)),
        tuple(ignored.items()),
    )


def _given(name: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """The name that has a value, small letters first, as everywhere; and the value."""
    for spelt in (name, name.upper()):
        if text := environment.get(spelt, "").strip():
            return spelt, text
    return "", ""


def _proxy(
    names: tuple[str, ...], environment: Mapping[str, str], ignored: dict[str, str]
) -> tuple[Proxy | None, str]:
    for name in names:
        spelt, text = _given(name, environment)
        if not text:
            continue
        try:
            return parse_proxy(text), spelt
        except ValueError as error:
            ignored[spelt] = str(error)
    return None, ""


def _exempt(environment: Mapping[str, str], ignored: dict[str, str]) -> tuple[Exempt, ...]:
    spelt, text = _given("no_proxy", environment)
    found: list[Exempt] = []
    wrong: list[str] = []
    for part in re.split(r"[\s,]+", text):
        try:
            found += [parse_exempt(part)] if part else []
        except ValueError:
            wrong.append(part)
    if wrong:
        ignored[spelt] = f"contains {', '.join(wrong)}, which isn't a name or an address"
    return tuple(found)


def _certificates(environment: Mapping[str, str], ignored: dict[str, str]) -> tuple[str, str]:
    file, folder = environment.get("SSL_CERT_FILE", ""), environment.get("SSL_CERT_DIR", "")
    if folder and not (is_folder(Path(folder)) and os.access(folder, os.X_OK)):
        ignored["SSL_CERT_DIR"] = "isn't a folder that can be looked into"
        folder = ""
    try:
        if file:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError as error:
        ignored["SSL_CERT_FILE"] = (
            f"can't be read: {error.strerror or 'it contains no certificate'}"
        )
        file = ""
    return file, folder
