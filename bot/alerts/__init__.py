"""Closes the difference between what targets are owed and what they have been shown.

The front of alerts. A platform implements `Sender`; the root builds the `DeliveryService`; commands
show what an alert looks like by `alert`. `planning` decides what is to be shown; `delivery` sends
it, and handles what goes wrong.
"""

from bot.alerts.delivery.service import DeliveryService
from bot.alerts.picture_cache import PictureCache
from bot.alerts.pictures import LivePictures, Site
from bot.alerts.planning.clip_messages import clip_message, failed_clip
from bot.alerts.planning.coin_labels import coin_labels
from bot.alerts.planning.compose import (
    AlertFacts,
    alert,
    coin_name,
    watch_url,
)
from bot.alerts.planning.picture_choice import (
    PictureChoice,
    PictureSource,
    ban_lines,
    picture_choice,
)
from bot.alerts.planning.plan import Why
from bot.alerts.planning.quiet_hours import held_back_by, parse_hours, parse_zone
from bot.alerts.ports import (
    Cards,
    Fault,
    Found,
    NothingSent,
    Remembers,
    Sender,
    SendError,
    Settled,
    Whispers,
    before_sending,
)

__all__ = [
    "AlertFacts",
    "Cards",
    "DeliveryService",
    "Fault",
    "Found",
    "LivePictures",
    "NothingSent",
    "PictureCache",
    "PictureChoice",
    "PictureSource",
    "Remembers",
    "SendError",
    "Sender",
    "Settled",
    "Site",
    "Whispers",
    "Why",
    "alert",
    "ban_lines",
    "before_sending",
    "clip_message",
    "coin_labels",
    "coin_name",
    "failed_clip",
    "held_back_by",
    "parse_hours",
    "parse_zone",
    "picture_choice",
    "watch_url",
]
