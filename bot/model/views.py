"""What the store reads out for people: history, and the local page's messages and events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.chat import Target
from bot.model.delivery import DeliveryKind, DeliveryState


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One delivery as `/history` tells it. `began_at`: when its stream did, if it has one."""

    target: Target
    kind: DeliveryKind
    state: DeliveryState
    mint: str | None
    created_at: datetime
    sent_at: datetime | None
    error: str | None
    began_at: datetime | None

    @property
    def since(self) -> datetime:
        """What its delay is counted from: its stream going live, else its being owed."""
        return self.began_at or self.created_at


@dataclass(frozen=True, slots=True)
class PageMessage:
    """A message of the local page as it reads now. `body` is JSON, the page's own business."""

    id: str
    kind: str
    reply_to: str | None
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PageEvent:
    """Something that happened on the page: `change` is `new`, `edit` or `delete`."""

    id: int
    message_id: str
    change: str
    kind: str
    reply_to: str | None
    body: str
    at: datetime
