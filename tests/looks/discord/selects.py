"""Selects: of texts, people, roles and channels."""

from __future__ import annotations

from typing import Any

from tests.looks.discord.names import Names
from tests.looks.html import Markup, tag

Json = dict[str, Any]

_MOST = 25
_ASK = {5: "a user", 6: "a role", 7: "a user or role", 8: "a channel"}


def select(part: Json, names: Names) -> Markup:
    """Closed it shows what is chosen; open, all that can be."""
    options = choices(part, names)
    chosen = [one["label"] for one in options if one.get("default")]
    ask = part.get("placeholder") or f"Select {_ASK.get(part['type'], 'an option')}"
    said = tag("span", ", ".join(chosen) or ask, class_="" if chosen else "placeholder")
    closed = (said, tag("span", "⌄", class_="arrow"))
    if part.get("disabled"):
        return tag("div", tag("div", *closed, class_="closed"), class_="select disabled")
    several = (part.get("max_values") or 1) > 1
    menu = tag("div", *(_option(one, part, several) for one in options), class_="menu")
    return tag(
        "details",
        tag("summary", *closed, class_="closed"),
        menu,
        class_="select",
        data_choose=part["custom_id"],
        data_several=several,
        data_least=1 if part.get("min_values") is None else part["min_values"],
    )


def choices(part: Json, names: Names) -> list[Json]:
    """The options with `value`, `label` and whether they are chosen (`default`)."""
    if part["type"] == 3:
        return list(part["options"])
    chosen = {str(one["id"]) for one in part.get("default_values") or ()}
    return [
        {"value": key, "label": name, "default": key in chosen}
        for key, name in names.choices(part["type"])[:_MOST]
    ]


def _option(one: Json, part: Json, several: bool) -> Markup:
    mark = (one.get("emoji") or {}).get("name")
    about = tag("small", one["description"]) if one.get("description") else None
    box = tag(
        "input",
        type="checkbox" if several else "radio",
        name=part["custom_id"],
        value=one["value"],
        checked=bool(one.get("default")),
    )
    return tag("label", mark, tag("span", one["label"], about), box)
