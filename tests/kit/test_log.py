"""Each in a process of its own: logging is set up once per process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.kit.test_secrets import (
    BEARER,
    DISCORD,
    INTERACTION,
    INTERACTION_ID,
    JWT,
    LOGIN,
    TELEGRAM,
    WEBHOOK,
)

SCRIPT = """
import asyncio, logging, sys, warnings
import structlog
from bot.kit.log import set_up_log
from bot.kit.secrets import keep_secret
PASSWORD = "open sesame"
warnings.simplefilter("error")
JWT, TELEGRAM, level, form, *others = sys.argv[1:]
set_up_log(level, form)
keep_secret([PASSWORD])
log, plain = structlog.get_logger("ours"), logging.getLogger("theirs")
log.debug("quiet words")
log.info("clip made", seconds=30, url=f"wss://x/?access_token={JWT}")
plain.info("answered %s", f"https://api.telegram.org/{TELEGRAM}/x")
logging.getLogger("httpx").info("HTTP Request: GET https://pump.example")
logging.getLogger("httpx").warning("httpx warns")
log.error("ours broke")
try:
    raise RuntimeError(f"invalid token: {JWT}")
except RuntimeError:
    log.error("it failed", exc_info=True)
    plain.exception("theirs failed")
for number, secret in enumerate([*others, PASSWORD]):
    log.info(f"message {secret}", secret=secret, several=[secret], within={"a": secret})
    plain.info("argument %s and %r", secret, secret)
    try:
        raise ValueError(secret, {"key": secret})
    except ValueError:
        plain.warning("with its error", exc_info=True, extra={"secret": secret})
        log.warning("with its error", exc_info=True)
"""
OTHERS = [
    DISCORD,
    INTERACTION,
    f"{INTERACTION_ID}/{WEBHOOK}",
    f"/webhooks/{INTERACTION_ID}/{WEBHOOK}",
    f"Basic {LOGIN}",
    f"Bearer {BEARER}",
    "http://al:sesame-2@proxy:3128",
    TELEGRAM.replace(":", "%3A"),
]


def logged(level: str = "info", form: str = "text") -> list[str]:
    """What the script writes to stderr; nothing may go to stdout."""
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT, JWT, TELEGRAM, level, form, *OTHERS],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert child.stdout == ""
    return child.stderr.splitlines()


@pytest.fixture(scope="module")
def text() -> str:
    return "\n".join(logged())


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged(form="json")]


def test_both_ways_of_logging_come_out_alike(text: str) -> None:
    assert "clip made" in text
    assert "answered" in text
    assert "[ours]" in text
    assert "[theirs]" in text


def test_no_line_and_no_traceback_holds_a_token(text: str, rows: list[dict[str, Any]]) -> None:
    for written in (text, json.dumps(rows)):
        for secret in (*JWT.split(".")[1:], TELEGRAM, WEBHOOK, "sesame", *OTHERS):
            assert secret not in written
        for secret in (LOGIN, BEARER, INTERACTION):
            assert secret[:16] not in written
        assert written.count("[token]") >= 4
        assert "Traceback" in written
        assert "RuntimeError" in written


def test_json_is_one_object_a_line(rows: list[dict[str, Any]]) -> None:
    made = next(row for row in rows if row["event"] == "clip made")
    assert made["seconds"] == 30
    assert made["level"] == "info"
    assert made["logger"] == "ours"
    assert made["timestamp"].endswith("Z")
    failed = next(row for row in rows if row["event"] == "theirs failed")
    assert "RuntimeError" in failed["exception"]


def test_text_that_nobody_looks_at_in_a_terminal_has_no_colours(text: str) -> None:
    assert "\x1b" not in text


def test_what_a_library_says_of_each_request_is_not_logged(text: str) -> None:
    assert "HTTP Request" not in text
    assert "httpx warns" in text


def test_debug_is_heard_only_where_it_is_asked_for(text: str) -> None:
    assert "quiet words" not in text
    assert "quiet words" in "\n".join(logged("debug"))


def test_at_error_only_errors_are_heard() -> None:
    text = "\n".join(logged("error"))
    assert "ours broke" in text
    assert "clip made" not in text
    assert "httpx warns" not in text
