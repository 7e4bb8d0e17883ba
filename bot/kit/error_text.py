"""Why something failed: what an exception says, in words for people and whatever it is wrapped in;
and whether the disk was full."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from bot.errors import MintcastError
from bot.kit.secrets import scrub

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""EFBIG: a file is larger than the file system takes, or than this process may make one."""


def reason(error: BaseException) -> str:
    """A clause: of a group what each of its errors says, once. No secret that is known is in it."""
    return scrub("; ".join(dict.fromkeys(map(_said, leaves(error)))))


def is_all(error: BaseException, kinds: tuple[type[BaseException], ...]) -> bool:
    """Whether it is of these kinds; of a group, whether every one of its errors is."""
    return all(isinstance(leaf, kinds) for leaf in leaves(error))


def is_disk_full(error: Exception) -> bool:
    """Whether what could not be written found no room."""
    return getattr(error, "errno", None) in _NO_ROOM  # FFmpeg's errors have one, too


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
