"""What is counted, in the form that Prometheus reads. The one place that uses its client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

_DELAYS = (0.5, 1, 2, 5, 10, 15, 30, 60, 300, 900)
_CLIP_DELAYS = (0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15, 30, 45, 60, 120, 300)
_TICKS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class ReadCounter(Collector):
    """What is counted elsewhere, and is read from there when somebody asks."""

    def __init__(self, name: str, documentation: str, *, registry: CollectorRegistry) -> None:
        self._name = name
        self._documentation = documentation
        self._read: Callable[[], float] = lambda: 0.0
        registry.register(self)

    def set_function(self, read: Callable[[], float]) -> None:
        """Where it is counted; never less than before."""
        self._read = read

    def collect(self) -> Iterator[CounterMetricFamily]:
        """As the client library asks for it."""
        yield CounterMetricFamily(self._name, self._documentation, value=self._read())


class Metrics:
    """A registry of our own, so that two services in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.looks = counter("mintcast_looks", "Looks at pump.fun by what they said", ["kind"])
        self.ticks = histogram("mintcast_tick_seconds", "How long a poll took", buckets=_TICKS)
        self.subscriptions = gauge("mintcast_subscriptions", "Subscriptions")
        self.open_streams = gauge("mintcast_open_streams", "Streams by state", ["state"])
        self.sends = counter(
            "mintcast_sends", "Sends and edits by what became of them", ["sender", "outcome"]
        )
        self.alert_delay = histogram(
            "mintcast_alert_delay_seconds",
            "From an alert being owed to its being sent",
            ["sender"],
            buckets=_DELAYS,
        )
        self.clips = counter("mintcast_clips", "Clips by what became of them", ["outcome"])
        self.rings = gauge("mintcast_rings", "Streams whose last seconds are kept")
        self.ring_places = gauge("mintcast_ring_places", "How many this service can keep")
        self.ring_seconds = gauge("mintcast_ring_seconds", "Seconds at hand of all of them")
        self.capture_cpu = ReadCounter(
            "mintcast_capture_cpu_seconds",
            "Processor time of captures, whether clips were made of them or not",
            registry=self.registry,
        )
        self.clip_file_delay = histogram(
            "mintcast_clip_file_seconds",
            "From a clip being asked for to its file being complete, by what it was cut of",
            ["source"],
            buckets=_CLIP_DELAYS,
        )
        self.clip_chat_delay = histogram(
            "mintcast_clip_chat_seconds",
            "From a clip being asked for to its being in the chat, by what it was cut of",
            ["source", "sender"],
            buckets=_CLIP_DELAYS,
        )
        self.deliveries = gauge("mintcast_deliveries", "Deliveries by state", ["state"])
        self.rows_removed = counter(
            "mintcast_rows_removed", "Rows of the database that had had their time", ["table"]
        )

    def render(self) -> bytes:
        """All of it as text."""
        return generate_latest(self.registry)
