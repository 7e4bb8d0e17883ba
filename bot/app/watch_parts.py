"""What watches coins and their streams, built by the settings."""

from __future__ import annotations

from datetime import timedelta

from bot.app.context import ServiceContext
from bot.pumpfun import PumpfunClient
from bot.watch import Rules, Watcher, WholeStreamFinder


def build_watcher(context: ServiceContext, pumpfun: PumpfunClient) -> Watcher:
    """Which coins are live."""
    asked = context.settings.pumpfun
    return Watcher(
        store=context.store,
        pumpfun=pumpfun,
        clock=context.clock,
        notifier=context.notifier,
        health=context.health,
        metrics=context.metrics,
        rules=Rules(
            start_grace=timedelta(seconds=asked.start_grace_seconds),
            end_grace=timedelta(seconds=asked.end_grace_seconds),
        ),
        poll_seconds=asked.poll_seconds,
        requests_per_second=asked.requests_per_second,
    )


def build_whole_stream_finder(
    context: ServiceContext, pumpfun: PumpfunClient, watcher: Watcher
) -> WholeStreamFinder:
    """What the site keeps of streams that are over. It is left alone while the watcher leaves it
    alone."""
    return WholeStreamFinder(
        store=context.store,
        pumpfun=pumpfun,
        clock=context.clock,
        notifier=context.notifier,
        may_ask=lambda: watcher.report.waits_until is None,
    )
