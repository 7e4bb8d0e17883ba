"""What a message may be, beyond what the published description says of single fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.discord.api.refusals import Invalid
from tests.fakes.discord.state.messages import COMPONENTS_V2, PICTURES

Json = dict[str, Any]

CONTENT, EMBEDS_TOGETHER, ROWS = 2000, 6000, 5
LINK = 5


def check(content: str, embeds: list[Json], components: list[Json], names: set[str]) -> None:
    """Raises `Invalid`. `names` are those of the files that the message will have."""
    faults = dict(_faults(content, embeds, components, names))
    if faults:
        raise Invalid(faults)


def _faults(
    content: str, embeds: list[Json], components: list[Json], names: set[str]
) -> Iterator[tuple[str, str]]:
    if len(content) > CONTENT:
        yield "content", f"must be {CONTENT} or fewer in length"
    if sum(map(_weight, embeds)) > EMBEDS_TOGETHER:
        yield "embeds", f"all embeds together exceed {EMBEDS_TOGETHER} characters"
    for index, embed in enumerate(embeds):
        for kind in PICTURES:
            url = (embed.get(kind) or {}).get("url", "")
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
                yield f"embeds.{index}.{kind}.url", f"{url} is not attached"
        for number, part in enumerate(embed.get("fields") or ()):
            if not part["name"].strip() or not part["value"].strip():
                yield f"embeds.{index}.fields.{number}", "name and value are required"
    yield from _component_faults(components)


def _weight(embed: Json) -> int:
    """The characters that count."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for part in embed.get("fields") or ():
        texts += [part.get("name"), part.get("value")]
    return sum(len(text.strip()) for text in texts if text)


def _component_faults(components: list[Json]) -> Iterator[tuple[str, str]]:
    rows = [one for one in components if one["type"] == 1]
    if len(rows) > ROWS:
        yield "components", f"more than {ROWS} rows"
    seen: set[str] = set()
    for at, row in enumerate(rows):
        parts = row["components"]
        if len(parts) > 1 and any(part["type"] != 2 for part in parts):
            yield f"components.{at}", "a select stands alone in its row"
        for number, part in enumerate(parts):
            place = f"components.{at}.components.{number}"
            if part.get("custom_id") in seen:
                yield f"{place}.custom_id", "is used twice in this message"
            seen.add(part.get("custom_id") or place)
            if part["type"] == 2:
                yield from _button_faults(part, place)


def _button_faults(button: Json, place: str) -> Iterator[tuple[str, str]]:
    link, url = button["style"] == LINK, button.get("url")
    if not button.get("label") and not button.get("emoji"):
        yield f"{place}.label", "a button has a label or an emoji"
    if link and (not url or button.get("custom_id")):
        yield f"{place}.url", "a link has a url and no custom_id"
    if not link and (url or not button.get("custom_id")):
        yield f"{place}.custom_id", "a button has a custom_id and no url"
    if url and urlsplit(url).scheme not in ("http", "https", "discord"):
        yield f"{place}.url", f"{url!r:.60} is no link"


def is_empty(content: str, embeds: list[Json], components: list[Json], files: bool) -> bool:
    """Whether nothing of it could be seen."""
    seen = [embed for embed in embeds if set(embed) - {"type", "color", "flags"}]
    return not content.strip() and not seen and not files and not components


def is_mixed(content: str, embeds: list[Json], flags: int) -> bool:
    """Whether a message of the new components has fields of the old kind."""
    return bool(flags & COMPONENTS_V2 and (content or embeds))
