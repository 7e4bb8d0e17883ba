"""The inline keyboard below a message."""

from __future__ import annotations

from typing import Any

from tests.looks.html import Markup, link_target, tag

Json = dict[str, Any]

_SIGNS = {
    **dict.fromkeys(("url", "login_url"), "↗"),
    "copy_text": "⧉",
    "web_app": "▣",
    "pay": "★",
    "switch_inline_query": "↪",
}


def keyboard(markup: Json | None) -> Markup | None:
    """Its rows; None where there are none."""
    rows = (markup or {}).get("inline_keyboard")
    if not rows:
        return None
    return tag("div", *(_row(row) for row in rows), class_="keyboard")


def _row(buttons: list[Json]) -> Markup:
    return tag("div", *(_button(one) for one in buttons), class_="keys")


def _button(one: Json) -> Markup:
    sign = next((sign for does, sign in _SIGNS.items() if does in one), None)
    corner = tag("span", sign, class_="sign") if sign else None
    inside = (tag("span", one["text"], class_="label"), corner)
    look = "key" + (f" {one['style']}" if one.get("style") else "")
    target = link_target(one.get("url") or (one.get("login_url") or {}).get("url"))
    if target is not None and corner is not None:
        return tag("a", *inside, class_=look, href=target, target="_blank", rel="noreferrer")
    return tag(
        "button",
        *inside,
        type="button",
        class_=look,
        data_press=one.get("callback_data"),
        data_copy=(one.get("copy_text") or {}).get("text"),
    )
