"""The parts of a message: what is inside of what, and the files that they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.discord.state.messages import Attachment

Json = dict[str, Any]

BUTTON, SELECTS, TEXT_DISPLAY = 2, (3, 5, 6, 7, 8), 10
_ATTACHED = "attachment://"


def walk(parts: Iterable[Json]) -> Iterator[Json]:
    """Each of them, and whatever stands inside of it."""
    for part in parts:
        yield part
        yield from walk(part.get("components") or ())
        if part.get("accessory"):
            yield from walk([part["accessory"]])


def attached_names(parts: Iterable[Json]) -> Iterator[str]:
    """The files of the message that they show."""
    for part in walk(parts):
        for medium in _media(part):
            if str(medium.get("url", "")).startswith(_ATTACHED):
                yield medium["url"].removeprefix(_ATTACHED)


def resolved(part: Json, files: Iterable[Attachment]) -> Json:
    """The part with `attachment://` turned into what Discord tells of the file."""
    known = {f"{_ATTACHED}{one.name}": one for one in files}
    return dict(_resolved(part, known))


def _resolved(part: Json, known: dict[str, Attachment]) -> Iterator[tuple[str, Any]]:
    for name, value in part.items():
        if name in ("media", "file"):
            yield name, _told(value, known)
        elif name in ("components", "items"):
            yield name, [dict(_resolved(one, known)) for one in value]
        elif name == "accessory":
            yield name, dict(_resolved(value, known))
        else:
            yield name, value
    shown = known.get(part["file"]["url"]) if part.get("type") == 13 else None
    if shown is not None:
        yield from {"name": shown.name, "size": len(shown.data)}.items()


def _told(medium: Json, known: dict[str, Attachment]) -> Json:
    one = known.get(medium["url"])
    if one is None:
        return medium
    told = {"url": one.url, "proxy_url": one.url, "attachment_id": str(one.id)}
    return told | {"content_type": one.content_type}


def _media(part: Json) -> Iterator[Json]:
    for name in ("media", "file"):
        if part.get(name):
            yield part[name]
    for item in part.get("items") or ():
        yield item["media"]
