"""Logs: to stderr, for a person at a terminal, for a file, or as JSON for machines; and never with
a token in them."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from typing import Any, Literal

from bot.kit.bounded_dict import BoundedDict
from bot.kit.error_text import reason
from bot.kit.secrets import scrub
from bot.kit.terminal import DIM, RED, YELLOW, shows_colour, styled

_QUIET = (
    *("aiosqlite", "alembic", "apscheduler", "httpx", "httpcore", "asyncio", "livekit"),
    *("discord", "telegram"),
)
_MOST_MISTAKES = 200


def set_up_log(level: str, form: Literal["text", "json"]) -> None:
    """Route everything that is logged through one formatter."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json_formatter() if form == "json" else _text_formatter(level))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def _text_formatter(level: str) -> logging.Formatter:
    if not sys.stderr.isatty():
        return FileFormatter()
    return TerminalFormatter(coloured=shows_colour(sys.stderr), whole=level == "debug")


class FileFormatter(logging.Formatter):
    """`2026-11-29T14:03:22.412Z [info] bot.app.service: the message`, and tracebacks below it."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """See logging. No secret is in it."""
        at, level = self.formatTime(record), record.levelname.lower()
        return scrub(f"{at} [{level}] {record.name}: {super().format(record)}")


class TerminalFormatter(logging.Formatter):
    """`14:03:22.412 the message`: by the clock of whoever looks, the level only where it matters.

    Of an error one clause, unless the `whole` traceback is wanted.
    """

    default_time_format = "%H:%M:%S"
    default_msec_format = "%s.%03d"

    def __init__(self, *, coloured: bool, whole: bool) -> None:
        super().__init__()
        self._coloured, self._whole = coloured, whole

    def format(self, record: logging.LogRecord) -> str:
        """See logging. No secret is in it."""
        words = super().format(record) if self._whole else self._brief(record)
        if record.levelno != logging.INFO:
            words = f"{record.levelname.lower()}: {words}"
        return f"{self._styled(self.formatTime(record), DIM)} {self._in_colour(record, words)}"

    def _brief(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        where = f" ({reason(error)}, in {_place(error)})" if error is not None else ""
        return f"{record.getMessage()}{where}"

    def _in_colour(self, record: logging.LogRecord, words: str) -> str:
        if record.levelno >= logging.WARNING:
            return self._styled(scrub(words), RED if record.levelno > logging.WARNING else YELLOW)
        return scrub(words)

    def _styled(self, text: str, code: str) -> str:
        return styled(text, code) if self._coloured else text


def _place(error: BaseException) -> str:
    """The module and line of ours that was the last one on the way to the error."""
    frames = [
        (str(frame.f_globals.get("__name__")), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [each for each in frames if each[0].partition(".")[0] in {"bot", "cogs"}]
    module, line = ([*frames, *ours] or [("nowhere", 0)])[-1]
    return f"{module}:{line}"


def _json_formatter() -> logging.Formatter:
    """An object a line. structlog is imported here alone: it brings rich along."""
    import structlog

    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
            lambda _, __, line: scrub(str(line)),  # the last one: tracebacks are in it
        ],
    )


class Mistakes:
    """Mistakes of ours that what others sent has met in one kind of work. Each goes into `log`
    once: it is met again whenever that is tried again."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._noted: BoundedDict[str, str] = BoundedDict(_MOST_MISTAKES)

    def note(self, work: str, error: Exception) -> None:
        """`work` says in a few words what met it, and for whom: it begins the line."""
        words = reason(error)
        if self._noted.get(work) != words:
            self._noted.put(work, words)
            self._log.error("%s met a mistake of ours", work, exc_info=error)
