"""What the command line and every platform say alike: refusals, failures, a coin's state."""

from __future__ import annotations

import unicodedata
from typing import assert_never

from bot.model import Live, MintFault, Reason, SettingsProblem, Starting
from bot.texts import units

_SHOWN = 48


def pumpfun_failed(
    reason: Reason, status: int | None = None, retry_after: float | None = None
) -> str:
    """Why pump.fun could not be asked, and what to do next. `retry_after` is in seconds."""
    happened, next_step = _FAILED[reason]
    if reason in _NUMBERED and status is not None:
        happened += f" (error {status})"
    if retry_after is not None:
        next_step = f"please try again in {units.wait(retry_after)}"
    return f"{happened}; {next_step}."


_SOON = "please try again in a minute"
_NEWER = "whoever runs this bot should look for a newer version of Mintcast"
_UNREADABLE = (
    "pump.fun gave an answer that I cannot read",
    "please try again, and if it lasts, look for a newer version of Mintcast",
)
_WITHOUT = "I go on without it, and there is nothing for you to do"
_NUMBERED = frozenset({Reason.SERVER_ERROR, Reason.UNEXPECTED_STATUS})

_FAILED: dict[Reason, tuple[str, str]] = {
    Reason.TIMEOUT: ("pump.fun did not answer in time", _SOON),
    Reason.UNREACHABLE: (
        "I could not reach pump.fun",
        "please try again in a minute, or check the network where Mintcast runs",
    ),
    Reason.TOKEN_EXPIRED: (
        "The permission to watch this stream has run out",
        "please try again, and I will ask for a new one",
    ),
    Reason.FORBIDDEN: (
        "pump.fun refuses to answer me",
        "if it lasts, whoever runs this bot should check whether its address is blocked",
    ),
    Reason.ROUTE_GONE: ("pump.fun no longer answers this question where I ask it", _NEWER),
    Reason.NOT_FOUND: (
        "pump.fun does not have what I asked for",
        "please check the address, or try again once the stream is live",
    ),
    Reason.RATE_LIMITED: ("pump.fun asks me to slow down", _SOON),
    Reason.SERVER_ERROR: ("pump.fun has a problem of its own", _SOON),
    Reason.UNEXPECTED_STATUS: ("pump.fun gave an answer that I do not know", _NEWER),
    Reason.NOT_JSON: _UNREADABLE,
    Reason.EMPTY: _UNREADABLE,
    Reason.WRONG_SHAPE: _UNREADABLE,
    Reason.TOO_LARGE: ("What pump.fun sent is larger than I accept", _WITHOUT),
    Reason.NOT_ALLOWED: ("That picture is on a site that I do not fetch from", _WITHOUT),
    Reason.NOT_A_PICTURE: ("What should have been a picture is not one that I can open", _WITHOUT),
}


def mint_refused(text: str, fault: MintFault) -> str:
    """Why `text` names no coin, and what to send instead."""
    match fault:
        case MintFault.EMPTY:
            return f"No coin was named; {_SEND}."
        case MintFault.NOT_BASE58:
            return f"“{shown(text)}” is neither a coin's address nor a pump.fun link; {_SEND}."
        case MintFault.WRONG_LENGTH:
            return (
                f"“{shown(text)}” does not have the length of a coin's address;"
                " please copy it again, whole."
            )
        case MintFault.EVM:
            return (
                "That is an address of Ethereum or a chain like it, and I only follow coins on"
                f" Solana; {_SEND}."
            )
        case MintFault.FOREIGN_HOST:
            # Not shown: a chat would turn it into a link to a place that we do not vouch for.
            return f"That link does not lead to pump.fun; {_SEND}."
        case MintFault.WALLET_LINK:
            return (
                "That link leads to a creator's profile, which is a wallet and not a coin;"
                " please open the coin there and send its link."
            )
        case MintFault.NO_MINT_IN_LINK:
            return (
                "That pump.fun link names no coin; please send one like"
                " https://pump.fun/coin/<address>."
            )
        case _:
            assert_never(fault)


def not_a_coin(mint: str) -> str:
    """`mint` is a sound address, and pump.fun knows no coin by it."""
    return (
        f"pump.fun knows no coin with the address {shown(mint)}, which may be somebody's wallet;"
        " please send the coin's own address or link."
    )


def shown(text: str) -> str:
    """What somebody typed, fit to be shown: one line, no control or bidi marks, and short."""
    visible = "".join(
        " " if char.isspace() else char
        for char in text[: 8 * _SHOWN]
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    line = " ".join(visible.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def shown_url(url: str) -> str:
    """A URL from outside, on one line, without control marks; cut only where it is absurd."""
    return "".join(c for c in url[:300] if unicodedata.category(c)[0] not in "CZ")


_SEND = "please send a coin's address or its pump.fun link"


# Durations, sizes, settings


def duration_refused(text: str, longest: float, seconds: float | None = None) -> str:
    """Why `text` is no length for a clip, and what is."""
    if text.startswith("--"):
        return f"{shown(text)} is not an option of this command; --help lists them."
    if seconds is not None and seconds > longest:
        return f"A clip can be at most {units.span(longest)} long; you asked for {units.span(seconds)}."
    if seconds is not None:
        return f"A clip must be longer than {units.span(max(0.0, seconds))}; say for example 30s."
    return f"“{shown(text)}” is not a length; say for example 30s, 90, 1:30 or 1m30s."


def not_a_size(text: str) -> str:
    """Why `text` is no `--max-bytes`."""
    return f"“{shown(text)}” is not a size; say for example 10MiB, 512k or 10485760."


def report_lost(why: str) -> str:
    """Nobody could be told on stdout; the exit code tells what became of it."""
    return f"The answer could not be written to stdout: {why}."


def child_failed(detail: str) -> str:
    """A process of ours could not do its part; `detail` is for whoever looks into it."""
    return f"Something failed on this machine: {detail}"


def too_few_bytes(seconds: float, least: int) -> str:
    """Why `--max-bytes` is too small."""
    return (
        f"A clip of {units.span(seconds)} needs at least {units.size(least)} ({least} bytes);"
        " allow more, or ask for a shorter one."
    )


def settings_refused(problems: tuple[SettingsProblem, ...]) -> str:
    """Every problem of the settings, a line each."""
    lines = "\n".join(f"  {problem.key}: {problem.message}" for problem in problems)
    return f"The settings do not hold:\n{lines}"


def demo_not_installed(package: str) -> str:
    """Why `mintcast demo` cannot start."""
    return (
        f"The demo's packages are not installed ({package} is missing);"
        " `make demo` installs them, and so does `pip install 'mintcast[demo]'`."
    )


_CELLS = 12


def progress_bar(share: float) -> str:
    """A share from 0 to 1, drawn in one line."""
    whole = min(1.0, max(0.0, share))
    full = round(whole * _CELLS)
    return f"{'▰' * full}{'▱' * (_CELLS - full)} {whole:.0%}"


# A coin's state


def state_of(observation: Live | Starting, name: str) -> str:
    """The first line about a stream that is on."""
    if isinstance(observation, Live):
        return f"{name} is live."
    return f"{name} is starting: the creator has connected, but no picture is to be seen yet."


def offline(name: str) -> str:
    """No stream."""
    return f"{name} is not live right now."
