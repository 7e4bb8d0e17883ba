"""Pictures, videos and other files of a message."""

from __future__ import annotations

import mimetypes
from typing import Any
from urllib.parse import urlsplit

from tests.looks.discord.names import Names
from tests.looks.html import Markup, tag

Json = dict[str, Any]

SPOILER = "SPOILER_"


def attachments(files: list[Json], names: Names) -> Markup | None:
    """Those of a message without the new components: pictures and videos in one mosaic."""
    if not files:
        return None
    seen = [one for one in files if _kind(one) in ("image", "video")]
    shown = [media(one, one.get("description"), is_spoiler(one), names) for one in seen]
    others = [file(one, is_spoiler(one), names) for one in files if one not in seen]
    mosaic = tag("div", *shown, class_="mosaic", data_count=len(shown)) if shown else None
    return tag("div", mosaic, *others, class_="attachments")


def is_spoiler(one: Json) -> bool:
    """By its name, or by its flag."""
    return str(one.get("filename", "")).startswith(SPOILER) or bool(one.get("flags", 0) & 8)


def media(one: Json, alt: object, spoiler: bool, names: Names) -> Markup:
    """A picture or a video, blurred where it is a spoiler."""
    where = names.file(one.get("url"))
    if where is None:
        shown = tag("div", f"picture from {host(one.get('url'))}", class_="elsewhere")
    elif _kind(one) == "video":
        shown = tag("video", src=where, controls=True, preload="metadata", playsinline=True)
    else:
        shown = tag("img", src=where, alt=alt or "", title=alt)
    return tag("div", shown, **covered(spoiler), class_="media" + " spoiler" * spoiler)


def covered(spoiler: bool) -> dict[str, object]:
    """What makes an element one that a click uncovers."""
    return {"data_reveal": "SPOILER"} if spoiler else {}


def file(one: Json, spoiler: bool, names: Names) -> Markup:
    """A card with its name and size."""
    name = one.get("filename") or one.get("name") or host(one.get("url"))
    where = names.file(one.get("url"))
    said = tag("a", name, href=where, download=True) if where else tag("span", name)
    size = one.get("size")
    text = tag("div", said, tag("small", size_of(size)) if size is not None else None)
    return tag(
        "div",
        tag("span", "📄", class_="icon"),
        text,
        **covered(spoiler),
        class_="file" + " spoiler" * spoiler,
    )


def size_of(count: int) -> str:
    """As Discord's client says it, in binary units with decimal names."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1024:
            return f"{count} bytes" if unit == "bytes" else f"{count:.2f} {unit}"
        count /= 1024  # type: ignore[assignment]
    return f"{count:.2f} GB"


def host(url: object) -> str:
    """Of an address that is not fetched."""
    try:
        return urlsplit(str(url)).hostname or str(url)
    except ValueError:
        return str(url)


def _kind(one: Json) -> str:
    name = str(one.get("filename") or urlsplit(str(one.get("url", ""))).path)
    kind = one.get("content_type") or mimetypes.guess_type(name)[0] or ""
    return str(kind).partition("/")[0]
