"""A slash command in one line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.looks.discord import line as lines

COMMANDS: dict[str, dict[str, Any]] = {
    "clip": {
        "description": "Clip it",
        "options": [
            {"name": "duration", "type": 3, "description": "How long"},
            {"name": "ago", "type": 3, "description": "How far back"},
        ],
    },
    "subscribe": {
        "description": "Follow it",
        "options": [{"name": "mint", "type": 3, "required": True, "description": "Its address"}],
    },
}


def test_values_go_to_the_next_option() -> None:
    read = lines.read("/clip duration:10s ago:2 min ago", COMMANDS)
    assert (read.command, read.values) == ("clip", {"duration": "10s", "ago": "2 min ago"})
    assert read.open == "ago"
    assert read.begun == "/clip duration:10s ago:"


def test_a_command_may_stand_alone() -> None:
    assert lines.read("/clip", COMMANDS).values == {}


@pytest.mark.parametrize("line", ["/clop", "/clip 10s", "/clip x:1 duration:1", "clip"])
def test_what_the_client_would_not_send_is_refused(line: str) -> None:
    with pytest.raises(AssertionError):
        lines.read(line, COMMANDS)


def test_commands_are_offered_with_the_option_that_they_need() -> None:
    assert [one["line"] for one in lines.commands_like("/", COMMANDS)] == [
        "/clip ",
        "/subscribe mint:",
    ]
    assert [one["label"] for one in lines.commands_like("/su", COMMANDS)] == ["/subscribe"]


def test_options_are_offered_once() -> None:
    left = lines.options_left("/clip ago:1m ", COMMANDS["clip"], {"ago": "1m"})
    assert [one["line"] for one in left] == ["/clip ago:1m duration:"]


def test_a_number_is_sent_as_one() -> None:
    assert lines.typed({"name": "n", "type": 4}, "5") == 5
    assert lines.typed({"name": "n", "type": 5}, "True") is True
    with pytest.raises(AssertionError, match="not a number"):
        lines.typed({"name": "n", "type": 4}, "five")
