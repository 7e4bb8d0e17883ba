"""Telegram's published description of requests, from the table under `tests/data`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.telegram.state.texts import units

Json = dict[str, Any]

TABLE = Path(__file__).parents[3] / "data" / "telegram-api.json"

_INTEGER = re.compile(r"-?\d{1,19}")
_FLOAT = re.compile(r"-?\d+(\.\d+)?")
_ARRAY = "Array of "
_YES, _NO = ("true", "True", "1", "yes"), ("false", "False", "0", "no")


@dataclass(frozen=True, slots=True)
class Described:
    """A method: its name as the description spells it, and its parameters by name."""

    name: str
    fields: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Description:
    """All methods of the table by their name in small letters, and the types they take."""

    methods: dict[str, Described]
    types: dict[str, Json]

    def read(self, method: Described, raw: Json) -> Json:
        """The parameters with their types: over a form all of them come as text."""
        return {
            name: self._typed(method.fields[name]["types"], value)
            if name in method.fields
            else value
            for name, value in raw.items()
            if value is not None
        }

    def faults(self, method: Described, parameters: Json, files: set[str]) -> list[str]:
        """What the description says against a request; `files` are the names of its parts."""
        told = dict.fromkeys(files & set(method.fields), "attach://") | parameters
        found = list(self._object(method.fields, told, ""))
        attached = set(_attached(parameters))
        lost = sorted(attached - files)
        found += [f"attach://{name} names a file that did not come along" for name in lost]
        unused = sorted(files - attached - set(method.fields))
        return found + [f"the file {name} is used by nothing" for name in unused]

    def _typed(self, types: list[str], value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for kind in types:
            if kind == "Integer" and _INTEGER.fullmatch(value):
                return int(value)
            if kind == "Float" and _FLOAT.fullmatch(value):
                return float(value)
            if kind == "Boolean" and value in _YES + _NO:
                return value in _YES
            if kind.startswith(_ARRAY) or kind in self.types:
                return _json(value)
        return value

    def _object(self, fields: dict[str, Json], value: Json, path: str) -> Iterator[str]:
        for name, field in fields.items():
            if field.get("required") and name not in value:
                yield f"{path}{name} is required"
        for name, one in value.items():
            if name not in fields:
                yield f"{path}{name} is not known to Telegram"
            else:
                yield from self._field(fields[name], one, path + name)

    def _field(self, field: Json, value: Any, path: str) -> Iterator[str]:
        tried = [list(self._type(kind, value, path)) for kind in field["types"]]
        if [] not in tried:
            yield from min(tried, key=len)
        elif "is" in field and value != field["is"]:
            yield f"{path} is not {field['is']}"
        else:
            yield from _limits(field, value, path)

    def _type(self, kind: str, value: Any, path: str) -> Iterator[str]:
        if kind.startswith(_ARRAY):
            yield from self._array(kind.removeprefix(_ARRAY), value, path)
        elif kind not in self.types:
            if not _is_plain(kind, value):
                yield f"{path} is no {kind}: {value!r:.60}"
        elif not isinstance(value, dict):
            yield f"{path} is no {kind}: {value!r:.60}"
        elif "one_of" in self.types[kind]:
            yield from self._one_of(self.types[kind]["one_of"], value, path)
        else:
            yield from self._object(self.types[kind], value, f"{path}.")

    def _array(self, kind: str, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} is no list: {value!r:.60}"
            return
        for index, one in enumerate(value):
            yield from self._type(kind, one, f"{path}.{index}")

    def _one_of(self, kinds: list[str], value: Json, path: str) -> Iterator[str]:
        """Of the alternatives, the one whose `type` is that of the value."""
        for kind in kinds:
            if self.types[kind].get("type", {}).get("is") == value.get("type"):
                yield from self._object(self.types[kind], value, f"{path}.")
                return
        yield f"{path}.type is none of {', '.join(kinds)}: {value.get('type')!r:.40}"


@cache
def description() -> Description:
    """Read once."""
    table = json.loads(TABLE.read_text())
    methods = {name.lower(): Described(name, taken) for name, taken in table["methods"].items()}
    return Description(methods, table["types"])


def _is_plain(kind: str, value: Any) -> bool:
    if kind == "Boolean":
        return isinstance(value, bool)
    if kind == "Integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "Float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "InputFile":
        return isinstance(value, str) and value.startswith("attach://")
    return kind == "String" and isinstance(value, str)


def _limits(field: Json, value: Any, path: str) -> Iterator[str]:
    if "length" in field and isinstance(value, str) and not field.get("parsed"):
        low, high, unit = field["length"]
        size = len(value.encode()) if unit == "bytes" else units(value)
        if not low <= size <= high:
            yield f"{path} has {size} {unit}, not {low} to {high}"
    if "values" in field and isinstance(value, int):
        low, high = field["values"]
        if not low <= value <= high:
            yield f"{path} is {value}, not {low} to {high}"
    if "count" in field and isinstance(value, list):
        low, high = field["count"]
        if not low <= len(value) <= high:
            yield f"{path} has {len(value)} entries, not {low} to {high}"


def _attached(value: Any) -> Iterator[str]:
    """The names behind `attach://` anywhere in a request."""
    if isinstance(value, str) and value.startswith("attach://"):
        yield value.removeprefix("attach://")
    elif isinstance(value, dict):
        for one in value.values():
            yield from _attached(one)
    elif isinstance(value, list):
        for one in value:
            yield from _attached(one)


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
