"""One go-live for ten thousand targets, and how much of a platform's rate is used."""

from __future__ import annotations

from tests.alerts.load import dispatch, fan_out
from tests.bench.figures import Effort, Figure, Section

_HOW = """\
One coin with 10,000 targets goes live. *Committed* is until what each of them is owed is in the
database (a file, each commit flushed to disk), while a task that wants to run every 5 ms notes by
how much the event loop fails it. Then a platform that allows 30 messages a second (Telegram's
bound) and answers after 0.1 s: the share of that rate which went out between the first message and
the last, with all 10,000 rows owed."""
_COMMIT, _LAG, _SHARE = 1.0, 0.05, 0.95


async def measure(effort: Effort) -> Section:
    """Commit, then dispatch."""
    targets = effort.times(10_000, 2_000)
    owed = await fan_out(targets)
    sent = await dispatch(30.0, effort.seconds(60, 8), targets=targets)
    lag = max(owed.worst_lag, sent.worst_lag)
    return Section("Fan-out", _HOW, [
        Figure(f"{targets} deliveries committed",
               f"{owed.commit_seconds:.2f} s", f"< {_COMMIT:g} s",
               owed.commit_seconds < _COMMIT),
        Figure("the event loop was held for, at most", f"{1000 * lag:.0f} ms",
               f"≤ {1000 * _LAG:.0f} ms", lag <= _LAG),
        Figure(f"of the allowed rate, {sent.messages} messages", f"{100 * sent.share:.1f} %",
               f"≥ {100 * _SHARE:.0f} %", sent.share >= _SHARE),
        Figure("CPU meanwhile", f"{100 * sent.cpu_share:.0f} % of a core"),
    ])  # fmt: skip
