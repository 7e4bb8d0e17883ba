"""One message, from the JSON that Telegram publishes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from tests.looks.html import Markup, join, tag
from tests.looks.telegram.entities import Reader, marked
from tests.looks.telegram.keyboard import keyboard
from tests.looks.telegram.media import Where, media

Json = dict[str, Any]

_SERVICE = {
    "forum_topic_created": "created the topic",
    "forum_topic_closed": "closed the topic",
    "forum_topic_reopened": "reopened the topic",
    "new_chat_members": "added the bot",
    "left_chat_member": "removed a member",
    "migrate_to_chat_id": "made this group a supergroup",
    "migrate_from_chat_id": "made this group a supergroup",
    "pinned_message": "pinned a message",
}


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: the person of id `me`, in `zone`, now or at `now`. `where` finds files by their
    file_id."""

    where: Where
    me: int = 0
    zone: tzinfo = UTC
    now: datetime | None = None


def message(told: Json, looker: Looker, *, silent: bool = False) -> Markup:
    """As one sees it in a chat. `silent`: it made no sound, which only its sender is told."""
    service = next((said for name, said in _SERVICE.items() if name in told), None)
    if service is not None:
        return tag("article", f"{_name(told)} {service}", **_known(told), class_="service")
    mine = (told.get("from") or {}).get("id") == looker.me
    shown = media(told, looker.where)
    words = _words(told, looker)
    above = bool(told.get("show_caption_above_media"))
    look = "bubble" + " pictured" * (shown is not None) + " overlaid" * (words is None or above)
    bubble = tag(
        "div",
        _sender(told, mine),
        _reply(told),
        *((words, shown) if above else (shown, words)),
        _preview(told) if shown is None else None,
        _foot(told, looker, mine, silent),
        class_=look,
    )
    inside = tag("div", bubble, keyboard(told.get("reply_markup")), class_="stack")
    return tag("article", inside, **_known(told), class_="message" + " mine" * mine)


def _known(told: Json) -> dict[str, object]:
    return {"id": f"m{told['message_id']}", "data_message": told["message_id"]}


def _words(told: Json, looker: Looker) -> Markup | None:
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if told.get(text):
            reader = Reader(looker.now or datetime.now(UTC), looker.zone)
            inside = marked(told[text], told.get(entities) or [], reader)
            return tag("div", inside, class_="words")
    return None


def _preview(told: Json) -> Markup | None:
    """The card of the first link, where the bot let Telegram make one: its words are the site's."""
    options = told.get("link_preview_options") or {}
    if options.get("is_disabled"):
        return None
    data = told.get("text", "").encode("utf-16-le", "surrogatepass")
    for one in told.get("entities") or ():
        first = one["offset"] * 2
        said = data[first : first + one["length"] * 2].decode("utf-16-le", "replace")
        url = {"url": said, "text_link": one.get("url")}.get(one["type"])
        if url:
            return tag(
                "div", tag("b", "Preview of"), str(options.get("url") or url), class_="preview"
            )
    return None


def _name(told: Json) -> str:
    sender = told.get("sender_chat") or told.get("from") or told["chat"]
    names = (sender.get("title"), sender.get("first_name"), sender.get("last_name"))
    return " ".join(str(name) for name in names if name)


def _sender(told: Json, mine: bool) -> Markup | None:
    """Named in groups, and in a channel, which posts in its own name."""
    if mine or told["chat"]["type"] == "private":
        return None
    return tag("div", _name(told), class_="sender")


def _reply(told: Json) -> Markup | None:
    answered = told.get("reply_to_message")
    if not answered or "forum_topic_created" in answered:
        return None
    quote = told.get("quote") or {}
    text = quote.get("text") or answered.get("text") or answered.get("caption") or _kind(answered)
    picture = tag("b", _name(answered))
    return tag(
        "a",
        picture,
        tag("span", " ".join(str(text).split())),
        class_="reply" + " quoted" * bool(quote),
        href=f"#m{answered['message_id']}",
    )


def _kind(told: Json) -> str:
    for kind in ("photo", "video", "animation", "document"):
        if told.get(kind):
            return "GIF" if kind == "animation" else kind.capitalize()
    return "Message"


def _foot(told: Json, looker: Looker, mine: bool, silent: bool) -> Markup:
    at = datetime.fromtimestamp(told["date"], UTC).astimezone(looker.zone)
    parts = (
        tag("span", "🔕", class_="silent", title="Sent silently") if silent else None,
        "edited " if told.get("edit_date") else None,
        tag("time", f"{at:%H:%M}"),
        tag("span", "✓✓", class_="ticks") if mine else None,
    )
    return tag("footer", join(parts))
