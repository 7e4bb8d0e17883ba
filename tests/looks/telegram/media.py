"""Photos, videos and files of a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.looks.html import Markup, tag

Json = dict[str, Any]
Where = Callable[[str], str | None]
"""Where the view has a file, by its file_id; None: it has none."""

_NOT_DRAWN = (
    *("sticker", "poll", "dice", "location", "venue", "contact", "game", "story", "checklist"),
    *("paid_media", "live_photo", "video_note", "rich_message", "invoice"),
)


def media(told: Json, where: Where) -> Markup | None:
    """What stands above, or below, the words; None in a message of words alone."""
    if told.get("photo"):
        return _photo(told, where)
    for kind in ("animation", "video"):
        if told.get(kind):
            return _video(told[kind], bool(told.get("has_media_spoiler")), kind, where)
    for kind in ("document", "audio", "voice"):
        if told.get(kind):
            return _file(told[kind], kind, where)
    for kind in _NOT_DRAWN:
        if told.get(kind):
            return tag("div", f"{kind} is not drawn", class_="elsewhere")
    return None


def _photo(told: Json, where: Where) -> Markup:
    size = max(told["photo"], key=lambda one: int(one["width"]))
    shown = tag(
        "img",
        src=where(size["file_id"]),
        alt="Photo",
        width=size["width"],
        height=size["height"],
    )
    return _frame(shown, bool(told.get("has_media_spoiler")), "photo")


def _video(one: Json, spoiler: bool, kind: str, where: Where) -> Markup:
    poster = (one.get("thumbnail") or {}).get("file_id")
    looped = kind == "animation"
    shown = tag(
        "video",
        src=where(one["file_id"]),
        poster=where(poster) if poster else None,
        controls=not looped,
        loop=looped,
        muted=looped,
        autoplay=looped,
        playsinline=True,
        preload="metadata",
        width=one.get("width"),
        height=one.get("height"),
    )
    badge = "GIF" if looped else duration(one.get("duration", 0))
    return _frame(shown, spoiler, "video", tag("span", badge, class_="badge"))


def _frame(shown: Markup, spoiler: bool, kind: str, more: Markup | None = None) -> Markup:
    look = f"media {kind}" + " spoiler" * spoiler
    return tag("div", shown, more, class_=look, data_reveal=spoiler)


def _file(one: Json, kind: str, where: Where) -> Markup:
    name = one.get("file_name") or one.get("title") or kind.capitalize()
    size = tag("small", size_of(one["file_size"])) if one.get("file_size") else None
    icon = tag("span", "▶" if kind != "document" else "📄", class_="icon")
    said = tag("a", name, href=where(one["file_id"]), download=True)
    return tag("div", icon, tag("div", said, size), class_="document")


def duration(seconds: int) -> str:
    """`0:07`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def size_of(count: float) -> str:
    """As Telegram's apps say it."""
    for unit in ("B", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"
