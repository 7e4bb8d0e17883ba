"""What a message may be, beyond what the published description says of single fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.discord.api.refusals import Invalid
from tests.fakes.discord.state.components import TEXT_DISPLAY, attached_names, walk
from tests.fakes.discord.state.messages import PICTURES

Json = dict[str, Any]

CONTENT, EMBEDS_TOGETHER, ROWS = 2000, 6000, 5
COMPONENTS, TEXTS_TOGETHER = 40, 4000
"""Of a message of the new components."""
NEW_KINDS = range(9, 18)
LINK = 5


def check(
    content: str,
    embeds: list[Json],
    components: list[Json],
    names: set[str],
    *,
    new_kind: bool = False,
) -> None:
    """Raises `Invalid`. `names` are those of the files that the message will have; `new_kind`: it
    is made of Components V2."""
    faults = dict(_faults(content, embeds, components, names))
    faults |= dict(_new_faults(components, names) if new_kind else _old_faults(components))
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


def _old_faults(components: list[Json]) -> Iterator[tuple[str, str]]:
    if len(components) > ROWS:
        yield "components", f"more than {ROWS} rows"
    for one in walk(components):
        if one["type"] in NEW_KINDS:
            yield "components", f"type {one['type']} needs the flag of the new components"


def _new_faults(components: list[Json], names: set[str]) -> Iterator[tuple[str, str]]:
    every = list(walk(components))
    if len(every) > COMPONENTS:
        yield "components", f"more than {COMPONENTS} in all"
    texts = [one["content"] for one in every if one["type"] == TEXT_DISPLAY]
    if sum(map(len, texts)) > TEXTS_TOGETHER:
        yield "components", f"all texts together exceed {TEXTS_TOGETHER} characters"
    for name in attached_names(components):
        if name not in names:
            yield "components", f"attachment://{name} is not attached"


def _component_faults(components: list[Json]) -> Iterator[tuple[str, str]]:
    rows = [one for one in walk(components) if one["type"] == 1]
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
