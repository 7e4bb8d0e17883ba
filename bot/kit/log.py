"""Logs: to stderr, as text for people or as JSON for machines, and never with a token in them."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog

from bot.kit.secrets import scrub

_QUIET = (
    *("aiosqlite", "alembic", "apscheduler", "httpx", "httpcore", "asyncio", "livekit"),
    *("discord", "telegram"),
)


def set_up_log(level: str, form: Literal["text", "json"]) -> None:
    """Route structlog and the standard library's loggers through one formatter."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    render: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                render,
                _scrub_line,
            ],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _scrub_line(_: Any, __: str, line: Any) -> str:
    """The last processor: what it returns is what is written, tracebacks included."""
    return scrub(str(line))
