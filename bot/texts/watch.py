"""What the watcher says of pump.fun and of coins, to people and in the log."""

from __future__ import annotations

from bot.model import Reason

BOARD_FAILS = "the list of live coins cannot be read, so that new streams are found more slowly"

_WHY: dict[Reason, str] = {
    Reason.TIMEOUT: "it does not answer in time",
    Reason.UNREACHABLE: "it cannot be reached",
    Reason.FORBIDDEN: "it refuses to answer this machine",
    Reason.ROUTE_GONE: "it no longer answers where I ask; look for a newer version of Mintcast",
    Reason.RATE_LIMITED: "it asks us to slow down",
    Reason.SERVER_ERROR: "it has a problem of its own",
}


def pumpfun_fails(reason: Reason, status: int | None = None) -> str:
    """A clause for `/healthz`, the page and the log: what is wrong with pump.fun."""
    why = _WHY.get(reason, "its answers cannot be read")
    return f"{why} (error {status})" if status is not None and status >= 400 else why
