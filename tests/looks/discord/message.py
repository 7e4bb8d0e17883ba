"""One message, from the JSON that Discord publishes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.looks.discord.components import components
from tests.looks.discord.embeds import embed
from tests.looks.discord.markdown import markdown
from tests.looks.discord.media import attachments
from tests.looks.discord.names import Names
from tests.looks.discord.times import header
from tests.looks.html import Markup, join, tag

Json = dict[str, Any]

SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT, COMPONENTS_V2 = (
    1 << 2,
    1 << 6,
    1 << 7,
    1 << 12,
    1 << 15,
)


def message(told: Json, names: Names) -> Markup:
    """As one sees it in a channel. `told` may have `interaction`, which says what it answers, and
    `referenced_message`, which it is a reply to."""
    flags = told.get("flags", 0)
    body = tag("div", _header(told, names), *_body(told, flags, names), class_="column")
    return tag(
        "article",
        _reply(told, names),
        tag("div", tag("div", _name(told)[:1], class_="avatar"), body, class_="line"),
        id=f"m{told['id']}",
        class_="message" + " ephemeral" * bool(flags & EPHEMERAL),
        data_message=told["id"],
    )


def _body(told: Json, flags: int, names: Names) -> tuple[Markup | None, ...]:
    if flags & LOADING:
        dots = tag("span", "•••", class_="dots")
        return (
            tag("div", dots, f" {_name(told)} is thinking…", class_="thinking"),
            _only_you(flags),
        )
    edited = tag("span", "(edited)", class_="edited") if told.get("edited_timestamp") else None
    if flags & COMPONENTS_V2:
        return (components(told.get("components") or [], names), edited, _only_you(flags))
    said = join([markdown(told.get("content") or "", names), edited])
    cards = [] if flags & SUPPRESS_EMBEDS else told.get("embeds") or []
    return (
        tag("div", said, class_="content") if said else None,
        attachments(told.get("attachments") or [], names),
        *(embed(one, names) for one in cards),
        components(told.get("components") or [], names),
        _only_you(flags),
    )


def _header(told: Json, names: Names) -> Markup:
    bot = tag("span", "APP", class_="app") if told["author"].get("bot") else None
    bell = tag("span", "🔕", class_="silent") if told.get("flags", 0) & SILENT else None
    at = header(datetime.fromisoformat(told["timestamp"]), names)
    return tag("header", tag("span", _name(told), class_="author"), bot, tag("time", at), bell)


def _name(told: Json) -> str:
    author = told["author"]
    return str(author.get("global_name") or author["username"])


def _reply(told: Json, names: Names) -> Markup | None:
    """The thin line above: who used which command, or what is replied to."""
    asked, answered = told.get("interaction"), told.get("referenced_message")
    if asked and asked.get("name"):
        who = asked["user"].get("global_name") or asked["user"]["username"]
        command = tag("span", f"/{asked['name']}", class_="mention")
        said = (tag("b", who), " used ", command)
    elif answered:
        said = (tag("b", _name(answered)), " ", tag("span", _snippet(answered), class_="snippet"))
    else:
        return None
    return tag("div", tag("span", class_="spine"), *said, class_="reply")


def _snippet(told: Json) -> str:
    return " ".join(str(told.get("content") or "").split()) or "Click to see attachment"


def _only_you(flags: int) -> Markup | None:
    if not flags & EPHEMERAL:
        return None
    dismiss = tag("button", "Dismiss message", type="button", data_dismiss=True)
    return tag("footer", "👁 Only you can see this • ", dismiss, class_="only-you")
