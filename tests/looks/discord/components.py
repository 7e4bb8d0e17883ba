"""Components, the old ones below a message and those of Components V2 that are the message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.looks.discord.embeds import colour
from tests.looks.discord.markdown import markdown
from tests.looks.discord.media import covered, file, media
from tests.looks.discord.names import Names
from tests.looks.discord.selects import select
from tests.looks.html import Markup, join, link_target, tag

Json = dict[str, Any]

_STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium"}


def components(every: list[Json], names: Names) -> Markup | None:
    """All of them, one below the other."""
    return (
        tag("div", *(_one(part, names) for part in every), class_="components") if every else None
    )


def button(one: Json, names: Names) -> Markup:
    """A press on it is told to the bot; a link opens."""
    style = _STYLES.get(one.get("style", 2), "secondary")
    label = (emoji(one.get("emoji")), tag("span", one["label"]) if one.get("label") else None)
    look = f"button {style}"
    if style == "link":
        target = None if one.get("disabled") else link_target(one.get("url"))
        shown = (*label, tag("span", "↗", class_="opens"))
        return tag("a", *shown, class_=look, href=target, target="_blank", rel="noreferrer")
    return tag(
        "button",
        *(label if style != "premium" else ("✦ Upgrade",)),
        type="button",
        class_=look,
        disabled=bool(one.get("disabled")),
        data_press=one.get("custom_id"),
    )


def emoji(one: Json | None) -> Markup | None:
    """A custom one is its name: its picture is kept elsewhere."""
    if not one or not one.get("name"):
        return None
    return tag("span", f":{one['name']}:" if one.get("id") else one["name"], class_="emoji")


def _one(part: Json, names: Names) -> Markup:
    draw = _DRAWN.get(part["type"])
    if draw is None:
        return tag("div", f"component {part['type']} is not drawn", class_="elsewhere")
    return draw(part, names)


def _inside(part: Json, names: Names) -> Markup:
    return join(_one(one, names) for one in part.get("components") or [])


def _row(part: Json, names: Names) -> Markup:
    return tag("div", _inside(part, names), class_="row")


def _section(part: Json, names: Names) -> Markup:
    accessory = tag("div", _one(part["accessory"], names), class_="accessory")
    return tag("div", tag("div", _inside(part, names)), accessory, class_="section")


def _text(part: Json, names: Names) -> Markup:
    return tag("div", markdown(part["content"], names), class_="text-display")


def _thumbnail(part: Json, names: Names) -> Markup:
    shown = media(part["media"], part.get("description"), bool(part.get("spoiler")), names)
    return tag("div", shown, class_="thumbnail")


def _gallery(part: Json, names: Names) -> Markup:
    items = [
        media(one["media"], one.get("description"), bool(one.get("spoiler")), names)
        for one in part["items"]
    ]
    return tag("div", *items, class_="mosaic gallery", data_count=len(items))


def _file(part: Json, names: Names) -> Markup:
    told = {"name": part.get("name"), "size": part.get("size"), **part["file"]}
    return file(told, bool(part.get("spoiler")), names)


def _separator(part: Json, _: Names) -> Markup:
    size = "large" if part.get("spacing") == 2 else "small"
    return tag("hr", class_=f"separator {size}" + " bare" * (part.get("divider") is False))


def _container(part: Json, names: Names) -> Markup:
    accent, spoiler = part.get("accent_color"), bool(part.get("spoiler"))
    return tag(
        "div",
        _inside(part, names),
        **covered(spoiler),
        class_="container" + " accented" * (accent is not None) + " spoiler" * spoiler,
        style=f"--accent: {colour(accent)}" if accent is not None else None,
    )


_DRAWN: dict[int, Callable[[Json, Names], Markup]] = {
    1: _row,
    2: button,
    **dict.fromkeys((3, 5, 6, 7, 8), select),
    9: _section,
    10: _text,
    11: _thumbnail,
    12: _gallery,
    13: _file,
    14: _separator,
    17: _container,
}
