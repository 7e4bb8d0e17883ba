"""Modals: forms that the bot asks somebody to fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.looks.discord.markdown import markdown
from tests.looks.discord.names import Names
from tests.looks.discord.selects import choices
from tests.looks.html import Markup, tag

Json = dict[str, Any]

_PARAGRAPH = 2


def modal(told: Json, names: Names, *, submit: object) -> Markup:
    """The form; `submit` says of which interaction it is."""
    fields = (_field(one, names) for one in told["components"])
    buttons = (
        tag("button", "Cancel", type="button", class_="button secondary", data_cancel=True),
        tag("button", "Submit", type="submit", class_="button primary"),
    )
    form = tag("form", tag("h2", told["title"]), *fields, tag("div", *buttons, class_="row"))
    return tag("dialog", form, class_="modal", data_submit=submit)


def _field(part: Json, names: Names) -> Markup:
    kind = part["type"]
    if kind == 1:
        return tag("div", *(_field(one, names) for one in part["components"]))
    if kind == 10:
        return markdown(part["content"], names)
    if kind == 18:
        about = tag("small", part["description"]) if part.get("description") else None
        return tag("label", tag("b", part["label"]), about, _input(part["component"], names))
    return tag("label", tag("b", part.get("label")), _input(part, names))


def _input(part: Json, names: Names) -> Markup:
    draw = _DRAWN.get(part["type"])
    if draw is None:
        return tag("div", f"component {part['type']} is not drawn", class_="elsewhere")
    return draw(part, names)


def _text(part: Json, _: Names) -> Markup:
    known: dict[str, object] = {
        "name": part["custom_id"],
        "placeholder": part.get("placeholder"),
        "required": part.get("required") is not False,
        "minlength": part.get("min_length"),
        "maxlength": part.get("max_length"),
    }
    if part.get("style") == _PARAGRAPH:
        return tag("textarea", part.get("value"), rows=4, **known)
    return tag("input", value=part.get("value"), **known)


def _select(part: Json, names: Names) -> Markup:
    options = (
        tag("option", one["label"], value=one["value"], selected=bool(one.get("default")))
        for one in choices(part, names)
    )
    several = (part.get("max_values") or 1) > 1
    return tag("select", *options, name=part["custom_id"], multiple=several)


def _boxes(part: Json, _: Names) -> Markup:
    kind = "radio" if part["type"] == 21 else "checkbox"
    every = part.get("options") or [{"value": "true", "label": "", "default": part.get("default")}]
    shown = (
        tag(
            "label",
            tag(
                "input",
                type=kind,
                name=part["custom_id"],
                value=one["value"],
                checked=bool(one.get("default")),
            ),
            one["label"],
            tag("small", one["description"]) if one.get("description") else None,
        )
        for one in every
    )
    return tag("div", *shown, class_="boxes")


_DRAWN: dict[int, Callable[[Json, Names], Markup]] = {
    **dict.fromkeys((3, 5, 6, 7, 8), _select),
    4: _text,
    **dict.fromkeys((21, 22, 23), _boxes),
}
