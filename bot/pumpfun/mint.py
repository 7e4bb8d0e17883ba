"""From what a person typed to a mint: an address, or a pump.fun link to one.

Links are read with a URL parser and an exact list of hosts. Looking for "pump.fun" anywhere in
the text is how `https://pump.fun@evil.example/` gets in. Link shapes: observed in the wild,
September 2025 to October 2026.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

import base58

from bot.errors import MintError
from bot.model import MintFault

_SITE = frozenset({"pump.fun", "www.pump.fun"})
_CLIPS = "clips.pump.fun"
_PORTS = {"https": 443, "http": 80}
_BEFORE_MINT = frozenset({"coin", "live", "board", "base", "mint"})

_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]+")
_EVM = re.compile(r"(?:eip155:[0-9]+[:/])?0[xX][0-9a-fA-F]+")
_LINK_LIKE = re.compile(r"(?=.*[/@.:\\])\S+")


def parse_mint(text: str) -> str:
    """The mint that `text` names, in its own case: base58 is case-sensitive.

    Takes an address, or a link to one with or without `https://`; white space and the `<>`
    that chats put around links are passed over. Raises `MintError`, whose fault says what the
    text was instead. A creator's wallet looks exactly like a mint: only asking can tell.
    """
    bare = _unwrapped(text)
    if not bare:
        raise MintError(text, MintFault.EMPTY)
    fault = _fault(bare)
    if fault is MintFault.NOT_BASE58 and _LINK_LIKE.fullmatch(bare):
        return _from_link(text, bare)
    if fault is not None:
        raise MintError(text, fault)
    return bare


def is_mint(text: str) -> bool:
    """Whether `text` is an address as it stands: base58 of exactly 32 bytes."""
    return _fault(text) is None


def _unwrapped(text: str) -> str:
    bare = text.strip()
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    return bare


def _fault(address: str) -> MintFault | None:
    if _EVM.fullmatch(address):
        return MintFault.EVM
    if not _BASE58.fullmatch(address):
        return MintFault.NOT_BASE58
    # The length goes first: decoding takes time in the square of it.
    if not 32 <= len(address) <= 44 or len(base58.b58decode(address)) != 32:
        return MintFault.WRONG_LENGTH
    return None


def _from_link(text: str, bare: str) -> str:
    url = _split(bare)
    if url is None:
        raise MintError(text, MintFault.FOREIGN_HOST)
    segments = [segment for segment in url.path.split("/") if segment]
    if url.hostname == _CLIPS:
        candidate = segments[0] if segments else ""
    else:
        candidate = _site_candidate(text, segments)
    fault = _fault(candidate)
    if fault is not None:
        in_link = fault if fault is MintFault.EVM else MintFault.NO_MINT_IN_LINK
        raise MintError(text, in_link)
    return candidate


def _split(bare: str) -> SplitResult | None:
    """The parts of a link to one of our hosts; None for every other text."""
    # What cannot be seen may change what urlsplit makes of it: it is not what was meant.
    if not bare.isprintable():
        return None
    try:
        url = urlsplit(bare if "://" in bare else f"https://{bare}")
        port = url.port
    except ValueError:
        return None
    if url.scheme not in _PORTS or "@" in url.netloc:
        return None
    if url.hostname not in _SITE | {_CLIPS} or port not in (None, _PORTS[url.scheme]):
        return None
    return url


def _site_candidate(text: str, segments: list[str]) -> str:
    match segments:
        case ["profile", *_]:
            raise MintError(text, MintFault.WALLET_LINK)
        case [candidate]:
            return candidate
        case [before, candidate] if before in _BEFORE_MINT:
            return candidate
        case _:
            raise MintError(text, MintFault.NO_MINT_IN_LINK)
