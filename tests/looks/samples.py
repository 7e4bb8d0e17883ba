"""Names that attack whoever draws them, and messages as the platforms publish them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HOSTILE = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "&lt;b&gt;bold&lt;/b&gt;",
)

CDN = "http://127.0.0.1:1"
PICTURE = f"{CDN}/attachments/5/7/a.jpg?ex=1"


def discord_message(**more: Any) -> Json:
    """A message of the bot's."""
    author = {"id": "1", "username": "Mintcast", "global_name": None, "bot": True}
    told: Json = {"id": "9", "author": author, "timestamp": "2026-07-01T16:20:00+00:00"}
    return told | {"content": "", "flags": 0, "embeds": [], "components": []} | more


def telegram_message(**more: Any) -> Json:
    """One in a group."""
    sender = {"id": 7, "is_bot": True, "first_name": "Mintcast"}
    chat = {"id": -100, "type": "supergroup", "title": "Friends"}
    return {"message_id": 9, "date": 1782922800, "from": sender, "chat": chat} | more
