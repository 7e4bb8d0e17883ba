"""Which files a message of ours has, so that a change keeps them and uploads nothing twice.

A file's name says what it shows (a picture's key; when a clip begins, and how long it is), so the
same name is the same picture. Discord leaves
a file that an embed shows out of the message's attachments: its id stands in its address
(discord/discord-api-docs#1340, #4809).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.platforms.discord.messages.render import HIDDEN, Rendered, is_beside_embed

_ADDRESS = re.compile(r"/attachments/\d+/(?P<id>\d+)/(?P<name>[^/?]+)")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, by Discord's id and the name that we gave it."""

    id: str
    name: str


def attachments(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The files of a message, as Discord's API tells it."""
    listed = message.get("attachments") or ()
    found = [Attachment(str(one["id"]), str(one.get("filename", ""))) for one in listed]
    for embed in message.get("embeds") or ():
        shown = _ADDRESS.search(str((embed.get("image") or {}).get("url") or ""))
        if shown:
            found.append(Attachment(shown["id"], shown["name"]))
    return tuple(found)


def kept(
    shown: Rendered,
    current: Sequence[Attachment],
    *,
    keep_picture: bool = False,
    keep_video: bool = False,
    hidden: bool = False,
) -> tuple[Rendered, tuple[str, ...]]:
    """What is still to be uploaded, and the ids of the `current` files that stay. Pure.

    `keep_picture`: where `shown` has no picture, the message keeps the one that it has; but if it
    is to be `hidden`, only one that is. `keep_video`: all of its files stay.
    """
    if shown.upload is not None:
        same = [one.id for one in current if one.name == shown.upload.name]
        return (replace(shown, upload=None), tuple(same[:1])) if same else (shown, ())
    if keep_video:
        return shown, tuple(one.id for one in current)
    if keep_picture and current:
        if hidden and not current[0].name.startswith(HIDDEN):
            return shown, ()
        if is_beside_embed(current[0].name):
            return shown, (current[0].id,)
        embeds = [dict(embed) for embed in shown.payload["embeds"]]
        for embed in embeds[:1]:
            embed["image"] = {"url": f"attachment://{current[0].name}"}
        return Rendered({**shown.payload, "embeds": embeds}), (current[0].id,)
    return shown, ()
