"""What Prometheus reads."""

from __future__ import annotations

from bot.kit.metrics import Metrics

CPU = "mintcast_capture_cpu_seconds_total"


def test_what_is_counted_elsewhere_is_read_when_it_is_asked_for() -> None:
    metrics = Metrics()
    assert metrics.registry.get_sample_value(CPU) == 0
    spent = [1.5]
    metrics.capture_cpu.set_function(lambda: sum(spent))
    assert metrics.registry.get_sample_value(CPU) == 1.5
    spent.append(1.0)
    assert metrics.registry.get_sample_value(CPU) == 2.5
