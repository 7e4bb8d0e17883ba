"""What each command means, once, for every platform.

The front of the package. A platform hands `Commands` what was typed or pressed as a `Request`, and
is shown the answer through its own `Reply`. `CATALOGUE` is what there is.
"""

from bot.commands.catalogue import CATALOGUE
from bot.commands.command import Command, Kind, Parameter, Suggestion
from bot.commands.handlers.subscriptions import page_of
from bot.commands.limits import Limits
from bot.commands.parsing.parser import ago_option, coin_option, duration_option, mints_in
from bot.commands.parsing.pasted import pasted_coin, pasted_mint, payload_mint
from bot.commands.ports import (
    Caller,
    Clips,
    Commands,
    Lookback,
    PickedChannel,
    Pumpfun,
    Readiness,
    Reply,
    Request,
    Sees,
    Watch,
)
from bot.commands.service import CommandService
from bot.commands.settings.level import Level, PanelPress

__all__ = [
    "CATALOGUE",
    "Caller",
    "Clips",
    "Command",
    "CommandService",
    "Commands",
    "Kind",
    "Level",
    "Limits",
    "Lookback",
    "PanelPress",
    "Parameter",
    "PickedChannel",
    "Pumpfun",
    "Readiness",
    "Reply",
    "Request",
    "Sees",
    "Suggestion",
    "Watch",
    "ago_option",
    "coin_option",
    "duration_option",
    "mints_in",
    "page_of",
    "pasted_coin",
    "pasted_mint",
    "payload_mint",
]
