"""A slash command as it is typed in one line: `/clip duration:10s mint:MINTY`. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_COMMAND = re.compile(r"/([\w-]+)(?: +|$)")
_YES_NO = 5
_NUMBERS = {4: int, 10: float}


@dataclass(frozen=True, slots=True)
class Line:
    """`values` are as typed, by option; `open` is the option at the end of the line, `begun` how
    far the line went before it."""

    command: str
    values: Mapping[str, str]
    open: str = ""
    begun: str = ""


def read(line: str, commands: Mapping[str, Json]) -> Line:
    """What was typed. Raises AssertionError where there is no such command or option."""
    match = _COMMAND.match(line)
    assert match, "Unknown command"
    assert match[1] in commands, "Unknown command"
    described = {one["name"] for one in commands[match[1]].get("options") or ()}
    starts = [one for one in re.finditer(r"(?:^|(?<=\s))([\w-]+):", line) if one[1] in described]
    ends = [*(one.start() for one in starts[1:]), len(line)][: len(starts)]
    rest = line[match.end() : starts[0].start() if starts else len(line)].strip()
    assert not rest, f"/{match[1]} has no “{rest}”; name an option, as in {sorted(described)}"
    values = {one[1]: line[one.end() : end].strip() for one, end in zip(starts, ends, strict=True)}
    last = starts[-1] if starts else None
    return Line(match[1], values, last[1] if last else "", line[: last.end()] if last else line)


def typed(option: Json, value: str) -> Any:
    """A plain value as the client sends it. Raises AssertionError where it is of another kind."""
    if option["type"] == _YES_NO:
        return value.lower() == "true"
    number = _NUMBERS.get(option["type"])
    if number is None:
        return value
    try:
        return number(value)
    except ValueError:
        raise AssertionError(f"{option['name']}: that is not a number") from None


def commands_like(line: str, commands: Mapping[str, Json]) -> list[Json]:
    """Those whose name begins so, with their required options."""
    return [
        {
            "line": " ".join((f"/{name}", *_required(command))),
            "label": f"/{name}",
            "about": command.get("description", ""),
        }
        for name, command in sorted(commands.items())
        if f"/{name}".startswith(line)
    ]


def options_left(line: str, command: Json, values: Mapping[str, str]) -> list[Json]:
    """Those that are not in the line yet."""
    return [
        {
            "line": f"{line.rstrip()} {one['name']}:",
            "label": one["name"] + (" (required)" if one.get("required") else ""),
            "about": one.get("description", ""),
        }
        for one in command.get("options") or ()
        if one["name"] not in values
    ]


def values_of(begun: str, offered: Sequence[Json]) -> list[Json]:
    """The values that an option offers."""
    return [
        {"line": f"{begun}{one['value']} ", "label": one["name"], "about": ""} for one in offered
    ]


def _required(command: Json) -> list[str]:
    first = [one["name"] for one in command.get("options") or () if one.get("required")]
    return [f"{first[0]}:"] if first else [""]
