"""What `mintcast run` says when it starts and stops, and what `mintcast check` found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from bot.errors import TokenRefused
from bot.model import DatabaseAge
from bot.model.network import Network
from bot.texts import units

_PLATFORMS = {"discord": ("Discord", "DISCORD_TOKEN"), "telegram": ("Telegram", "TELEGRAM_TOKEN")}
_TOKENS_FROM = {
    "discord": "the application’s page Bot (discord.com/developers/applications)",
    "telegram": "@BotFather",
}
_MEDIA = "video and sound come straight from LiveKit, which no proxy can carry"


def page_line(origin: str | None) -> str:
    """Where the page is, if there is one."""
    return f"Page: {origin}/" if origin else "Page: off, [local] enabled = false"


def platform_off(platform: str) -> str:
    """A chat platform that was given no token."""
    name, variable = _PLATFORMS[platform]
    return f"{name}: off, no {variable}"


def token_refused(error: TokenRefused) -> str:
    """A platform does not take its token; what to do next."""
    name, variable = _PLATFORMS[error.platform]
    return (
        f"{name} does not take the token in {variable}; please copy it anew from"
        f" {_TOKENS_FROM[error.platform]}, or leave {variable} empty to run without {name}."
    )


def platform_ended(error: TokenRefused) -> str:
    """A platform stopped while the service goes on."""
    name, _ = _PLATFORMS[error.platform]
    why = error.detail or token_refused(error)
    return f"{name}: stopped, all else goes on, and what is owed there is kept. {why}"


def watching(subscriptions: int, poll_seconds: float) -> str:
    """What the watcher does."""
    what = "1 subscription" if subscriptions == 1 else f"{subscriptions} subscriptions"
    return f"Watching for {what}, every {poll_seconds:g} s"


def stopping() -> str:
    """The first signal came."""
    return "Stopping; once more ends it at once"


def stopped() -> str:
    """The end, in order."""
    return "Stopped"


def database_state(path: str, age: DatabaseAge) -> str:
    """A database that can be used."""
    match age:
        case DatabaseAge.NONE:
            return f"{path} will be made"
        case DatabaseAge.CURRENT:
            return f"{path} is sound"
        case DatabaseAge.OLDER:
            return f"{path} is sound; the next start brings it up to date, after a backup"
        case _:
            assert_never(age)


def folder_good(path: str, free: int) -> str:
    """Clips can be kept there."""
    return f"{path} can be written, {units.size(free)} free"


def folder_not_writable(path: str, user: int) -> str:
    """The folder for clips is not ours to write to."""
    return (
        f"{path} cannot be written by user {user}; give it that folder (chown -R {user} {path}),"
        " or name another one ([storage] clips)"
    )


def disk_short(path: str, free: int, least: int) -> str:
    """Too little room for clips."""
    return (
        f"{path} has {units.size(free)} free, and clips stop below {units.size(least)}"
        " ([clips] min_free_gigabytes)"
    )


def worker_good() -> str:
    """A recording process starts."""
    return "the process that records starts"


def worker_failed(detail: str) -> str:
    """It does not."""
    return f"the process that records does not start: {detail or 'it did not answer in time'}"


def answers(url: str) -> str:
    """A service of pump.fun answers."""
    return f"{url} answers"


def port_free(place: str) -> str:
    """The page can be served there."""
    return f"{place} is free"


def network_sentences(
    network: Network, sources: Iterable[str], ignored: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """The way, then what was left out. No password is shown."""
    return (
        _way(network, tuple(sources)),
        *(f"{name} {why}, and is left out" for name, why in ignored),
    )


def _way(network: Network, sources: tuple[str, ...]) -> str:
    through = _through(network)
    if not through:
        return "straight, without a proxy"
    exempt = ", ".join(["this machine", *(one.shown for one in network.exempt)])
    return f"through {through} ({', '.join(sources)}), but not for {exempt}; {_MEDIA}"


def _through(network: Network) -> str:
    if network.https == network.http:
        return str(network.https) if network.https else ""
    ways = (("https", network.https), ("http", network.http))
    return ", ".join(f"{proxy} for {scheme}://" for scheme, proxy in ways if proxy)
