"""Closes the difference between what targets are owed and what they have been shown.

The front of the room. A platform implements `Sender`; the root builds the `Dispatcher`; commands
show what an alert looks like by `alert`.
"""

from bot.alerts.coin_labels import coin_labels
from bot.alerts.compose import AlertFacts, alert, clip_message, coin_name, failed_clip, watch_url
from bot.alerts.dispatcher import Dispatcher
from bot.alerts.failures import Why
from bot.alerts.night import parse_hours, parse_zone
from bot.alerts.pictures import Site
from bot.alerts.ports import Fault, Found, Sender, SendError, Settled, Whispers
from bot.alerts.shelf import Shelf

__all__ = [
    "AlertFacts",
    "Dispatcher",
    "Fault",
    "Found",
    "SendError",
    "Sender",
    "Settled",
    "Shelf",
    "Site",
    "Whispers",
    "Why",
    "alert",
    "clip_message",
    "coin_labels",
    "coin_name",
    "failed_clip",
    "parse_hours",
    "parse_zone",
    "watch_url",
]
