"""From a message to what Discord is sent. Pure; the files themselves are opened by `uploads`.

A clip is a plain attachment, which plays inline; everything else is one embed. Whoever is not
named in `allowed_mentions` is never mentioned, whatever a coin calls itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from bot.kit.text import width
from bot.model import Action, Button, Message, MessageKind, Spoiler, Tone, Verb
from bot.platforms.discord.messages import markup
from bot.platforms.discord.messages.custom_ids import custom_id, nonce_of
from bot.platforms.discord.messages.panels import panel_rows

Json = dict[str, Any]

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
SILENT = 1 << 12

NOBODY: Mapping[str, Any] = MappingProxyType({"parse": []})

_TITLE, _DESCRIPTION, _EMBED = 256, 4096, 6000
_CONTENT, _PREVIEW, _LABEL, _ALT = 2000, 200, 80, 1024
_ROWS = _COLUMNS = 5

_COLOURS = MappingProxyType(
    {
        Tone.LIVE: 0xED4245,
        Tone.PAUSED: 0xF0B232,
        Tone.ENDED: 0x80848E,
        Tone.GOOD: 0x23A55A,
        Tone.BAD: 0xDA373C,
    }
)

_PRIMARY, _SECONDARY, _DANGER, _LINK = 1, 2, 4, 5
_STYLES = MappingProxyType(
    {Verb.CLIP: _PRIMARY, Verb.CANCEL_CLIP: _DANGER, Verb.DELETE_CLIP: _DANGER}
)

_NO_LINK = "https://pump.fun/"
"""Where a title leads that has to carry the nonce, since no button has room for it."""

HIDDEN = "SPOILER_"
"""What the name of a file begins with that Discord hides until somebody asks for it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to go with a message: our key, the name it gets, and what it shows."""

    key: str
    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """`payload` is the JSON without `attachments`; `upload` is the file that it refers to."""

    payload: Json = field(default_factory=dict)
    upload: Upload | None = None


def first(message: Message, *, nonce: str = "") -> Rendered:
    """A message as it is sent: its role is mentioned, and beside that stands what it is about: a
    notification shows no more.

    It carries `nonce`.
    """
    shown = answer(message, nonce=nonce)
    mention, allowed = _mention(message.role)
    about = markup.title(message.preview, _PREVIEW)
    content = " ".join(part for part in (mention, about) if part) if mention else ""
    content = content or shown.payload["content"]
    return replace(shown, payload=shown.payload | {"content": content, "allowed_mentions": allowed})


def answer(message: Message, *, nonce: str = "", private: bool = False) -> Rendered:
    """A message as it answers somebody: it mentions nobody. `private`: nobody else sees it."""
    shown = change(message, nonce=nonce)
    flags = shown.payload.get("flags", 0)
    flags |= (SILENT if message.silent else 0) | (EPHEMERAL if private else 0)
    return replace(shown, payload=shown.payload | ({"flags": flags} if flags else {}))


def change(message: Message, *, nonce: str = "") -> Rendered:
    """A message as it is put in the place of another: it mentions nobody."""
    if message.kind is MessageKind.CLIP:
        return _clip(message, nonce)
    shown = message.moving or message.picture
    upload = _upload(shown.key, message) if shown is not None else None
    is_beside = upload is not None and is_beside_embed(upload.name)
    payload: Json = {
        "content": "",
        "embeds": [_embed(message, nonce, upload.name if upload and not is_beside else None)],
        "components": _rows(message, nonce),
        "allowed_mentions": dict(NOBODY),
    }
    return Rendered(payload, upload)


def is_beside_embed(name: str) -> bool:
    """Whether a file of that name stands beside the embed: one that is hidden, or a video, which
    Discord shows in no embed of a bot's."""
    return name.startswith(HIDDEN) or name.endswith(".mp4")


