"""What the command line and every platform say alike: refusals, failures, a coin's state."""

from __future__ import annotations

import unicodedata
from typing import assert_never

from bot.model import SHORTEST_CLIP_SECONDS, Live, MintFault, Reason, SettingsProblem, Starting
from bot.texts import units

_SHOWN = 48


PREVIOUS_PAGE = "◀ Previous"
NEXT_PAGE = "Next ▶"


def pumpfun_failed(
    reason: Reason, status: int | None = None, retry_after: float | None = None
) -> str:
    """Why pump.fun could not be asked, and what to do next. `retry_after` is in seconds."""
    happened, next_step = _FAILED[reason]
    if reason in _NUMBERED and status is not None:
        happened += f" (error {status})"
    if retry_after is not None:
        next_step = f"Try again in {units.wait(retry_after)}."
    return f"{happened}. {next_step}"


_SOON = "Try again in a minute."
_OUTDATED = "Mintcast may need an update."
_UNREADABLE = ("pump.fun's answer can't be read", f"Try again. If it lasts, {_OUTDATED}")
_WITHOUT = "Mintcast goes on without it."
_NUMBERED = frozenset({Reason.SERVER_ERROR, Reason.UNEXPECTED_STATUS})

_FAILED: dict[Reason, tuple[str, str]] = {
    Reason.TIMEOUT: ("pump.fun didn't answer in time", _SOON),
    Reason.UNREACHABLE: (
        "pump.fun can't be reached",
        f"{_SOON} If it lasts, check the network where Mintcast runs.",
    ),
    Reason.TOKEN_EXPIRED: ("The access to this stream has expired", "Try again to get a new one."),
    Reason.FORBIDDEN: (
        "pump.fun refuses to answer",
        "If it lasts, the bot's operator should check whether its IP address is blocked.",
    ),
    Reason.ROUTE_GONE: ("pump.fun no longer answers this question", _OUTDATED),
    Reason.NOT_FOUND: (
        "pump.fun doesn't have that",
        "Check the address, or try again once the stream is live.",
    ),
    Reason.RATE_LIMITED: ("pump.fun asks Mintcast to slow down", _SOON),
    Reason.SERVER_ERROR: ("pump.fun has a problem", _SOON),
    Reason.UNEXPECTED_STATUS: ("pump.fun gave an unknown answer", _OUTDATED),
    Reason.NOT_JSON: _UNREADABLE,
    Reason.EMPTY: _UNREADABLE,
    Reason.WRONG_SHAPE: _UNREADABLE,
    Reason.TOO_LARGE: ("pump.fun sent more than Mintcast accepts", _WITHOUT),
    Reason.NOT_ALLOWED: ("That file is on a site that Mintcast doesn't fetch from", _WITHOUT),
    Reason.NOT_A_PICTURE: ("The picture can't be opened", _WITHOUT),
    Reason.NOT_A_VIDEO: ("The video can't be opened", _WITHOUT),
}


def mint_refused(text: str, fault: MintFault) -> str:
    """Why `text` names no coin, and what to send instead."""
    match fault:
        case MintFault.EMPTY:
            return f"No coin given. {_SEND}"
        case MintFault.NOT_BASE58:
            return f"“{shown(text)}” isn't a coin's address or a pump.fun link. {_COPY}"
        case MintFault.WRONG_LENGTH:
            return f"“{shown(text)}” is too short or too long for a coin's address. {_COPY}"
        case MintFault.EVM:
            return (
                "That address is from Ethereum or a similar chain, and pump.fun's coins are on"
                f" Solana. {_SEND}"
            )
        case MintFault.FOREIGN_HOST:
            # Not shown: a chat would turn it into a link to a place that we do not vouch for.
            return f"That link doesn't lead to pump.fun. {_SEND}"
        case MintFault.WALLET_LINK:
            return (
                "That's a creator's profile, not a coin. Open the coin on pump.fun and send its"
                " link."
            )
        case MintFault.NO_MINT_IN_LINK:
            return "That link names no coin. Send one like https://pump.fun/coin/<address>."
        case _:
            assert_never(fault)


_SEND = "Send a coin's address or its pump.fun link."
_COPY = "Copy it from the coin's page."


def not_a_coin(mint: str) -> str:
    """`mint` is a sound address, and pump.fun knows no coin by it."""
    return (
        f"pump.fun knows no coin with the address {shown(mint)}. It may be a wallet: send the"
        " coin's own address or link."
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


# Durations, sizes, settings


def duration_refused(text: str, longest: float, seconds: float | None = None) -> str:
    """Why `text` is no length for a clip, and what is."""
    if text.startswith("--"):
        return f"{shown(text)} isn't an option of this command. --help lists them."
    if seconds is not None and seconds > longest:
        return f"A clip can be at most {units.span(longest)} long, not {units.span(seconds)}."
    if seconds is not None:
        return f"A clip must be at least {units.span(SHORTEST_CLIP_SECONDS)} long. Try 30s."
    return f"“{shown(text)}” isn't a length. Try 30s, 90, 1:30 or 1m30s."


def not_a_size(text: str) -> str:
    """Why `text` is no `--max-bytes`."""
    return f"“{shown(text)}” isn't a size. Try 10MB, 512k or 10485760."


def report_lost(why: str) -> str:
    """Nobody could be told on stdout; the exit code tells what became of it."""
    return f"The answer couldn't be written to stdout: {why}."


def child_failed(detail: str) -> str:
    """A process of ours could not do its part; `detail` is for whoever looks into it."""
    return f"Something failed on this machine: {detail}"


def too_few_bytes(seconds: float, least: int) -> str:
    """Why `--max-bytes` is too small."""
    return (
        f"A clip of {units.span(seconds)} needs at least {units.size(least)} ({least} bytes)."
        " Allow more, or ask for a shorter one."
    )


def settings_refused(problems: tuple[SettingsProblem, ...]) -> str:
    """Every problem of the settings, a line each."""
    lines = "\n".join(f"  {problem.key}: {problem.message}" for problem in problems)
    return f"Invalid settings:\n{lines}"


def demo_not_installed(package: str) -> str:
    """Why `mintcast demo` cannot start."""
    return (
        f"The demo's packages aren't installed ({package} is missing). Run `make demo` in"
        " Mintcast's folder, which installs them."
    )


def chosen(label: str) -> str:
    """The one of several that holds, where a control has no sign of its own for that."""
    return f"✓ {label}"


# A coin's state

NO_VIDEO_YET = "Connected, no video yet."


def state_of(observation: Live | Starting, name: str) -> str:
    """The first line about a stream that is on."""
    if isinstance(observation, Live):
        return f"{name} is live."
    return f"{name} is starting. {NO_VIDEO_YET}"


def offline(name: str) -> str:
    """No stream."""
    return f"{name} is offline."
