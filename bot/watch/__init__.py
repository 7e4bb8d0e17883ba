"""Whether a coin is live: looks at pump.fun, and writes down what changed and what it owes.

The front of the package. `stream_machine` decides what a look means and `poll_plan` whom a tick
looks at (both pure); `stream_writes` writes it down; `poller` has the tick, and the look that
commands ask for.
"""

from bot.watch.poller import Report, Watcher
from bot.watch.stream_machine import Event, Rules, Step, step

__all__ = ["Event", "Report", "Rules", "Step", "Watcher", "step"]
