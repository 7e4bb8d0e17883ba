"""Embeds: the cards of messages without the new components."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.looks.discord.inline import inline
from tests.looks.discord.markdown import markdown
from tests.looks.discord.media import media
from tests.looks.discord.names import Names
from tests.looks.discord.times import header
from tests.looks.html import Markup, link_target, tag

Json = dict[str, Any]


def embed(one: Json, names: Names) -> Markup:
    """One card; its colour is the bar on its left."""
    parts = (
        _author(one.get("author") or {}),
        _title(one, names),
        _part("description", one.get("description"), names),
        _fields(one.get("fields") or [], names),
    )
    text = tag("div", *parts, class_="text")
    body = tag("div", text, _picture("thumbnail", one, names), class_="body")
    return tag(
        "div",
        body,
        _picture("image", one, names) or _picture("video", one, names),
        _footer(one, names),
        class_="embed" + " pictured" * bool(one.get("image")),
        style=f"--accent: {colour(one['color'])}" if one.get("color") is not None else None,
    )


def colour(value: object) -> str:
    """As CSS writes it."""
    return f"#{int(str(value)) & 0xFFFFFF:06x}"


def _author(one: Json) -> Markup | None:
    if not one.get("name"):
        return None
    target = link_target(one.get("url"))
    said = tag("a", one["name"], href=target, target="_blank") if target else one["name"]
    return tag("div", said, class_="embed-author")


def _title(one: Json, names: Names) -> Markup | None:
    if not one.get("title"):
        return None
    said, target = inline(one["title"], names), link_target(one.get("url"))
    inside = tag("a", said, href=target, target="_blank", rel="noreferrer") if target else said
    return tag("div", inside, class_="embed-title")


def _part(kind: str, text: str | None, names: Names) -> Markup | None:
    return tag("div", markdown(text, names), class_=f"embed-{kind}") if text else None


def _fields(fields: list[Json], names: Names) -> Markup | None:
    if not fields:
        return None
    shown = (
        tag(
            "div",
            tag("strong", inline(one["name"], names)),
            markdown(one["value"], names),
            data_inline=bool(one.get("inline")),
        )
        for one in fields
    )
    return tag("div", *shown, class_="fields")


def _picture(kind: str, one: Json, names: Names) -> Markup | None:
    told = one.get(kind) or {}
    if not told.get("url"):
        return None
    return tag("div", media(told, None, False, names), class_=f"embed-{kind}")


def _footer(one: Json, names: Names) -> Markup | None:
    said = (one.get("footer") or {}).get("text")
    at = one.get("timestamp")
    when = header(datetime.fromisoformat(at), names) if at else None
    text = " • ".join(str(part) for part in (said, when) if part)
    return tag("div", text, class_="embed-footer") if text else None