def nonces(message: Mapping[str, Any]) -> Iterator[str]:
    """Those that a message of ours carries, as Discord's API tells it."""
    for row in message.get("components") or ():
        for button in row.get("components") or ():
            found = nonce_of(str(button.get("custom_id") or ""))
            if found:
                yield found
    for embed in message.get("embeds") or ():
        _, _, found = str(embed.get("url") or "").partition("#")
        if found:
            yield found


def _clip(message: Message, nonce: str) -> Rendered:
    """Nothing stands beside the video, and nothing unfurls under it. Where it was deleted, the text
    is alone."""
    head = markup.title(message.title, _TITLE)
    head = f"**{head}**\n" if head else ""
    payload: Json = {
        "content": head + markup.lines(message.lines, _CONTENT - width(head)),
        "embeds": [],
        "components": _rows(message, nonce),
        "allowed_mentions": dict(NOBODY),
        "flags": SUPPRESS_EMBEDS,
    }
    if message.video is None:
        return Rendered(payload)
    return Rendered(payload, _upload(message.video.key, message, message.video.file_name))


def _upload(key: str, message: Message, name: str = "") -> Upload:
    """An embed hides no picture; a file beside it is hidden by its name."""
    hidden = "" if message.spoiler is Spoiler.NO else HIDDEN
    return Upload(key, hidden + (name or key), _alt(message))


def _embed(message: Message, nonce: str, picture: str | None) -> Json:
    title = markup.title(message.title, _TITLE)
    text = markup.lines(message.told, min(_DESCRIPTION, _EMBED - width(title)))
    embed: Json = {"title": title, "description": text or (None if title else "…")}
    if message.tone in _COLOURS:
        embed["color"] = _COLOURS[message.tone]
    if picture is not None:
        embed["image"] = {"url": f"attachment://{picture}"}
    embed["url"] = _link(message, nonce)
    return {name: value for name, value in embed.items() if value not in (None, "")}


def _link(message: Message, nonce: str) -> str | None:
    """Where the title leads. A nonce that no button carries stands behind it."""
    link = markup.web(message.link)
    every = (button for row in message.buttons for button in row)
    if not nonce or any(button.action or button.copy for button in every):
        return link
    return f"{link or _NO_LINK}#{nonce}"


def _mention(role: str | None) -> tuple[str, Json]:
    """The text, and the only thing that it may mention."""
    if role is None or not (role.isascii() and role.isdecimal()):
        return "", dict(NOBODY)
    return f"<@&{role}>", {"parse": [], "roles": [role]}


def _alt(message: Message) -> str:
    return markup.cut(" ".join(message.title.split()), _ALT)


# Buttons


def _rows(message: Message, nonce: str) -> list[Json]:
    seen: set[str] = set()
    every = (_buttons(row, nonce, seen) for row in message.buttons)
    if message.selects:
        return panel_rows(message.selects, [button for row in every for button in row])
    rows = [part for row in every for part in _columns(row)]
    return [{"type": 1, "components": row} for row in rows[:_ROWS]]


def _columns(row: Iterable[Json]) -> Iterator[list[Json]]:
    """A phone breaks four into three and one, which belong to nothing: so they are two and two."""
    buttons = list(row)
    columns = 2 if len(buttons) == 4 else _COLUMNS
    for start in range(0, len(buttons), columns):
        yield buttons[start : start + columns]


def _buttons(row: Iterable[Button], nonce: str, seen: set[str]) -> Iterator[Json]:
    """Those that Discord takes: a link, or an action that no other button of the message has."""
    for button in row:
        action = Action(Verb.COPY, button.copy).encode() if button.copy else button.action
        face: Json = {"type": 2, "label": markup.cut(button.label.strip(), _LABEL) or "…"}
        url = markup.web(button.url)
        if url is not None:
            yield face | {"style": _LINK, "url": url}
        elif action and action not in seen:
            seen.add(action)
            yield face | {"style": _style(action), "custom_id": custom_id(action, nonce)}


def _style(action: str) -> int:
    meant = Action.decode(action)
    return _STYLES.get(meant.verb, _SECONDARY) if meant else _SECONDARY
