"""Each in a process of its own: logging is set up once per process."""

from __future__ import annotations

import json
import re
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
from tests.patience import PATIENCE
from tests.pseudo_terminal import on_terminal

SCRIPT = """
import logging, sys, warnings
from bot.errors import ChildError
from bot.kit.log import set_up_log
from bot.kit.secrets import keep_secret
PASSWORD = "open sesame"
warnings.simplefilter("error")
JWT, TELEGRAM, level, form, *others = sys.argv[1:]
set_up_log(level, form)
keep_secret([PASSWORD])
log = logging.getLogger("ours")
log.debug("quiet words")
log.info("clip made: %s", f"wss://x/?access_token={JWT}")
log.info("answered %s", f"https://api.telegram.org/{TELEGRAM}/x")
log.warning("pump.fun fails")
logging.getLogger("httpx").info("HTTP Request: GET https://pump.example")
logging.getLogger("httpx").warning("httpx warns")
log.error("ours broke")
try:
    raise RuntimeError(f"invalid token: {JWT}")
except RuntimeError:
    log.exception("ours failed")
for number, secret in enumerate([*others, PASSWORD]):
    log.info("argument %s and %r", secret, secret)
    try:
        raise ValueError(secret, {"key": secret})
    except ValueError:
        log.warning("with its error", exc_info=True, extra={"secret": secret})
from bot.kit.timing.durations import parse_bytes
try:
    parse_bytes("lots", 0)
except Exception:
    log.warning("no size", exc_info=True)
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


COMMAND = (sys.executable, "-c", SCRIPT, JWT, TELEGRAM)


def logged(level: str = "info", form: str = "text") -> list[str]:
    """What the script writes to stderr; nothing may go to stdout."""
    child = subprocess.run(
        [*COMMAND, level, form, *OTHERS],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert child.stdout == ""
    return child.stderr.splitlines()


@pytest.fixture(scope="module")
def text() -> str:
    return "\n".join(logged())


@pytest.fixture(scope="module")
def seen() -> str:
    """The same on a terminal."""
    return on_terminal(*COMMAND, "info", "text", *OTHERS).text


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged(form="json")]


def test_no_line_and_no_traceback_holds_a_token(
    text: str, seen: str, rows: list[dict[str, Any]]
) -> None:
    for written in (text, seen, json.dumps(rows)):
        for secret in (*JWT.split(".")[1:], TELEGRAM, WEBHOOK, "sesame", *OTHERS):
            assert secret not in written
        for secret in (LOGIN, BEARER, INTERACTION):
            assert secret[:16] not in written
        assert written.count("[token]") >= 4
        assert "RuntimeError" in written


# In a file


def test_a_line_of_a_file_has_its_time_its_level_and_who_says_it(text: str) -> None:
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.search(rf"^{time} \[info\] ours: clip made: wss://x/", text, re.MULTILINE)
    assert re.search(rf"^{time} \[warning\] ours: pump\.fun fails$", text, re.MULTILINE)


def test_a_file_has_tracebacks_and_no_colours(text: str) -> None:
    assert "Traceback" in text
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


def test_json_is_one_object_a_line(rows: list[dict[str, Any]]) -> None:
    warned = next(row for row in rows if row["event"] == "pump.fun fails")
    assert warned["level"] == "warning"
    assert warned["logger"] == "ours"
    assert warned["timestamp"].endswith("Z")
    failed = next(row for row in rows if row["event"] == "ours failed")
    assert "RuntimeError" in failed["exception"]


# On a terminal


def test_a_line_on_a_terminal_is_short_and_in_step_with_the_others(seen: str) -> None:
    assert all(re.match(r"\x1b\[2m\d\d:\d\d:\d\d\.\d{3}\x1b\[0m \S", x) for x in seen.splitlines())
    bare = re.sub(r"\x1b\[\d+m", "", seen)
    assert re.search(r"^[\d:.]{12} clip made: wss://x/", bare, re.MULTILINE)
    assert re.search(r"^[\d:.]{12} warning: pump\.fun fails$", bare, re.MULTILINE)
    assert "  " not in bare
    assert "\x1b[33mwarning: pump.fun fails\x1b[0m" in seen
    assert "\x1b[31merror: ours broke\x1b[0m" in seen


def test_an_error_on_a_terminal_is_a_clause_with_its_place(seen: str) -> None:
    assert "Traceback" not in seen
    assert "(RuntimeError: invalid token: [token], in __main__:" in seen
    assert re.search(r"no size \(lots, in bot\.kit\.timing\.durations:\d+\)", seen)


def test_whoever_wants_to_know_all_gets_the_traceback_on_a_terminal_as_well() -> None:
    assert "Traceback" in on_terminal(*COMMAND, "debug", "text", *OTHERS).text


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(plain: dict[str, str]) -> None:
    seen = on_terminal(*COMMAND, "info", "text", *OTHERS, environment=plain)
    assert "warning: pump.fun fails" in seen.text
    assert "\x1b" not in seen.text
