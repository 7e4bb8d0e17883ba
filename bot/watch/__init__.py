"""Whether a coin is live: looks at pump.fun, and writes down what changed and what it owes.

The front of the package. `stream_machine` decides what a look means and `poll_plan` whom a tick
looks at (both pure); `stream_writes` writes it down; `poller` has the tick, and the look that
commands ask for. `whole_streams` looks for what the site keeps of a stream that is over.
"""

from bot.watch.poll_backoff import late_after
from bot.watch.poller import Report, Watcher
from bot.watch.stream_machine import Event, Rules, Step, step
from bot.watch.whole_streams import WholeStreamFinder

__all__ = [
    "Event",
    "Report",
    "Rules",
    "Step",
    "Watcher",
    "WholeStreamFinder",
    "late_after",
    "step",
]
