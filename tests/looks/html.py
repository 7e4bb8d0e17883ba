"""HTML in which everything is text unless it was made here."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from markupsafe import Markup, escape

__all__ = ["Markup", "join", "link_target", "tag"]

_VOID = {"br", "hr", "img", "input", "link", "meta", "source"}
_LINKS = ("http", "https", "tg", "discord", "mailto", "tel")


def tag(name: str, /, *inside: object, **attributes: object) -> Markup:
    """One element. Text in it is escaped; None and False leave an attribute out, True is bare.

    An attribute's name loses a `_` at its end and has `-` for each other: `class_`, `data_id`.
    """
    said = Markup("").join(
        Markup(" {}").format(_name(key))
        if value is True
        else Markup(' {}="{}"').format(_name(key), value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup("<{}{}>").format(name, said)
    return Markup("<{0}{1}>{2}</{0}>").format(name, said, join(inside))


def join(parts: Iterable[object]) -> Markup:
    """One after the other; None is nothing."""
    return Markup("").join(escape(part) for part in parts if part is not None)


def link_target(url: object) -> str | None:
    """The address, where a person may be sent there; None: it is to stay text."""
    text = str(url)
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        return None
    return text if scheme in _LINKS else None


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")
