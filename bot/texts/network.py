"""What is said of the way to others."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.network import Network

_MEDIA = "video and sound come straight from LiveKit, which no proxy can carry"


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
