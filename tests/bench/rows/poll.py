"""What watching ten thousand subscriptions costs, and how soon an alert is owed."""

from __future__ import annotations

from tests.bench.figures import Effort, Figure, Section
from tests.watch.load import alert_delay, poll_cost

_HOW = """\
10,000 subscriptions, 200 of the coins live, a poll every 10 s, the look-alike on a thread of its
own whose CPU is not counted. The cost is of ten minutes in simulated time. The delay is in real
time, at the budget of 5 requests a second: from the moment at which the site shows a stream,
anywhere between two polls, to its alert being owed."""
_REQUESTS, _CPU, _SLACK = 5.0, 5.0, 2.0


async def measure(effort: Effort) -> Section:
    """Ten minutes of polls, then go-lives at odd moments."""
    cost = await poll_cost(effort.folder, ticks=effort.times(60, 6))
    delay = await alert_delay(effort.folder, rounds=effort.times(5, 1))
    most = delay.poll_seconds + _SLACK
    return Section("Watching", _HOW, [
        Figure("requests", f"{cost.requests_per_second:.2f} a second", f"≤ {_REQUESTS:g}",
               cost.requests_per_second <= _REQUESTS),
        Figure("CPU of the watcher, its HTTP and its database",
               f"{cost.cpu_percent:.2f} % of a core",
               f"< {_CPU:g} %", cost.cpu_percent < _CPU),
        Figure("CPU of one poll", f"{1000 * cost.tick_cpu_seconds:.0f} ms"),
        Figure(f"alert owed after, most of {len(delay.seconds)}", f"{delay.worst:.1f} s",
               f"≤ {most:g} s", delay.worst <= most),
        Figure("a coin that the list of live coins hides is found within",
               f"{cost.rotation_seconds / 60:.0f} min"),
    ])  # fmt: skip
