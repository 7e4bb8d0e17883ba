"""What Telegram says when it says no.

The sentences are those of tdlib/telegram-bot-api and tdlib/td, whose capital letter the Bot API
makes small behind `Bad Request: `.
"""

from __future__ import annotations

from typing import Any

CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
SET_WEBHOOK = "Conflict: terminated by setWebhook request"
WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Refused(Exception):
    """The answer is an error: `code` is the HTTP status too; `parameters` as Telegram adds them."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        told: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        return told | ({"parameters": self.parameters} if self.parameters else {})


class NotAsDescribed(Refused):
    """The request breaks the published description. Telegram would often overlook it; a test must
    not, so the stand-in refuses and keeps it in `rejected`."""

    def __init__(self, method: str, faults: list[str]) -> None:
        super().__init__(400, f"Bad Request: not as described: {method}: {'; '.join(faults)}")


def bad(description: str, **parameters: Any) -> Refused:
    """400."""
    return Refused(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> Refused:
    """403."""
    return Refused(403, f"Forbidden: {description}")


def too_many(seconds: int) -> Refused:
    """429 for so many seconds."""
    said = f"Too Many Requests: retry after {seconds}"
    return Refused(429, said, retry_after=seconds)
