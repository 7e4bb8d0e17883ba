"""Where to enter LiveKit: its list of regions, nearest first, the bare host last.

A region receives our join token, so a hostile list must not name any host it likes.
A region is taken only when its host is

* the LiveKit host itself, or a name under it; or
* under `livekit.cloud`, when the LiveKit host is too: one operator holds them all, and the
  regions of `x.livekit.cloud` are called `x.<region>.production.livekit.cloud`; or
* on this machine, when the LiveKit host is.

It may not fall back from `wss` to `ws`, and its port is the LiveKit host's or the usual one.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from bot.errors import PumpfunError
from bot.model import Reason, Region
from bot.pumpfun import json_fields

_CLOUD = ".livekit.cloud"
_WS = {"https": "wss", "wss": "wss", "http": "ws", "ws": "ws"}
_HTTP = {"https": "https", "wss": "https", "http": "http", "ws": "http"}
_MOST_REGIONS = 32


def list_url(livekit_url: str) -> str:
    """Where LiveKit lists its regions by default."""
    home = urlsplit(livekit_url)
    return f"{_HTTP[home.scheme]}://{home.netloc}/settings/regions"


def bare_host(livekit_url: str) -> Region:
    """The way in that needs no list."""
    return Region("default", livekit_url)


def nearest_first(value: object, livekit_url: str) -> tuple[Region, ...]:
    """The regions of `{"regions": [{region, url, distance}]}`, then the bare host.

    Unknown distances come after all known ones. Raises `PumpfunError` (WRONG_SHAPE).
    """
    listed = value.get("regions") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise PumpfunError(Reason.WRONG_SHAPE, detail="no list of regions")
    home = urlsplit(livekit_url)
    found = [
        region for entry in listed[:_MOST_REGIONS] if (region := _region(entry, home)) is not None
    ]
    found.sort(key=lambda region: (region.distance is None, region.distance or 0.0))
    return (*found, bare_host(livekit_url))


def _region(entry: object, home: SplitResult) -> Region | None:
    if not isinstance(entry, dict):
        return None
    listed = json_fields.web_url(entry.get("url"), *_WS)
    if listed is None or not _may_have_the_token(url := urlsplit(listed), home):
        return None
    name = json_fields.text(entry.get("region"), 60) or (url.hostname or "")
    where = f"{_WS[url.scheme]}://{url.netloc.lower()}"
    return Region(name, where, json_fields.real(entry.get("distance")))


def _may_have_the_token(url: SplitResult, home: SplitResult) -> bool:
    host, home_host = url.hostname or "", home.hostname or ""
    if _is_loopback(home_host):
        return _is_loopback(host)
    downgraded = _WS[home.scheme] == "wss" and _WS[url.scheme] == "ws"
    if downgraded or url.port not in (None, home.port):
        return False
    return _belongs(host, home_host)


def _belongs(host: str, home: str) -> bool:
    same_cloud = host.endswith(_CLOUD) and home.endswith(_CLOUD)
    return host == home or host.endswith(f".{home}") or same_cloud


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
