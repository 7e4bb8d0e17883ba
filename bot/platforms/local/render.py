"""From a message to what the page's API says of it. Pure.

What is kept of a message is its content as JSON: all but its id, its kind's row and its time.
Pictures and videos are kept as keys, and become addresses only when they are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.kit.text import is_web
from bot.model import (
    Button,
    Line,
    Message,
    PageEvent,
    PageMessage,
    Select,
    Span,
    Spoiler,
    StoredPicture,
    StoredVideo,
    TimeStyle,
)

PERSON = "message"
"""The kind of what the person on the page typed."""

EDIT = "edit"
_DELETED = "delete"

Json = dict[str, Any]

_NOTHING: Json = {
    "text": "",
    "title": "",
    "link": None,
    "lines": [],
    "image": None,
    "moving": None,
    "video": None,
    "spoiler": None,
    "buttons": [],
    "selects": [],
    "progress": None,
    "tone": "plain",
}


def instant(at: datetime) -> str:
    """RFC 3339 in UTC."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def content(message: Message) -> str:
    """What is kept of a message."""
    return json.dumps(
        {
            "kind": message.kind.value,
            "text": message.text,
            "title": message.title,
            "link": _web(message.link),
            "lines": [_line(line) for line in message.lines],
            "image": _file(message.picture),
            "moving": _file(message.moving),
            "video": _file(message.video),
            "spoiler": None if message.spoiler is Spoiler.NO else message.spoiler.value,
            "buttons": list(_buttons(message)),
            "selects": [_select(select) for select in message.selects],
            "progress": message.progress,
            "tone": message.tone.value,
        }
    )


def with_video_of(before: PageMessage, body: str) -> str:
    """New content, with the video that stands there: where its file is gone, the page says so."""
    return json.dumps({**json.loads(body), "video": json.loads(before.body).get("video")})


def typed(text: str) -> str:
    """What is kept of what the person typed."""
    lines = [[{"text": line}] for line in text.splitlines()]
    return json.dumps({**_NOTHING, "kind": PERSON, "text": text, "lines": lines})


def message_json(message: PageMessage) -> Json:
    """A message as it reads now."""
    kept = json.loads(message.body)
    kind = kept.pop("kind", message.kind)
    return {"id": message.id, "kind": kind, "reply_to": message.reply_to} | _shown(kept, message.at)


def event_json(event: PageEvent) -> Json:
    """What happened, as an event says it: a new message, or a message's new content."""
    kept = _NOTHING if event.change == _DELETED else json.loads(event.body)
    kept = dict(kept)
    kind = kept.pop("kind", event.kind)
    head: Json = {"id": event.message_id, "kind": kind, "reply_to": event.reply_to}
    if event.change != "new":
        head |= {"kind": EDIT, "message_kind": kind, "deleted": event.change == _DELETED}
    return head | _shown(kept, event.at)


def button_of(message: PageMessage, button: str) -> Json | None:
    """The button of that id, if the message has it now."""
    buttons: list[Json] = json.loads(message.body).get("buttons", [])
    return next((known for known in buttons if known["id"] == button), None)


def offers(message: PageMessage, pressed: str) -> bool:
    """Whether one of its selects has that option now: its id, and the option's value behind it."""
    selects: list[Json] = json.loads(message.body).get("selects", [])
    return any(
        pressed == f"{select['id']}{option['value']}"
        for select in selects
        for option in select["options"]
    )


def _shown(kept: Json, at: datetime) -> Json:
    shown = {"spoiler": None, "link": None, "selects": [], **kept, "at": instant(at)}
    for name in ("image", "moving", "video"):
        file: Json | None = kept.get(name)
        shown[name] = f"/files/{file['key']}" if file else None
        shown[f"{name}_size"] = file["size"] if file else None
    return shown


def _file(file: StoredPicture | StoredVideo | None) -> Json | None:
    """Its key, and its sides in pixels, so that the page keeps the room for it."""
    return {"key": file.key, "size": [file.width, file.height]} if file else None


def _line(line: Line) -> list[Json]:
    return [_span(span) for span in line]


def _span(span: Span) -> Json:
    known: Json = {
        "text": span.text,
        "bold": span.bold,
        "code": span.code,
        "command": span.command,
        "url": _web(span.url),
        **_time(span),
    }
    return {name: value for name, value in known.items() if value or name == "text"}


def _time(span: Span) -> Json:
    """The page counts nothing down: how far off it is, its text says."""
    if span.at is None or span.style is TimeStyle.AWAY:
        return {}
    return {"at": instant(span.at), "to_second": span.style is TimeStyle.SECOND}


def _buttons(message: Message) -> Iterator[Json]:
    every = [(row, button) for row, several in enumerate(message.buttons) for button in several]
    for number, (row, button) in enumerate(every):
        url = _web(button.url)
        if button.action or button.copy or url:
            known = {"id": _id(button, number), "label": button.label, "url": url, "row": row}
            yield known | ({"copy": button.copy} if button.copy else {})


def _select(select: Select) -> Json:
    options = [
        {"value": one.value, "label": one.label, "chosen": one.is_chosen} for one in select.options
    ]
    return {
        "id": select.action,
        "label": select.label,
        "group": select.group,
        "options": options,
    }


def _id(button: Button, number: int) -> str:
    """An action is its own id: it means the same in every message, and after a restart."""
    if button.copy:
        return f"copy:{button.copy}"
    return button.action or f"open:{number}"


def _web(url: str | None) -> str | None:
    """Only what a browser fetches reaches the page."""
    return url if url is not None and is_web(url) else None
