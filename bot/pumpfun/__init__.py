"""What pump.fun says, as values: is a coin live, may we join, what is it called, how does it look.

The front of the package. Nothing here is official: every endpoint was observed by others, and any
of them may change. `payloads` reads what they answer, `failures` says what is done when they
do not.
"""

from bot.pumpfun.client import PumpfunClient, Roster
from bot.pumpfun.failures import TABLE, Action, AskError, Endpoint, Rule, Verdict
from bot.pumpfun.mint import is_mint, parse_mint
from bot.pumpfun.site_clips import ClipDownloads

__all__ = [
    "TABLE",
    "Action",
    "AskError",
    "ClipDownloads",
    "Endpoint",
    "PumpfunClient",
    "Roster",
    "Rule",
    "Verdict",
    "is_mint",
    "parse_mint",
]
