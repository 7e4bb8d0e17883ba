"""What Discord says when it says no."""

from __future__ import annotations

from typing import Any

_MESSAGES = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10011: "Unknown Role",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    30034: "Maximum number of application command creates per day has been reached",
    30046: "Maximum number of edits to messages older than 1 hour reached. Try again later.",
    40002: "You need to verify your account in order to perform this action",
    40003: "You are opening direct messages too fast",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    40094: "This interaction has reached the maximum number of follow-up messages.",
    40333: "internal network error",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    50068: "Invalid message type",
    50083: "Thread is archived",
    50109: "The request body contains invalid JSON.",
    160005: "Thread is locked",
}


class Refused(Exception):
    """The answer is an error: HTTP `status`, JSON `code`, and what else stands in the JSON."""

    def __init__(self, status: int, code: int, message: str = "") -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        said = message or _MESSAGES.get(code, f"{status}")
        self.body: dict[str, Any] = {"message": said, "code": code}


class Invalid(Refused):
    """50035: the request is not as Discord describes it. `reasons` by dotted path."""

    def __init__(self, reasons: dict[str, str]) -> None:
        errors: dict[str, Any] = {}
        for path, reason in reasons.items():
            place = errors
            for key in path.split("."):
                place = place.setdefault(key, {})
            place["_errors"] = [{"code": "INVALID", "message": reason}]
        super().__init__(400, 50035)
        self.reasons = reasons
        self.body["errors"] = errors


def gone(code: int) -> Refused:
    """404."""
    return Refused(404, code)


def forbidden(code: int) -> Refused:
    """403."""
    return Refused(403, code)
