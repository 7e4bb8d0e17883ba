"""Why something failed, in words for people: what an exception says, whatever it is wrapped in."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import MintcastError
from bot.kit.secrets import scrub


def reason(error: BaseException) -> str:
    """A clause: of a group what each of its errors says, once. No secret that is known is in it."""
    return scrub("; ".join(dict.fromkeys(map(_said, leaves(error)))))


def is_all(error: BaseException, kinds: tuple[type[BaseException], ...]) -> bool:
    """Whether it is of these kinds; of a group, whether every one of its errors is."""
    return all(isinstance(leaf, kinds) for leaf in leaves(error))


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group holds, in its groups too; else the error itself."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from leaves(inner)


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{where}"
    words = " ".join(str(error).split())
    if isinstance(error, MintcastError) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
